/* Goal files, databases of coverage and mask files: what they mean, and how mistakes in them are told. */
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "cosim/regress/coverage_file.h"
#include "cosim/regress/device_gpio.h"
#include "cosim/regress/error.h"
#include "cosim/regress/goals.h"
#include "cosim/regress/mask_file.h"

static size_t index_of(const Coverage *coverage, const char *name)
{
    const CoverPoint *point = coverage_point_named(coverage, name);

    g_assert_nonnull(point);
    return (size_t)(point - coverage_point(coverage, 0));
}

static void assert_usage(const GError *error, const char *expected)
{
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    g_assert_cmpstr(error->message, ==, expected);
}

/* --- Goals --- */

static void test_later_lines_hold(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GError) error = NULL;
    g_autoptr(Goals) goals = goals_parse("g",
                                         "# all\ngoal ds.*\n\ngoal ds.read.0-1[3-5,9] 7 # more\n"
                                         "exclude ds.read.0-1[4]  # why\n"
                                         "goal ds.write.lanes[0110,1111] 2\n",
                                         coverage, &error);
    size_t up = index_of(coverage, "ds.read.0-1");
    size_t lanes = index_of(coverage, "ds.write.lanes");

    g_assert_no_error(error);
    g_assert_cmpuint(goals_wanted(goals, up, 0), ==, 1);
    g_assert_cmpuint(goals_wanted(goals, up, 3), ==, 7);
    g_assert_cmpuint(goals_wanted(goals, up, 4), ==, 0);
    g_assert_cmpuint(goals_wanted(goals, up, 9), ==, 7);
    g_assert_cmpuint(goals_wanted(goals, lanes, 6), ==, 2);
    g_assert_cmpuint(goals_wanted(goals, lanes, 5), ==, 1);
    g_assert_cmpuint(goals_wanted(goals, index_of(coverage, "pue.read.0-1"), 0), ==, 0);
    g_assert_cmpuint(goals_measure(goals, coverage).excluded, ==, 1);
}

static void test_goals_met(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(Goals) goals = goals_parse("g", "goal ds.read.0-1[0-2] 2\n", coverage, NULL);
    size_t point = index_of(coverage, "ds.read.0-1");

    coverage_add(coverage, point, 0, 2);
    coverage_add(coverage, point, 1, 1);
    g_assert_cmpuint(goals_measure(goals, coverage).bins, ==, 3);
    g_assert_cmpuint(goals_measure(goals, coverage).met, ==, 1);
    g_assert_cmpfloat_with_epsilon(goals_percent(goals_measure(goals, coverage)), 33.33, 0.001);
    goals_report(report, goals, coverage);
    g_assert_cmpstr(report->str, ==,
                    "coverage: 33.33 %, 1 of 3 goals met, 0 bins excluded\n"
                    "  ds.read                       33.33 %      1 of 3\n"
                    "never exercised:\n  ds.read.0-1[2]\n"
                    "exercised too seldom:\n  ds.read.0-1[1]\n");
}

/* All but one of very many is not 100 %. */
static void test_percent_is_not_rounded_up(void)
{
    g_assert_cmpfloat(goals_percent((GoalsMet){ .bins = 100000, .met = 99999 }), <, 100);
    g_assert_cmpfloat(goals_percent((GoalsMet){ .bins = 100000, .met = 100000 }), ==, 100);
}

static void test_goal_mistakes(void)
{
    static const struct {
        const char *text;
        const char *message;
    } mistakes[] = {
        { "goal *\n\ngoal ds.read.0_1\n",
          "g:3: no bins are called ds.read.0_1; is it ds.read.0-1?" },
        { "goal nothing.*\n", "g:1: no bins are called nothing.*" },
        { "goal ds.read.0-1[32]\n", "g:1: there are no bins ds.read.0-1[32]" },
        { "goal ds.read.0-1[5-3]\n", "g:1: there are no bins ds.read.0-1[5-3]" },
        { "goal ds.write.lanes[3]\n", "g:1: there are no bins ds.write.lanes[3]" },
        { "goal ds.read.lanes[0000]\n", "g:1: there are no bins ds.read.lanes[0000]" },
        { "goal ds.read.0-1[3\n", "g:1: ds.read.0-1[3 has no ] at its end" },
        { "goal ds.read.0-1[\n", "g:1: ds.read.0-1[ has no ] at its end" },
        { "goal ds.* 0\n", "g:1: a count is 1 to 1000, not 0" },
        { "goal ds.* 1001\n", "g:1: a count is 1 to 1000, not 1001" },
        { "goal ds.* often\n", "g:1: a count is 1 to 1000, not often" },
        { "goal\n", "g:1: goal wants PATTERN [COUNT]" },
        { "exclude ds.*\n", "g:1: what is excluded needs its reason behind a #" },
        { "exclude ds.* #  \n", "g:1: what is excluded needs its reason behind a #" },
        { "exclude ds.* 3 # why\n", "g:1: exclude wants PATTERN" },
        { "goals *\n", "g:1: a line begins with goal or exclude, not \"goals\"" },
        { "# nothing\n", "g has no goals" },
        { "", "g has no goals" },
    };
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);

    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(goals_parse("g", mistakes[i].text, coverage, &error));
        assert_usage(error, mistakes[i].message);
    }
}

