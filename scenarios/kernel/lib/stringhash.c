// Hashes of names (fs/namei.c), byte by byte as where words are not read at once.
#include <linux/stringhash.h>

unsigned int full_name_hash(const void* salt, const char* name, unsigned int n) {
  unsigned long hash = init_name_hash(salt);

  while (n--) hash = partial_name_hash((unsigned char)*name++, hash);
  return end_name_hash(hash);
}

u64 hashlen_string(const void* salt, const char* name) {
  unsigned long hash = init_name_hash(salt), n = 0;

  for (; name[n]; n++) hash = partial_name_hash((unsigned char)name[n], hash);
  return hashlen_create(end_name_hash(hash), n);
}
