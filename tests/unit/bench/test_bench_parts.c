/* What qosim-bench makes of its samples. */
#include <locale.h>

#include <glib/gstdio.h>

#include "cosim/bench/bench.h"
#include "tests/unit/bench/json.h"

static GArray *array_of(const double *values, guint n)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(double));

    g_array_append_vals(array, values, n);
    return array;
}

static void test_median_of_even_and_odd_counts(void)
{
    g_autoptr(GArray) odd = array_of((double[]){ 5, 1, 3 }, 3);
    g_autoptr(GArray) even = array_of((double[]){ 4, 1, 3, 2 }, 4);
    g_autoptr(GArray) none = array_of(NULL, 0);

    g_assert_cmpfloat(bench_median(odd), ==, 3);
    g_assert_cmpfloat(bench_median(even), ==, 2.5);
    g_assert_cmpfloat(bench_median(none), ==, 0);
    g_assert_cmpfloat(bench_mean(even), ==, 2.5);
    g_assert_cmpfloat(bench_mean(none), ==, 0);
}

static void test_percentile_is_a_value_that_was_measured(void)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));

    g_assert_cmpfloat(bench_percentile(values, 0.5), ==, 0);
    for (int i = 1000; i > 0; i--) {
        double value = i;

        g_array_append_val(values, value);
    }
    g_assert_cmpfloat(bench_percentile(values, 0), ==, 1);
    g_assert_cmpfloat(bench_percentile(values, 0.5), ==, 500);
    g_assert_cmpfloat(bench_percentile(values, 0.99), ==, 990);
    g_assert_cmpfloat(bench_percentile(values, 0.999), ==, 999);
    g_assert_cmpfloat(bench_percentile(values, 1), ==, 1000);
}

static void add_round(BenchLoop *loop, uint64_t operations, double seconds)
{
    BenchRound round = { operations, seconds, seconds / 2, seconds / 4 };

    g_array_append_val(loop->rounds, round);
}

static void start_loop(BenchLoop *loop)
{
    loop->rounds = g_array_new(FALSE, FALSE, sizeof(BenchRound));
    loop->times = g_array_new(FALSE, FALSE, sizeof(double));
}

/* One round in which the machine was busy changes neither the median nor the ratio. */
static void test_a_disturbed_round_does_not_count(void)
{
    BenchLoop loop = { .name = "loop" };
    BenchLoop base = { .name = "base" };
    BenchSummary s;

    start_loop(&loop);
    start_loop(&base);
    add_round(&loop, 1000, 2e-6 * 1000);
    add_round(&base, 1000, 1e-6 * 1000);
    add_round(&loop, 10, 900e-6 * 10);
    add_round(&base, 10, 1e-6 * 10);
    add_round(&loop, 500, 4e-6 * 500);
    add_round(&base, 500, 2e-6 * 500);
    s = bench_loop_summary(&loop);
    g_assert_cmpfloat_with_epsilon(s.mean_ns, 4000, 1e-6);
    g_assert_cmpfloat_with_epsilon(s.best_ns, 2000, 1e-6);
    g_assert_cmpfloat_with_epsilon(s.own_cpu_ns, 6.5e6 / 1510, 1e-3);
    g_assert_cmpfloat_with_epsilon(s.peer_cpu_ns, 3.25e6 / 1510, 1e-3);
    g_assert_cmpfloat_with_epsilon(s.per_second, 250000, 1e-3);
    g_assert_cmpfloat(s.p99_ns, ==, 0);
    g_assert_cmpfloat_with_epsilon(bench_loop_ratio(&loop, &base), 2, 1e-9);
    bench_loop_clear(&loop);
    bench_loop_clear(&base);
}

