/* What a test holds: test.h has it. */
#ifndef TRAPLINE_KUNIT_RESOURCE_H
#define TRAPLINE_KUNIT_RESOURCE_H

#include <kunit/test.h>

#endif
