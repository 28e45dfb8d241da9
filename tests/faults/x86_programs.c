// Random x86-64 programs.
#include <string.h>

#include "random_code.h"

#if defined(__x86_64__)

// What an instruction of the table has, and which of its forms are made.
enum {
  kModrm = 1,
  kImm8 = 2,
  kImm32 = 4,        // 16 bits with an operand-size prefix
  kUndefined = 8,    // it leaves some flags undefined: a comparison follows
  kWide = 16,        // REX.W and the operand-size prefix may be there
  kLock = 32,        // LOCK may be there
  kMemory = 64,      // the operand is in memory only
  kRegister = 128,   // in a register only
  kRepeat = 256,     // REP and REPNE may be there
  kPlain = 512,      // no prefix beyond these
  kForward = 1024,   // a displacement of 8 bits follows, to an instruction further on
  kForward32 = 2048,
};
struct instruction {
  unsigned char bytes[4];
  unsigned char size;
  signed char reg;   // the field /n, or -1: any
  unsigned short has;
};

// Intel SDM vol. 2, appendix A.
static const struct instruction kInstructions[] = {
#define ALU(op)                                                                                               \
  {{op}, 1, -1, kModrm | kLock}, {{op + 1}, 1, -1, kModrm | kWide | kLock}, {{op + 2}, 1, -1, kModrm},         \
      {{op + 3}, 1, -1, kModrm | kWide}, {{op + 4}, 1, -1, kImm8}, {{op + 5}, 1, -1, kImm32 | kWide}
    ALU(0x00), ALU(0x08), ALU(0x10), ALU(0x18), ALU(0x20), ALU(0x28), ALU(0x30), ALU(0x38),
#undef ALU
    {{0x80}, 1, -1, kModrm | kImm8 | kLock}, {{0x81}, 1, -1, kModrm | kImm32 | kWide | kLock}, {{0x83}, 1, -1, kModrm | kImm8 | kWide | kLock},
    {{0x84}, 1, -1, kModrm}, {{0x85}, 1, -1, kModrm | kWide}, {{0x86}, 1, -1, kModrm | kLock}, {{0x87}, 1, -1, kModrm | kWide | kLock},
    {{0x88}, 1, -1, kModrm}, {{0x89}, 1, -1, kModrm | kWide}, {{0x8a}, 1, -1, kModrm}, {{0x8b}, 1, -1, kModrm | kWide},
    {{0x8d}, 1, -1, kModrm | kWide | kMemory}, {{0x8f}, 1, 0, kModrm}, {{0x63}, 1, -1, kModrm | kWide},
    {{0xc6}, 1, 0, kModrm | kImm8}, {{0xc7}, 1, 0, kModrm | kImm32 | kWide},
    {{0xf6}, 1, 0, kModrm | kImm8}, {{0xf6}, 1, 2, kModrm | kLock}, {{0xf6}, 1, 3, kModrm}, {{0xf6}, 1, 4, kModrm | kUndefined},
    {{0xf6}, 1, 5, kModrm | kUndefined}, {{0xf6}, 1, 6, kModrm | kUndefined}, {{0xf6}, 1, 7, kModrm | kUndefined},
    {{0xf7}, 1, 0, kModrm | kImm32 | kWide}, {{0xf7}, 1, 2, kModrm | kWide | kLock}, {{0xf7}, 1, 3, kModrm | kWide},
    {{0xf7}, 1, 4, kModrm | kWide | kUndefined}, {{0xf7}, 1, 5, kModrm | kWide | kUndefined}, {{0xf7}, 1, 6, kModrm | kWide | kUndefined},
    {{0xf7}, 1, 7, kModrm | kWide | kUndefined},
    {{0xfe}, 1, 0, kModrm | kLock}, {{0xfe}, 1, 1, kModrm | kLock}, {{0xff}, 1, 0, kModrm | kWide | kLock}, {{0xff}, 1, 1, kModrm | kWide | kLock},
    {{0xff}, 1, 2, kModrm}, {{0xff}, 1, 4, kModrm}, {{0xff}, 1, 6, kModrm},
    {{0xc0}, 1, -1, kModrm | kImm8 | kUndefined}, {{0xc1}, 1, -1, kModrm | kImm8 | kWide | kUndefined}, {{0xd0}, 1, -1, kModrm | kUndefined},
    {{0xd1}, 1, -1, kModrm | kWide | kUndefined}, {{0xd2}, 1, -1, kModrm | kUndefined}, {{0xd3}, 1, -1, kModrm | kWide | kUndefined},
    {{0x0f, 0xa3}, 2, -1, kModrm | kUndefined}, {{0x0f, 0xab}, 2, -1, kModrm | kUndefined | kLock}, {{0x0f, 0xb3}, 2, -1, kModrm | kUndefined | kLock},
    {{0x0f, 0xbb}, 2, -1, kModrm | kUndefined | kLock}, {{0x0f, 0xba}, 2, 4, kModrm | kImm8 | kUndefined}, {{0x0f, 0xba}, 2, 5, kModrm | kImm8 | kUndefined},
    {{0x0f, 0xba}, 2, 6, kModrm | kImm8 | kUndefined}, {{0x0f, 0xba}, 2, 7, kModrm | kImm8 | kUndefined},
    {{0x48, 0x0f, 0xa4}, 3, -1, kModrm | kImm8 | kUndefined | kPlain}, {{0x48, 0x0f, 0xad}, 3, -1, kModrm | kUndefined | kPlain},
    {{0x0f, 0xaf}, 2, -1, kModrm | kWide | kUndefined}, {{0x69}, 1, -1, kModrm | kImm32 | kWide | kUndefined}, {{0x6b}, 1, -1, kModrm | kImm8 | kWide | kUndefined},
    {{0x0f, 0xb0}, 2, -1, kModrm | kLock}, {{0x0f, 0xb1}, 2, -1, kModrm | kWide | kLock}, {{0x0f, 0xc0}, 2, -1, kModrm | kLock},
    {{0x0f, 0xc1}, 2, -1, kModrm | kWide | kLock}, {{0x0f, 0xc7}, 2, 1, kModrm | kLock | kMemory}, {{0x48, 0x0f, 0xc7}, 3, 1, kModrm | kMemory | kPlain},
    {{0x0f, 0xb6}, 2, -1, kModrm | kWide}, {{0x0f, 0xb7}, 2, -1, kModrm | kWide}, {{0x0f, 0xbe}, 2, -1, kModrm | kWide}, {{0x0f, 0xbf}, 2, -1, kModrm | kWide},
    {{0x0f, 0x40}, 2, -1, kModrm | kWide}, {{0x0f, 0x43}, 2, -1, kModrm | kWide}, {{0x0f, 0x4a}, 2, -1, kModrm | kWide}, {{0x0f, 0x4e}, 2, -1, kModrm | kWide},
    {{0x0f, 0x92}, 2, -1, kModrm}, {{0x0f, 0x95}, 2, -1, kModrm}, {{0x0f, 0x90}, 2, -1, kModrm}, {{0x48, 0x0f, 0xc9}, 3, -1, kPlain},
    {{0x50}, 1, -1, 0}, {{0x53}, 1, -1, 0}, {{0x54}, 1, -1, 0}, {{0x56}, 1, -1, 0}, {{0x58}, 1, -1, 0}, {{0x5a}, 1, -1, 0}, {{0x5c}, 1, -1, 0}, {{0x5f}, 1, -1, 0},
    {{0x68}, 1, -1, kImm32 | kPlain}, {{0x6a}, 1, -1, kImm8}, {{0xc9}, 1, -1, kPlain}, {{0xc3}, 1, -1, kPlain}, {{0xc2, 8, 0}, 3, -1, kPlain},
    {{0xc8, 16, 0, 0}, 4, -1, kPlain}, {{0xc8, 16, 0, 1}, 4, -1, kPlain}, {{0xc8, 8, 0, 2}, 4, -1, kPlain}, {{0x9c}, 1, -1, kPlain},
    {{0xa4}, 1, -1, kRepeat}, {{0xa5}, 1, -1, kRepeat | kWide}, {{0xa6}, 1, -1, kRepeat}, {{0xa7}, 1, -1, kRepeat | kWide}, {{0xaa}, 1, -1, kRepeat},
    {{0xab}, 1, -1, kRepeat | kWide}, {{0xac}, 1, -1, kRepeat}, {{0xad}, 1, -1, kRepeat | kWide}, {{0xae}, 1, -1, kRepeat}, {{0xaf}, 1, -1, kRepeat | kWide},
    {{0x6c}, 1, -1, kRepeat}, {{0x6d}, 1, -1, kRepeat}, {{0x6e}, 1, -1, kRepeat}, {{0x6f}, 1, -1, kRepeat},
    {{0xe4}, 1, -1, kImm8}, {{0xe5}, 1, -1, kImm8}, {{0xe6}, 1, -1, kImm8}, {{0xe7}, 1, -1, kImm8}, {{0xec}, 1, -1, 0}, {{0xed}, 1, -1, 0}, {{0xee}, 1, -1, 0}, {{0xef}, 1, -1, 0},
    {{0xfa}, 1, -1, 0}, {{0xfb}, 1, -1, 0}, {{0xf4}, 1, -1, 0}, {{0x0f, 0x06}, 2, -1, 0}, {{0x0f, 0x08}, 2, -1, 0}, {{0x0f, 0x09}, 2, -1, 0},
    {{0x0f, 0x30}, 2, -1, 0}, {{0x0f, 0x32}, 2, -1, 0}, {{0x0f, 0x33}, 2, -1, 0}, {{0x0f, 0x20, 0xc0}, 3, -1, 0}, {{0x0f, 0x22, 0xc0}, 3, -1, 0}, {{0x0f, 0x21, 0xc0}, 3, -1, 0},
    {{0x0f, 0x23, 0xf8}, 3, -1, 0}, {{0x0f, 0x00}, 2, 2, kModrm}, {{0x0f, 0x00}, 2, 3, kModrm}, {{0x0f, 0x01}, 2, 2, kModrm | kMemory}, {{0x0f, 0x01}, 2, 3, kModrm | kMemory}, {{0x0f, 0x01}, 2, 7, kModrm | kMemory},
    {{0xcc}, 1, -1, kPlain}, {{0xcd, 0x21}, 2, -1, kPlain}, {{0xcd, 0x00}, 2, -1, kPlain}, {{0xcd, 0x03}, 2, -1, kPlain}, {{0xf1}, 1, -1, kPlain}, {{0x0f, 0x0b}, 2, -1, 0}, {{0x0f, 0xff}, 2, -1, kModrm}, {{0x0f, 0xb9}, 2, -1, kModrm},
    {{0x06}, 1, -1, 0}, {{0x27}, 1, -1, 0}, {{0x60}, 1, -1, kPlain}, {{0xd6}, 1, -1, 0}, {{0xea}, 1, -1, kImm32 | kPlain},
    {{0x98}, 1, -1, kWide}, {{0x99}, 1, -1, kWide}, {{0x9e}, 1, -1, 0}, {{0x9f}, 1, -1, 0}, {{0xf5}, 1, -1, 0}, {{0xf8}, 1, -1, 0}, {{0xf9}, 1, -1, 0}, {{0xfc}, 1, -1, 0}, {{0xfd}, 1, -1, 0},
    {{0xd7}, 1, -1, 0}, {{0x90}, 1, -1, 0}, {{0x0f, 0x1f}, 2, 0, kModrm}, {{0x0f, 0x18}, 2, 1, kModrm | kMemory}, {{0x0f, 0xae, 0xe8}, 3, -1, kPlain}, {{0x0f, 0xae, 0xf0}, 3, -1, kPlain},
    {{0x8c}, 1, 3, kModrm}, {{0x8e}, 1, 3, kModrm}, {{0x8e}, 1, 0, kModrm}, {{0x8e}, 1, 1, kModrm}, {{0x8e}, 1, 7, kModrm},
    {{0xeb}, 1, -1, kForward | kPlain}, {{0x70}, 1, -1, kForward | kPlain}, {{0x72}, 1, -1, kForward | kPlain}, {{0x75}, 1, -1, kForward | kPlain}, {{0x78}, 1, -1, kForward | kPlain}, {{0x7a}, 1, -1, kForward | kPlain},
    {{0x7d}, 1, -1, kForward | kPlain}, {{0xe2}, 1, -1, kForward | kPlain}, {{0xe0}, 1, -1, kForward | kPlain}, {{0xe3}, 1, -1, kForward | kPlain}, {{0xe8}, 1, -1, kForward32 | kPlain}, {{0x0f, 0x84}, 2, -1, kForward32 | kPlain},
    // SSE, without arithmetic, whose flags MXCSR does not show here
    {{0x0f, 0x10}, 2, -1, kModrm}, {{0x0f, 0x11}, 2, -1, kModrm}, {{0xf3, 0x0f, 0x10}, 3, -1, kModrm | kPlain}, {{0xf2, 0x0f, 0x11}, 3, -1, kModrm | kPlain}, {{0xf3, 0x0f, 0x6f}, 3, -1, kModrm | kPlain},
    {{0xf3, 0x0f, 0x7f}, 3, -1, kModrm | kPlain}, {{0x66, 0x0f, 0xd6}, 3, -1, kModrm | kPlain}, {{0x66, 0x0f, 0x7e}, 3, -1, kModrm | kPlain}, {{0x66, 0x0f, 0x13}, 3, -1, kModrm | kMemory | kPlain}, {{0x0f, 0x12}, 2, -1, kModrm | kMemory | kPlain},
    {{0xf2, 0x0f, 0xf0}, 3, -1, kModrm | kMemory | kPlain}, {{0x66, 0x0f, 0xef}, 3, -1, kModrm | kPlain | kRegister}, {{0x66, 0x0f, 0x6c}, 3, -1, kModrm | kPlain | kRegister}, {{0x66, 0x0f, 0xd7}, 3, -1, kModrm | kPlain | kRegister}, {{0x66, 0x0f, 0xf7}, 3, -1, kModrm | kPlain | kRegister},
    // x87
    {{0xd9}, 1, 0, kModrm | kMemory}, {{0xdb}, 1, 5, kModrm | kMemory}, {{0xdf}, 1, 5, kModrm | kMemory}, {{0xdb}, 1, 7, kModrm | kMemory}, {{0xdf}, 1, 7, kModrm | kMemory}, {{0xd9}, 1, 7, kModrm | kMemory}, {{0xdf}, 1, 6, kModrm | kMemory},
    {{0xd9, 0xe8}, 2, -1, kPlain}, {{0xd9, 0xee}, 2, -1, kPlain}, {{0xdd}, 1, 3, kModrm | kMemory}, {{0xdd}, 1, 7, kModrm | kMemory},
};

