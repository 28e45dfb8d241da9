# Around a bare C program.
.file "start.s"                  # else the symbol table has the name of a temporary file
.include "bare.inc"
bare_start
  lis 2, .TOC.@h
  ori 2, 2, .TOC.@l
  stdu 1, -112(1)                # a frame of ELFv1's least size
  bl main
  nop
  done
