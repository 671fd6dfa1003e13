/* Which seeds there are, and whose they are. */
#include <glib.h>

#include "cosim/regress/error.h"
#include "cosim/regress/parallel_seeds.h"

static GArray *seeds_of(const char *text, uint64_t base)
{
    g_autoptr(GError) error = NULL;
    GArray *seeds = parallel_seeds(text, base, &error);

    g_assert_no_error(error);
    return seeds;
}

static void test_range(void)
{
    g_autoptr(GArray) seeds = seeds_of("0x10..20", 99);

    g_assert_cmpuint(seeds->len, ==, 5);
    for (guint i = 0; i < seeds->len; i++) {
        g_assert_cmpuint(g_array_index(seeds, uint64_t, i), ==, 16 + i);
    }
}

static void test_highest(void)
{
    g_autoptr(GArray) seeds = seeds_of("0xfffffffffffffffe..0xffffffffffffffff", 0);

    g_assert_cmpuint(seeds->len, ==, 2);
    g_assert_cmpuint(g_array_index(seeds, uint64_t, 1), ==, UINT64_MAX);
}

static void test_derived(void)
{
    g_autoptr(GArray) some = seeds_of("5", 7);
    g_autoptr(GArray) more = seeds_of("1000", 7);
    g_autoptr(GArray) others = seeds_of("5", 8);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);

    g_assert_cmpuint(some->len, ==, 5);
    g_assert_cmpmem(some->data, 5 * sizeof(uint64_t), more->data, 5 * sizeof(uint64_t));
    g_assert_cmpuint(g_array_index(some, uint64_t, 0), !=, g_array_index(others, uint64_t, 0));
    for (guint i = 0; i < more->len; i++) {
        g_assert_true(g_hash_table_add(seen, &g_array_index(more, uint64_t, i)));
    }
    /* Whoever has noted a base must get the same seeds from later versions. */
    g_assert_cmphex(g_array_index(some, uint64_t, 0), ==, UINT64_C(0x63cbe1e459320dd7));
}

static void test_bad_seeds(void)
{
    static const char *const bad[] = { "",      "0",     "-1",       "red",
                                       "1..",   "..2",   "3..2",     "1.2",
                                       "1...2", "10001", "0..10000", "0..0xffffffffffffffff" };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(parallel_seeds(bad[i], 1, &error));
        g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    }
}

static void test_shares(void)
{
    for (uint64_t n = 1; n <= 13; n++) {
        for (uint64_t what = 0; what < 40; what++) {
            unsigned owners = 0;

            for (uint64_t i = 1; i <= n; i++) {
                g_autofree char *text =
                    g_strdup_printf("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, i, n);
                Share share;

                g_assert_true(parallel_share(text, &share, NULL));
                owners += share_has(&share, what);
            }
            g_assert_cmpuint(owners, ==, 1);
        }
    }
}

static void test_even_shares(void)
{
    for (uint64_t n = 1; n <= 13; n++) {
        for (uint64_t i = 1; i <= n; i++) {
            Share share = { .index = i, .of = n };
            unsigned has = 0;

            for (uint64_t what = 0; what < 40; what++) {
                has += share_has(&share, what);
            }
            g_assert_cmpuint(has, >=, 40 / n);
            g_assert_cmpuint(has, <=, 40 / n + 1);
        }
    }
}

static void test_whole(void)
{
    Share share;

    g_assert_true(parallel_share(NULL, &share, NULL));
    g_assert_true(share_has(&share, 0));
    g_assert_true(share_has(&share, UINT64_MAX));
}

static void test_bad_shares(void)
{
    static const char *const bad[] = {
        "", "/", "1", "1/", "/2", "0/2", "3/2", "1/0", "a/b", "1/2/3"
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        Share share;

        g_assert_false(parallel_share(bad[i], &share, &error));
        g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regress/seeds/range-has-each-number", test_range);
    g_test_add_func("/regress/seeds/range-ends-at-the-highest-number", test_highest);
    g_test_add_func("/regress/seeds/derived-ones-depend-on-base-and-never-repeat", test_derived);
    g_test_add_func("/regress/seeds/nonsense-is-refused", test_bad_seeds);
    g_test_add_func("/regress/shares/each-thing-has-one-owner", test_shares);
    g_test_add_func("/regress/shares/differ-by-one-at-most", test_even_shares);
    g_test_add_func("/regress/shares/none-asked-for-is-all", test_whole);
    g_test_add_func("/regress/shares/nonsense-is-refused", test_bad_shares);
    return g_test_run();
}
