#include "server/suggest.h"

#include <stdint.h>

#include <glib.h>

static void test_distance(void)
{
    g_assert_cmpuint(suggest_distance("device", "device"), ==, 0);
    g_assert_cmpuint(suggest_distance("devcie", "device"), ==, 1); /* swapped */
    g_assert_cmpuint(suggest_distance("devce", "device"), ==, 1);  /* removed */
    g_assert_cmpuint(suggest_distance("devicee", "device"), ==, 1);
    g_assert_cmpuint(suggest_distance("devixe", "device"), ==, 1);
    g_assert_cmpuint(suggest_distance("", "abc"), ==, 3);
    g_assert_cmpuint(suggest_distance("abc", ""), ==, 3);
    g_assert_cmpuint(suggest_distance("kitten", "sitting"), ==, 3);
    g_assert_cmpuint(suggest_distance("abcdef", "badcfe"), ==, 3);
}

static void test_long_words(void)
{
    g_autofree char *word = g_strnfill(63, 'x');
    g_autofree char *longer = g_strnfill(64, 'x');

    g_assert_cmpuint(suggest_distance(word, word), ==, 0);
    g_assert_cmpuint(suggest_distance(word, longer), ==, SIZE_MAX);
}

static void test_nearest(void)
{
    static const char *const words[] = { "machine", "device", "object", "M", NULL };
    static const char *const none[] = { NULL };

    g_assert_cmpstr(suggest_nearest("devise", words), ==, "device");
    g_assert_cmpstr(suggest_nearest("MACHINE", words), ==, "machine");
    g_assert_cmpstr(suggest_nearest("m", words), ==, "M");
    g_assert_cmpstr(suggest_nearest("x", words), ==, NULL);
    g_assert_cmpstr(suggest_nearest("bicycle", words), ==, NULL);
    g_assert_cmpstr(suggest_nearest("device", none), ==, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/suggest/distance-counts-single-mistakes", test_distance);
    g_test_add_func("/server/suggest/words-beyond-measure-are-far-from-all", test_long_words);
    g_test_add_func("/server/suggest/only-near-words-are-suggested", test_nearest);
    return g_test_run();
}
