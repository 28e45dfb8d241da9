/* Failures reported from code under test. */
#ifndef TRAPLINE_KUNIT_TEST_BUG_H
#define TRAPLINE_KUNIT_TEST_BUG_H

#include <kunit/test.h>

#endif
