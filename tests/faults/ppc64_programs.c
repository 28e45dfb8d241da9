// Random PPC64 programs.
#include <string.h>

#include "random_code.h"

#if !defined(__x86_64__)

// Power ISA v2.07 Book I, appendix: the fields of an instruction.
static uint32_t word(uint32_t primary, uint32_t rest) { return primary << 26 | (rest & 0x3ffffff); }
static uint32_t extended(uint32_t primary, uint32_t fields, uint32_t xo, uint32_t record) {
  return word(primary, (fields & ~0x7ffu) | xo << 1 | record);
}

enum { kSystemCall = 17 };  // primary opcode of sc and scv

// Loads and stores that have a primary opcode of their own are the most of what faults.
static uint32_t known(struct random* random) {
  static const uint16_t storage[] = {23,  87,  119, 279, 311, 343, 375, 21,  53,  341, 373, 151, 183, 215, 247, 407, 439, 149, 181, 20,  84,
                                     535, 567, 599, 631, 663, 695, 727, 759, 983, 790, 918, 534, 662, 532, 660, 150, 214, 597, 725, 533, 661,
                                     103, 359, 231, 487, 7,   39,  71,  135, 167, 199, 1014, 86, 54,  278, 246, 470, 758, 588, 716, 844, 972};
  static const uint16_t arithmetic[] = {266, 10, 138, 234, 202, 40, 8, 136, 232, 200, 104, 235, 233, 11, 75, 9, 73, 491, 459, 489, 457, 28,
                                        60,  444, 412, 316, 476, 284, 124, 24, 27, 536, 539, 792, 794, 824, 826, 26, 58, 922, 954, 986, 0, 32, 4, 68, 19, 144, 339, 467, 83};
  const uint32_t fields = (uint32_t)draw(random);
  switch (below(random, 8)) {
    case 0:
    case 1:
      return word(32 + (uint32_t)below(random, 24), (fields & 0x3ff0000) | ((uint16_t)below(random, 160) - 80 & 0xffff));
    case 2:
      return word(one_in(random, 2) ? 58 : 62, (fields & 0x3ff0003) | ((uint16_t)below(random, 160) - 80 & 0xfffc));
    case 3:
      return extended(31, fields, storage[below(random, sizeof storage / sizeof *storage)], 0);
    case 4:
      return extended(31, fields, arithmetic[below(random, sizeof arithmetic / sizeof *arithmetic)], fields & 1);
    case 5:
      return word(7 + (uint32_t)below(random, 24) % 24, fields);
    case 6:
      return word(one_in(random, 2) ? 2 : 3, fields);  // tdi, twi
    default:
      return word(14, (fields & 0x3ff0000) | (uint16_t)below(random, 256));
  }
}

size_t make_program(struct random* random, enum kind kind, unsigned char* code, size_t room) {
  const unsigned number = 2 + (unsigned)below(random, 14);
  size_t size = 0;
  for (unsigned i = 0; i < number && size + 4 <= room; ++i) {
    uint32_t made = 0;
    do {
      made = known(random);
      if (kind == kAny && !one_in(random, 3)) {
        static const uint8_t wide[] = {31, 31, 31, 4, 19, 59, 60, 63, 56, 57, 61, 1, 5, 6};
        made = one_in(random, 2) ? (uint32_t)draw(random) : word(wide[below(random, sizeof wide)], (uint32_t)draw(random));
      }
      // Branches go on, by little.
      if (made >> 26 == 16) made = (made & 0xffff0000) | (4 * (1 + (uint32_t)below(random, 4)) + (made & 1));
      if (made >> 26 == 18) made = word(18, 4 * (1 + (uint32_t)below(random, 4)) | (made & 1));
      // Time is not the model's alone to say.
      if (kind == kKnown && made >> 26 == 31 && (made >> 1 & 0x3ff) == 339 && (made >> 11 & 0x3ff) != 0x100 && (made >> 11 & 0x3ff) != 0x120) made = 0x60000000;
    } while (made >> 26 == kSystemCall);
    memcpy(code + size, &made, 4), size += 4;
  }
  return size;
}

#endif