static void test_default_goals(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(Goals) own = goals_default(coverage);
    RegressDevice plain = regress_gpio;
    g_autoptr(Coverage) plain_coverage = NULL;
    g_autoptr(Goals) every = NULL;

    g_assert_cmpuint(goals_measure(own, coverage).bins, >, 7000);
    g_assert_cmpuint(goals_measure(own, coverage).met, ==, 0);
    plain.coverage = NULL;
    plain.goals = NULL;
    plain_coverage = coverage_new(&plain);
    every = goals_default(plain_coverage);
    g_assert_cmpuint(goals_measure(every, plain_coverage).bins, >, 1000);
    g_assert_cmpuint(goals_measure(every, plain_coverage).excluded, ==, 0);
}

/* --- Databases --- */

static void test_databases_add_up(void)
{
    g_autoptr(Coverage) one = coverage_new(&regress_gpio);
    g_autoptr(Coverage) sum = coverage_new(&regress_gpio);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = NULL;
    size_t point = index_of(one, "rise_ip.set-by.pue");

    coverage_add(one, point, 3, 7);
    coverage_add(one, point, 31, COVERAGE_COUNT_MAX - 1);
    g_ptr_array_add(runs, g_strdup("seed 0x1, 5 operations"));
    text = coverage_file_print(one, runs);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;

        g_assert_true(coverage_file_parse("d", text, sum, read, &error));
        g_assert_no_error(error);
    }
    g_assert_cmpuint(coverage_point(sum, point)->counts[3], ==, 14);
    g_assert_cmpuint(coverage_point(sum, point)->counts[31], ==, COVERAGE_COUNT_MAX);
    g_assert_cmpuint(coverage_point(sum, point)->counts[4], ==, 0);
    g_assert_cmpuint(read->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(read, 1), ==, "seed 0x1, 5 operations");
}

static void refuse_database(const char *text, const char *message)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    g_assert_false(coverage_file_parse("d", text, coverage, runs, &error));
    assert_usage(error, message);
}

static void test_database_mistakes(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autofree char *none = NULL;
    size_t all = coverage_n_points(coverage);

    none = g_strdup_printf("d is no whole database: 0 of %zu points are there", all);
    refuse_database("", none);
    refuse_database("qosim-coverage 1 gpio\n", none);
    refuse_database("goal *\n", "d:1: this is no database of coverage");
    refuse_database("qosim-coverage 2 gpio\n", "d:1: its version is 2, not 1");
    refuse_database("qosim-coverage 1 timer\n", "d:1: it is about timer, not gpio");
    refuse_database("qosim-coverage 1 gpio\nds.read.01 1\n",
                    "d:2: no bins are called ds.read.01 here; is it ds.read.0-1?");
    refuse_database("qosim-coverage 1 gpio\nds.read.0-1 1 2\n",
                    "d:2: ds.read.0-1 has 32 bins here, not 2");
    refuse_database("qosim-coverage 1 gpio\nds.read.lanes 1 2 3 4 5 6 x\n",
                    "d:2: \"x\" is no count");
    refuse_database("qosim-coverage 1 gpio\nds.read.lanes 1 2 3 4 5 6 7\n"
                    "ds.read.lanes 1 2 3 4 5 6 7\n",
                    "d:3: ds.read.lanes was there before");
}

