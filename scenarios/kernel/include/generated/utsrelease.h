/* The kernel's release. */
#ifndef TRAPLINE_GENERATED_UTSRELEASE_H
#define TRAPLINE_GENERATED_UTSRELEASE_H

#define UTS_RELEASE "6.1.0"

#endif
