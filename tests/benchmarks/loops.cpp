#include "loops.hpp"

#include <initializer_list>
#include <span>

namespace trapline::benchmarks {

namespace {

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
  std::vector<std::byte> code;
  for (const unsigned value : values) code.push_back(static_cast<std::byte>(value));
  return code;
}

// Big-endian instruction words.
std::vector<std::byte> words(std::initializer_list<std::uint32_t> values) {
  std::vector<std::byte> code;
  for (const std::uint32_t value : values) {
    for (int shift = 24; shift >= 0; shift -= 8) code.push_back(static_cast<std::byte>(value >> shift));
  }
  return code;
}

bool is_x86(isa::Isa isa) { return isa == isa::Isa::X86_64; }

}  // namespace

std::vector<std::byte> Loop::program(isa::Isa isa) const {
  const std::vector<std::byte> exit = is_x86(isa) ? bytes({0x31, 0xff,                    // xor edi, edi
                                                           0xb8, 0xe7, 0x00, 0x00, 0x00,  // mov eax, 231
                                                           0x0f, 0x05})                   // syscall
                                                  : words({0x38600000,                    // li r3, 0
                                                           0x380000ea,                    // li r0, 234
                                                           0x44000002});                  // sc
  std::vector<std::byte> whole = code;
  whole.insert(whole.end(), exit.begin(), exit.end());
  return whole;
}

Loop store_heavy(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x48, 0x89, 0x0b,              // 1: mov [rbx], rcx
                           0x48, 0x03, 0x43, 0x08,        //    add rax, [rbx+8]
                           0x31, 0x43, 0x10,              //    xor [rbx+16], eax
                           0x48, 0x8d, 0x54, 0x10, 0x01,  //    lea rdx, [rax+rdx+1]
                           0x48, 0x01, 0xd0,              //    add rax, rdx
                           0x48, 0xff, 0xc9,              //    dec rcx
                           0x75, 0xe9}),                  //    jnz 1b
            .accesses = 4};
  }
  return {.code = words({0xf8830000,    // 1: std r4, 0(r3)
                         0xe8a30008,    //    ld r5, 8(r3)
                         0x7c842a14,    //    add r4, r4, r5
                         0x80a30010,    //    lwz r5, 16(r3)
                         0x7ca52278,    //    xor r5, r5, r4
                         0x90a30010,    //    stw r5, 16(r3)
                         0x7cc62214,    //    add r6, r6, r4
                         0x38c60001,    //    addi r6, r6, 1
                         0x7c843214,    //    add r4, r4, r6
                         0x4200ffdc}),  //    bdnz 1b
          .accesses = 4};
}

Loop call_heavy(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x48, 0x89, 0xcf,              // 1: mov rdi, rcx
                           0xe8, 0x0a, 0x00, 0x00, 0x00,  //    call 2f
                           0x48, 0x01, 0xc2,              //    add rdx, rax
                           0x48, 0xff, 0xc9,              //    dec rcx
                           0x75, 0xf0,                    //    jnz 1b
                           0xeb, 0x09,                    //    jmp 3f
                           0x48, 0x8d, 0x44, 0x7f, 0x01,  // 2: lea rax, [rdi+rdi*2+1]
                           0x48, 0x31, 0xd0,              //    xor rax, rdx
                           0xc3}),                        //    ret
            .accesses = 2};                               // 3:
  }
  return {.code = words({0x38840001,    // 1: addi r4, r4, 1
                         0x48000011,    //    bl 2f
                         0x7cc62a14,    //    add r6, r6, r5
                         0x4200fff4,    //    bdnz 1b
                         0x48000010,    //    b 3f
                         0x7ca42214,    // 2: add r5, r4, r4
                         0x7ca53278,    //    xor r5, r5, r6
                         0x4e800020}),  //    blr
          .accesses = 0};               // 3:
}