static size_t put_modrm(struct random* random, const struct instruction* i, unsigned char* out) {
  const unsigned reg = i->reg >= 0 ? (unsigned)i->reg : (unsigned)below(random, 8);
  unsigned mod = (unsigned)below(random, 4);
  if (i->has & kMemory) mod = (unsigned)below(random, 3);
  if (i->has & kRegister) mod = 3;
  const unsigned rm = (unsigned)below(random, 8);
  size_t size = 0;
  out[size++] = (unsigned char)(mod << 6 | reg << 3 | rm);
  if (mod == 3) return size;
  unsigned base = rm;
  if (rm == 4) {
    // An index is seldom small enough to be of use: often there is none.
    const unsigned index = one_in(random, 3) ? (unsigned)below(random, 8) : 4;
    base = (unsigned)below(random, 8);
    out[size++] = (unsigned char)(below(random, 4) << 6 | index << 3 | base);
  }
  if (mod == 1) out[size++] = (unsigned char)draw(random);
  if (mod == 2 || (mod == 0 && base == 5)) {
    const int32_t displacement = (int32_t)below(random, 256) - 128;
    memcpy(out + size, &displacement, 4), size += 4;
  }
  return size;
}

static size_t put_instruction(struct random* random, unsigned char* out, unsigned* forward) {
  const struct instruction* const i = &kInstructions[below(random, sizeof kInstructions / sizeof *kInstructions)];
  size_t size = 0;
  int wide_immediate = 1;
  if ((i->has & kLock) && one_in(random, 8)) out[size++] = 0xf0;
  if ((i->has & kRepeat) && one_in(random, 2)) out[size++] = one_in(random, 2) ? 0xf3 : 0xf2;
  if ((i->has & kWide) && one_in(random, 6)) out[size++] = 0x66, wide_immediate = 0;
  if (!(i->has & kPlain) && one_in(random, 24)) out[size++] = 0x67;
  if (!(i->has & kPlain) && !one_in(random, 3)) {
    unsigned rex = 0x40 | (unsigned)below(random, 8);
    if ((i->has & kWide) && wide_immediate && one_in(random, 2)) rex |= 8;
    out[size++] = (unsigned char)rex;
  }
  memcpy(out + size, i->bytes, i->size), size += i->size;
  if (i->has & kModrm) size += put_modrm(random, i, out + size);
  if (i->has & kImm8) out[size++] = (unsigned char)draw(random);
  if (i->has & kImm32) {
    const uint64_t immediate = draw(random);
    memcpy(out + size, &immediate, 4), size += wide_immediate ? 4 : 2;
  }
  *forward = 0;
  if (i->has & kForward) out[size++] = 0, *forward = 1;
  if (i->has & kForward32) memset(out + size, 0, 4), size += 4, *forward = 4;
  if (i->has & kUndefined) {
    const unsigned char compare[] = {0x48, 0x83, (unsigned char)(0xf8 + below(random, 8)), (unsigned char)draw(random)};
    memcpy(out + size, compare, sizeof compare), size += sizeof compare;
  }
  return size;
}

