// Unique identifiers (lib/uuid.c).
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/uuid.h>

static bool has_hyphen(int at) { return at == 8 || at == 13 || at == 18 || at == 23; }

bool uuid_is_valid(const char* text) {
  for (int at = 0; at < UUID_STRING_LEN; at++)
    if (has_hyphen(at) ? text[at] != '-' : !isxdigit(text[at])) return false;
  return true;
}

// Where the byte n of the text lies in a guid_t.
static int guid_place(int n) { return n < 4 ? 3 - n : n < 8 ? n ^ 1 : n; }

static int parse(const char* text, __u8* b, bool guid) {
  int n = 0;

  if (!uuid_is_valid(text)) return -EINVAL;
  for (int at = 0; at < UUID_STRING_LEN; at += 2, n++) {
    if (has_hyphen(at)) at++;
    b[guid ? guid_place(n) : n] =
        (__u8)(hex_to_bin((unsigned char)text[at]) << 4 | hex_to_bin((unsigned char)text[at + 1]));
  }
  return 0;
}
int guid_parse(const char* text, guid_t* u) { return parse(text, u->b, true); }
int uuid_parse(const char* text, uuid_t* u) { return parse(text, u->b, false); }

// Version 4 (random), variant of RFC 4122.
static void random_uuid(__u8* b, int version_at) {
  get_random_bytes(b, UUID_SIZE);
  b[version_at] = (b[version_at] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
}
void guid_gen(guid_t* u) { random_uuid(u->b, 7); }
void uuid_gen(uuid_t* u) { random_uuid(u->b, 6); }
void generate_random_guid(unsigned char guid[16]) { random_uuid(guid, 7); }
void generate_random_uuid(unsigned char uuid[16]) { random_uuid(uuid, 6); }
