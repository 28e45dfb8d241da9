# Part of the handler of #DB: may change rax, rcx, rdx.
  mov rax, dr6
  TODO