static void test_numbers_show_three_digits(void)
{
    const struct {
        double value;
        const char *text;
    } cases[] = { { 0, "-" },        { 0.1234, "0.123" }, { 1.234, "1.23" },
                  { 12.34, "12.3" }, { 123.4, "123" },    { 1841030.4, "1841030" } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = bench_number(cases[i].value);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static BenchExit run_nothing(int argc G_GNUC_UNUSED, char **argv G_GNUC_UNUSED)
{
    return BENCH_OK;
}

/* The comma of a locale must not get into the file, nor may a text end its quotes. */
static void test_json_of_odd_texts_and_numbers(void)
{
    const BenchCommand command = { .name = "odd \"name\"\\\n", .run = run_nothing };
    g_autofree char *directory = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "file", NULL);
    const BenchOptions options = { .json = path };
    g_autoptr(GHashTable) json = NULL;
    g_autofree char *text = NULL;
    BenchJson *j;

    (void)setlocale(LC_NUMERIC, "de_DE.UTF-8");
    j = bench_json_new(&command, &options);
    bench_json_open(j, "empty", '[');
    bench_json_close(j);
    bench_json_open(j, "list", '[');
    bench_json_number(j, NULL, 1.5);
    bench_json_number(j, NULL, 0.0 / 0.0);
    bench_json_bool(j, NULL, true);
    bench_json_open(j, NULL, '{');
    bench_json_text(j, "last", "\x01");
    g_assert_true(bench_json_finish(j, &options, NULL));
    (void)setlocale(LC_NUMERIC, "C");

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    json = json_read(text);
    g_assert_nonnull(json);
    g_assert_cmpstr(g_hash_table_lookup(json, "/command"), ==, "odd \"name\"\\u000a");
    g_assert_cmpfloat(json_number(json, "/list/0"), ==, 1.5);
    g_assert_cmpstr(g_hash_table_lookup(json, "/list/1"), ==, "null");
    g_assert_cmpstr(g_hash_table_lookup(json, "/list/2"), ==, "true");
    g_assert_cmpstr(g_hash_table_lookup(json, "/list/3/last"), ==, "u0001");
    (void)g_remove(path);
    (void)g_rmdir(directory);
}

static void test_json_that_cannot_be_written_is_an_error(void)
{
    const BenchCommand command = { .name = "name", .run = run_nothing };
    const BenchOptions options = { .json = (char *)"/nonexistent/file" };
    g_autoptr(GError) error = NULL;

    g_assert_false(bench_json_finish(bench_json_new(&command, &options), &options, &error));
    g_assert_nonnull(error);
}

static bool count(void *opaque, uint64_t n, GError **error)
{
    uint64_t *total = opaque;

    *total += n;
    return *total < 1000000 || n < 64 || bench_fail(error, "enough");
}

static void test_every_round_has_whole_units(void)
{
    const BenchOptions options = { .rounds = 3, .round_ms = 1 };
    uint64_t total = 0;
    BenchLoop loop = { .name = "units", .run = count, .opaque = &total, .unit = 16 };
    g_autoptr(GError) error = NULL;

    (void)bench_measure(&loop, 1, &options, &error);
    for (guint i = 0; i < loop.rounds->len; i++) {
        const BenchRound *round = &g_array_index(loop.rounds, BenchRound, i);

        g_assert_cmpuint(round->operations % 16, ==, 0);
        g_assert_cmpuint(round->operations, >, 0);
    }
    bench_loop_clear(&loop);
}

static bool refuse(void *opaque G_GNUC_UNUSED, uint64_t n G_GNUC_UNUSED, GError **error)
{
    return bench_fail(error, "no");
}

static void test_a_loop_that_fails_is_named(void)
{
    const BenchOptions options = { .rounds = 1, .round_ms = 1 };
    BenchLoop loop = { .name = "this one", .run = refuse };
    g_autoptr(GError) error = NULL;

    g_assert_false(bench_measure(&loop, 1, &options, &error));
    g_assert_cmpstr(error->message, ==, "this one: no");
    bench_loop_clear(&loop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench/stats/median-of-even-and-odd-counts",
                    test_median_of_even_and_odd_counts);
    g_test_add_func("/bench/stats/percentile-is-a-value-that-was-measured",
                    test_percentile_is_a_value_that_was_measured);
    g_test_add_func("/bench/measure/a-disturbed-round-does-not-count",
                    test_a_disturbed_round_does_not_count);
    g_test_add_func("/bench/measure/every-round-has-whole-units", test_every_round_has_whole_units);
    g_test_add_func("/bench/measure/a-loop-that-fails-is-named", test_a_loop_that_fails_is_named);
    g_test_add_func("/bench/report/numbers-show-three-digits", test_numbers_show_three_digits);
    g_test_add_func("/bench/report/json-of-odd-texts-and-numbers",
                    test_json_of_odd_texts_and_numbers);
    g_test_add_func("/bench/report/json-that-cannot-be-written-is-an-error",
                    test_json_that_cannot_be_written_is_an_error);
    return g_test_run();
}