Loop branch_heavy(isa::Isa isa) {
  if (is_x86(isa)) {
    return {
        .code = bytes(
            {0x49, 0xb8, 0x2d, 0x7f, 0x95, 0x4c, 0x2d, 0xf4, 0x51, 0x58,  //    mov r8, 6364136223846793005
             0x49, 0xb9, 0x4f, 0x81, 0x67, 0xf7, 0x7e, 0x7b, 0x05, 0x14,  //    mov r9, 1442695040888963407
             0x49, 0x0f, 0xaf, 0xc0,                                      // 1: imul rax, r8
             0x4c, 0x01, 0xc8,                                            //    add rax, r9
             0x48, 0x0f, 0xba, 0xe0, 0x21,                                //    bt rax, 33
             0x73, 0x04,                                                  //    jnc 2f
             0x48, 0x83, 0xc2, 0x03,                                      //    add rdx, 3
             0x48, 0x0f, 0xba, 0xe0, 0x29,                                // 2: bt rax, 41
             0x72, 0x03,                                                  //    jc 3f
             0x48, 0x31, 0xc2,                                            //    xor rdx, rax
             0x48, 0x0f, 0xba, 0xe0, 0x34,                                // 3: bt rax, 52
             0x73, 0x03,                                                  //    jnc 4f
             0x48, 0xff, 0xc2,                                            //    inc rdx
             0x48, 0xff, 0xc9,                                            // 4: dec rcx
             0x75, 0xd5}),                                                //    jnz 1b
        .accesses = 0};
  }
  return {.code = words({0x3d005851,    //    lis r8, 0x5851
                         0x6108f42d,    //    ori r8, r8, 0xf42d
                         0x790807c6,    //    sldi r8, r8, 32
                         0x65084c95,    //    oris r8, r8, 0x4c95
                         0x61087f2d,    //    ori r8, r8, 0x7f2d
                         0x7c8441d2,    // 1: mulld r4, r4, r8
                         0x3884014f,    //    addi r4, r4, 335
                         0x7885ffe1,    //    rldicl. r5, r4, 31, 63
                         0x41820008,    //    beq 2f
                         0x38c60003,    //    addi r6, r6, 3
                         0x7885bfe1,    // 2: rldicl. r5, r4, 23, 63
                         0x40820008,    //    bne 3f
                         0x7cc62278,    //    xor r6, r6, r4
                         0x788567e1,    // 3: rldicl. r5, r4, 12, 63
                         0x41820008,    //    beq 4f
                         0x38c60001,    //    addi r6, r6, 1
                         0x4200ffd4}),  // 4: bdnz 1b
          .accesses = 0};
}

Loop store_only(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x48, 0x89, 0x0b,  // 1: mov [rbx], rcx
                           0x48, 0xff, 0xc9,  //    dec rcx
                           0x75, 0xf8}),      //    jnz 1b
            .accesses = 1};
  }
  return {.code = words({0xf8830000,    // 1: std r4, 0(r3)
                         0x38840001,    //    addi r4, r4, 1
                         0x4200fff8}),  //    bdnz 1b
          .accesses = 1};
}

Loop rare_store(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x48, 0x89, 0x0b,              // 1: mov [rbx], rcx
                           0xba, 0x4c, 0x01, 0x00, 0x00,  //    mov edx, 332
                           0x48, 0x01, 0xd0,              // 2: add rax, rdx
                           0xff, 0xca,                    //    dec edx
                           0x75, 0xf9,                    //    jnz 2b
                           0x48, 0xff, 0xc9,              //    dec rcx
                           0x75, 0xec}),                  //    jnz 1b
            .accesses = 1};
  }
  return {.code = words({0xf8830000,    // 1: std r4, 0(r3)
                         0x38a0014c,    //    li r5, 332
                         0x7c842a14,    // 2: add r4, r4, r5
                         0x34a5ffff,    //    addic. r5, r5, -1
                         0x4082fff8,    //    bne 2b
                         0x4200ffec}),  //    bdnz 1b
          .accesses = 1};
}

Loop no_access(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x48, 0xff, 0xc0,  // 1: inc rax
                           0x48, 0xff, 0xc9,  //    dec rcx
                           0x75, 0xf8})};     //    jnz 1b
  }
  return {.code = words({0x38840001,     // 1: addi r4, r4, 1
                         0x38a50001,     //    addi r5, r5, 1
                         0x4200fff8})};  //    bdnz 1b
}

Loop pass_on(isa::Isa isa) {
  if (is_x86(isa)) {
    return {.code = bytes({0x4c, 0x89, 0xe7,              // 1: mov rdi, r12
                           0x48, 0x89, 0xde,              //    mov rsi, rbx
                           0xba, 0x01, 0x00, 0x00, 0x00,  //    mov edx, 1
                           0x31, 0xc0,                    //    xor eax, eax
                           0x0f, 0x05,                    //    syscall
                           0x4c, 0x89, 0xef,              //    mov rdi, r13
                           0x48, 0x89, 0xde,              //    mov rsi, rbx
                           0xba, 0x01, 0x00, 0x00, 0x00,  //    mov edx, 1
                           0xb8, 0x01, 0x00, 0x00, 0x00,  //    mov eax, 1
                           0x0f, 0x05,                    //    syscall
                           0x49, 0xff, 0xce,              //    dec r14
                           0x75, 0xda})};                 //    jnz 1b
  }
  return {.code = words({0x7dc37378,     // 1: mr r3, r14
                         0x7e048378,     //    mr r4, r16
                         0x38a00001,     //    li r5, 1
                         0x38000003,     //    li r0, 3
                         0x44000002,     //    sc
                         0x7de37b78,     //    mr r3, r15
                         0x7e048378,     //    mr r4, r16
                         0x38a00001,     //    li r5, 1
                         0x38000004,     //    li r0, 4
                         0x44000002,     //    sc
                         0x4200ffd8})};  //    bdnz 1b
}

Loop nothing() { return {}; }

}  // namespace trapline::benchmarks
