/* __stringify(): an argument, expanded, as a string. */
#ifndef TRAPLINE_LINUX_STRINGIFY_H
#define TRAPLINE_LINUX_STRINGIFY_H

#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)

#endif
