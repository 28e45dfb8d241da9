# Part of the handler of #DB: may change rax, rcx, rdx.
  mov rax, dr6
.irp n, 0, 1, 2, 3
  test eax, DR6_B\n
  jz 1f
  inc dword ptr [seen3 - 4 * \n]
1:
.endr
  test eax, DR6_BS
  jz 1f
  inc dword ptr [steps]
1:
  mov eax, DR6_RESET
  mov dr6, rax