/* No database, however broken, gets through to anything but an error. */
static void test_broken_databases(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = coverage_file_print(coverage, runs);
    size_t length = strlen(text);
    GRand *rand = g_rand_new_with_seed(1);

    for (unsigned i = 0; i < 300; i++) {
        g_autofree char *broken = g_strdup(text);
        g_autoptr(Coverage) into = coverage_new(&regress_gpio);
        g_autoptr(GError) error = NULL;

        for (unsigned k = 0; k < 4; k++) {
            broken[g_rand_int_range(rand, 0, (gint32)length)] =
                (char)g_rand_int_range(rand, 1, 128);
        }
        broken[i % 2 ? length : (size_t)g_rand_int_range(rand, 0, (gint32)length)] = '\0';
        if (!coverage_file_parse("d", broken, into, runs, &error)) {
            g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
        }
    }
    g_rand_free(rand);
}

static void test_files_that_are_none(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("coverage-XXXXXX", &path, NULL);

    g_assert_true(g_close(fd, NULL));
    g_assert_false(coverage_file_add("/no/such/file", coverage, runs, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    g_clear_error(&error);
    g_assert_true(g_file_set_contents(path, "goal *\0\n", 8, NULL));
    g_assert_null(goals_load(path, coverage, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    g_clear_error(&error);
    g_assert_true(g_file_set_contents(path, "\xff\xfe\n", 3, NULL));
    g_assert_false(coverage_file_add(path, coverage, runs, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
    g_clear_error(&error);
    g_assert_false(coverage_file_write("/no/such/place", coverage, runs, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_unlink(path);
}

/* --- Masks --- */

static Pair *open_pair(void)
{
    g_autoptr(GError) error = NULL;
    Pair *pair = pair_open("model:", "model:", &regress_gpio, &error);

    g_assert_no_error(error);
    return pair;
}

static void test_masks(void)
{
    g_autoptr(Pair) pair = open_pair();
    g_autoptr(GError) error = NULL;

    g_assert_true(
        mask_file_parse("m", "# board\n\ninput_val 0xff00 # why\nds 0 # why\n", pair, &error));
    g_assert_no_error(error);
    g_assert_cmphex(pair->masks[0], ==, 0xff00);
    g_assert_cmphex(pair->masks[1], ==, UINT32_MAX);
    g_assert_cmphex(pair->masks[5], ==, 0);
}

static void test_mask_mistakes(void)
{
    static const struct {
        const char *text;
        const char *message;
    } mistakes[] = {
        { "\nrise_up 1 # why\n", "m:2: no register rise_up; is it rise_ip?" },
        { "zzzzzzzz 1 # why\n", "m:1: no register zzzzzzzz in gpio" },
        { "ds # why\n", "m:1: a mask is REGISTER BITS  # why" },
        { "ds 1 2 # why\n", "m:1: a mask is REGISTER BITS  # why" },
        { "ds red # why\n", "m:1: a mask is REGISTER BITS  # why" },
        { "ds 0x100000000 # why\n", "m:1: a mask is REGISTER BITS  # why" },
        { "ds 1\n", "m:1: what is not compared needs its reason behind a #" },
        { "ds 1 # a\npue 1 # b\nds 2 # c\n", "m:3: ds has its mask in line 1" },
        { "# nothing\n", "m has no mask: a line is REGISTER BITS  # why" },
        { "", "m has no mask: a line is REGISTER BITS  # why" },
    };
    g_autoptr(Pair) pair = open_pair();

    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(mask_file_parse("m", mistakes[i].text, pair, &error));
        assert_usage(error, mistakes[i].message);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regress/goals/later-lines-hold", test_later_lines_hold);
    g_test_add_func("/regress/goals/are-met-when-counted-often-enough", test_goals_met);
    g_test_add_func("/regress/goals/percent-is-not-rounded-up", test_percent_is_not_rounded_up);
    g_test_add_func("/regress/goals/mistakes-are-told-with-their-line", test_goal_mistakes);
    g_test_add_func("/regress/goals/default-is-the-device's-or-every-bin", test_default_goals);
    g_test_add_func("/regress/database/counts-add-up", test_databases_add_up);
    g_test_add_func("/regress/database/mistakes-are-told-with-their-line", test_database_mistakes);
    g_test_add_func("/regress/database/broken-ones-are-refused", test_broken_databases);
    g_test_add_func("/regress/database/files-that-are-none-are-refused", test_files_that_are_none);
    g_test_add_func("/regress/mask-file/says-what-is-compared", test_masks);
    g_test_add_func("/regress/mask-file/mistakes-are-told-with-their-line", test_mask_mistakes);
    return g_test_run();
}
