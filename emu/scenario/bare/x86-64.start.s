# Around a bare C program.
.file "start.s"                  # else the symbol table has the name of a temporary file
.include "bare.inc"
bare_start
  call main
  done
