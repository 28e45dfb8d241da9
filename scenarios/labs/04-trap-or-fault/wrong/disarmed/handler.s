# The handler of #DB. On its stack, after the push: the saved rip at [rsp + 8], cs at [rsp + 16], rflags at [rsp + 24].
on_debug:
  push rax
  mov rax, dr6
  test al, 1 << @{x}              # the execution
  jz 1f
  inc dword ptr [faults]
  mov eax, DR7_RESET
  mov dr7, rax
  mov rax, dr6
1:
  test al, 1 << @{w}              # the write
  jz 2f
  inc dword ptr [traps]
2:
  mov eax, DR6_RESET
  mov dr6, rax
  pop rax
  iretq
