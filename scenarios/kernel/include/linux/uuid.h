/* Unique identifiers: uuid_t has the bytes in the order of the text, guid_t the first three numbers with the
   lower byte first. */
#ifndef TRAPLINE_LINUX_UUID_H
#define TRAPLINE_LINUX_UUID_H

#include <linux/string.h>
#include <linux/types.h>
#define UUID_SIZE 16
#define UUID_STRING_LEN 36
typedef struct {
  __u8 b[UUID_SIZE];
} guid_t;
typedef struct {
  __u8 b[UUID_SIZE];
} uuid_t;
typedef guid_t uuid_le;
#define __UUID_BYTES(d0, d1, d2, d3, d4, d5, d6, d7) d0, d1, d2, d3, d4, d5, d6, d7
#define GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                  \
  ((guid_t){{(a)&0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff, (b)&0xff, \
             ((b) >> 8) & 0xff, (c)&0xff, ((c) >> 8) & 0xff, __UUID_BYTES(d0, d1, d2, d3, d4, d5, d6, d7)}})
#define UUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                           \
  ((uuid_t){{((a) >> 24) & 0xff, ((a) >> 16) & 0xff, ((a) >> 8) & 0xff, (a)&0xff, ((b) >> 8) & 0xff, \
             (b)&0xff, ((c) >> 8) & 0xff, (c)&0xff, __UUID_BYTES(d0, d1, d2, d3, d4, d5, d6, d7)}})
#define UUID_LE(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7) GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)
#define guid_null ((const guid_t){{0}})
#define uuid_null ((const uuid_t){{0}})
static inline bool guid_equal(const guid_t* a, const guid_t* b) { return !memcmp(a, b, sizeof(*a)); }
static inline bool uuid_equal(const uuid_t* a, const uuid_t* b) { return !memcmp(a, b, sizeof(*a)); }
static inline void guid_copy(guid_t* to, const guid_t* from) { *to = *from; }
static inline void uuid_copy(uuid_t* to, const uuid_t* from) { *to = *from; }
static inline void import_guid(guid_t* to, const __u8* from) { memcpy(to, from, sizeof(*to)); }
static inline void import_uuid(uuid_t* to, const __u8* from) { memcpy(to, from, sizeof(*to)); }
static inline void export_guid(__u8* to, const guid_t* from) { memcpy(to, from, sizeof(*from)); }
static inline void export_uuid(__u8* to, const uuid_t* from) { memcpy(to, from, sizeof(*from)); }
static inline bool guid_is_null(const guid_t* u) { return guid_equal(u, &guid_null); }
static inline bool uuid_is_null(const uuid_t* u) { return uuid_equal(u, &uuid_null); }
bool uuid_is_valid(const char* text);
int guid_parse(const char* text, guid_t* u);
int uuid_parse(const char* text, uuid_t* u);
void guid_gen(guid_t* u);
void uuid_gen(uuid_t* u);
void generate_random_uuid(unsigned char uuid[16]);
void generate_random_guid(unsigned char guid[16]);

#endif