// Whether a system call begins somewhere in it.
static int calls(const unsigned char* code, size_t size) {
  for (size_t i = 0; i + 1 < size; ++i) {
    if (code[i] == 0x0f && (code[i + 1] == 0x05 || code[i + 1] == 0x34)) return 1;
    if (code[i] == 0xcd && code[i + 1] == 0x80) return 1;
  }
  return 0;
}

// A few bytes of anything. FS stays out: it is the library's.
static size_t put_bytes(struct random* random, unsigned char* out) {
  const size_t size = 1 + below(random, 6);
  for (size_t i = 0; i < size; ++i) {
    do out[i] = (unsigned char)(one_in(random, 8) ? 0x0f : draw(random));
    while (out[i] == 0x64 || out[i] == 0x65);
  }
  return size;
}

size_t make_program(struct random* random, enum kind kind, unsigned char* code, size_t room) {
  enum { kMost = 12, kLongest = 40 };
  size_t size = 0;
  do {
    unsigned at[kMost + 1], displacement[kMost] = {0};
    const unsigned number = 2 + (unsigned)below(random, kMost - 2);
    unsigned n = 0;
    size = 0;
    for (; n < number && size + kLongest < room; ++n) {
      at[n] = (unsigned)size;
      size += kind == kAny && one_in(random, 2) ? put_bytes(random, code + size)
                                                : put_instruction(random, code + size, &displacement[n]);
    }
    at[n] = (unsigned)size;
    for (unsigned i = 0; i < n; ++i) {
      if (displacement[i] == 0) continue;
      code[at[i + 1] - displacement[i]] = (unsigned char)(at[i + 1 + below(random, n - i)] - at[i + 1]);
    }
  } while (calls(code, size));
  return size;
}

#endif
