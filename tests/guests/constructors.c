// Constructors and destructors by priority.
#include <stdio.h>

__attribute__((constructor(300))) static void c300(void) { puts("constructor 300"); }
__attribute__((constructor(101))) static void c101(void) { puts("constructor 101"); }
__attribute__((constructor)) static void last(void) { puts("constructor"); }
__attribute__((destructor(101))) static void d101(void) { puts("destructor 101"); }
__attribute__((destructor(300))) static void d300(void) { puts("destructor 300"); }

int main(void) { puts("main"); }
