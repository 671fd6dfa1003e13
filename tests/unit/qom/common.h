/* What the tests of the object model share. */
#ifndef TESTS_UNIT_QOM_COMMON_H
#define TESTS_UNIT_QOM_COMMON_H

#include <glib.h>

#include "qom/object.h"

/* Asserts that @call failed with exactly @text (a generic error), and forgets the error. */
#define assert_fails(call, text)                                                                   \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        g_assert_false(call);                                                                      \
        g_assert_error(error, QOM_ERROR, QOM_ERROR_GENERIC);                                       \
        g_assert_cmpstr(error->message, ==, text);                                                 \
    } while (0)

#define assert_not_found(call, text)                                                               \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        g_assert_false(call);                                                                      \
        g_assert_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);                              \
        g_assert_cmpstr(error->message, ==, text);                                                 \
    } while (0)

/* Asserts that @call succeeds and leaves @error alone. */
#define assert_works(call)                                                                         \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        g_assert_true(call);                                                                       \
        g_assert_no_error(error);                                                                  \
    } while (0)

/* Asserts that an owned string is @expected, and frees it. */
static inline void assert_string(char *owned, const char *expected)
{
    g_assert_cmpstr(owned, ==, expected);
    g_free(owned);
}

/* Runs @body in a process of its own and asserts that it aborts and says @pattern. */
static inline void assert_aborts(void (*body)(void), const char *pattern)
{
    if (g_test_subprocess()) {
        body();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(pattern);
}

#endif
