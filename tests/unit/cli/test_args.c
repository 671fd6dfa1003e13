/* Options, numbers, suggestions and tables of the command line program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cosim/cli/args.h"
#include "cosim/cli/nearest.h"
#include "cosim/cli/number.h"
#include "cosim/cli/table.h"

static const CliOption table[] = {
    { "count", 'c', "N", "how many" },
    { "dma", 0, NULL, "flag" },
    { NULL, 0, NULL, NULL },
};

static CliArgs *parse(const char *line, bool first_word_ends, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);

    return cli_args_parse(words, table, first_word_ends, error);
}

static void assert_refused(const char *line, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(parse(line, false, &error));
    g_assert_cmpstr(error->message, ==, text);
}

static void test_options_anywhere(void)
{
    g_autoptr(CliArgs) args = parse("a --count 3 b --dma -u x c", false, NULL);

    g_assert_cmpuint(args->n_words, ==, 3);
    g_assert_cmpstr(cli_args_word(args, 0), ==, "a");
    g_assert_cmpstr(cli_args_word(args, 2), ==, "c");
    g_assert_null(cli_args_word(args, 3));
    g_assert_true(cli_args_has(args, "dma"));
    g_assert_cmpstr(cli_args_text(args, "count", NULL), ==, "3");
    g_assert_cmpstr(cli_args_text(args, "url", NULL), ==, "x");
    g_assert_cmpstr(cli_args_text(args, "timeout", "none"), ==, "none");
}

static void test_spellings(void)
{
    g_autoptr(CliArgs) args = parse("--count=7 -c 8", false, NULL);
    uint64_t value;

    g_assert_true(cli_args_number(args, "count", 10, 0, &value, NULL));
    g_assert_cmpuint(value, ==, 8);
}

static void test_negative_number_is_a_word(void)
{
    g_autoptr(CliArgs) args = parse("3 -1", false, NULL);

    g_assert_cmpuint(args->n_words, ==, 2);
    g_assert_cmpstr(cli_args_word(args, 1), ==, "-1");
}

static void test_end_of_options(void)
{
    g_autoptr(CliArgs) all = parse("--dma -- --count", false, NULL);
    g_autoptr(CliArgs) first = parse("--dma cmd --count", true, NULL);

    g_assert_cmpuint(all->n_words, ==, 1);
    g_assert_cmpstr(cli_args_word(all, 0), ==, "--count");
    g_assert_cmpuint(first->n_words, ==, 2);
}

static void test_wrong_options(void)
{
    assert_refused("--conut 3", "unknown option '--conut'; did you mean '--count'?");
    assert_refused("--tiemout=3", "unknown option '--tiemout=3'; did you mean '--timeout'?");
    assert_refused("--xyzzy", "unknown option '--xyzzy'");
    assert_refused("-x", "unknown option '-x'");
    assert_refused("--count", "option '--count' needs an argument: N");
    assert_refused("--dma=1", "option '--dma' takes no argument");
}

static void test_option_numbers(void)
{
    g_autoptr(CliArgs) args = parse("--count 12x", false, NULL);
    g_autoptr(CliArgs) large = parse("--count 0x10", false, NULL);
    g_autoptr(GError) error = NULL;
    uint64_t value;

    g_assert_false(cli_args_number(args, "count", 100, 0, &value, &error));
    g_assert_cmpstr(error->message, ==, "'--count 12x': not a number");
    g_clear_error(&error);
    g_assert_false(cli_args_number(large, "count", 15, 0, &value, &error));
    g_assert_cmpstr(error->message, ==, "'--count 0x10': at most 15");
    g_assert_true(cli_args_number(large, "timeout", 15, 9, &value, NULL));
    g_assert_cmpuint(value, ==, 9);
}

static void test_numbers(void)
{
    static const char *const wrong[] = { "",   "-1", "+1",
                                         " 1", "1 ", "0x",
                                         "08", "z",  "18446744073709551616" };
    uint64_t value;

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_assert_false(cli_number(wrong[i], &value));
    }
    g_assert_true(cli_number("0xffffffffffffffff", &value));
    g_assert_cmpuint(value, ==, UINT64_MAX);
    g_assert_true(cli_number("010", &value));
    g_assert_cmpuint(value, ==, 8);
}

static void test_register_values(void)
{
    uint64_t value;

    g_assert_true(cli_register_value("-1", &value));
    g_assert_cmpuint(value, ==, UINT64_MAX);
    g_assert_true(cli_register_value("-0x8000000000000000", &value));
    g_assert_cmpuint(value, ==, UINT64_C(1) << 63);
    g_assert_false(cli_register_value("-0x8000000000000001", &value));
    g_assert_false(cli_register_value("--1", &value));
}

static void test_widths(void)
{
    g_assert_cmpuint(cli_width("b"), ==, 1);
    g_assert_cmpuint(cli_width("w"), ==, 2);
    g_assert_cmpuint(cli_width("4"), ==, 4);
    g_assert_cmpuint(cli_width("q"), ==, 8);
    g_assert_cmpuint(cli_width("3"), ==, 0);
    g_assert_cmpuint(cli_width("0"), ==, 0);
    g_assert_cmpuint(cli_width(""), ==, 0);
    g_assert_cmpuint(cli_width("bb"), ==, 0);
}

static void test_slips(void)
{
    g_assert_cmpuint(cli_slips("reset", "reset"), ==, 0);
    g_assert_cmpuint(cli_slips("rest", "reset"), ==, 1);
    g_assert_cmpuint(cli_slips("raed", "read"), ==, 1);
    g_assert_cmpuint(cli_slips("", "abc"), ==, 3);
    g_assert_cmpuint(cli_slips("x", "0123456789012345678901234567890123456789"), ==, G_MAXSIZE);
}

static void test_nearest(void)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    g_ptr_array_add(words, (gpointer) "read");
    g_ptr_array_add(words, (gpointer) "reset");
    g_ptr_array_add(words, (gpointer) "write");
    g_assert_cmpstr(cli_nearest("raed", words), ==, "read");
    g_assert_cmpstr(cli_nearest("wirte", words), ==, "write");
    g_assert_cmpstr(cli_nearest("res", words), ==, "reset");
    g_assert_null(cli_nearest("x", words));
    g_assert_null(cli_nearest("frobnicate", words));
}

static char *print_table(bool aligned)
{
    static const char *const headings[] = { "NAME", "VALUE", NULL };
    g_autoptr(CliTable) rows = cli_table_new(headings);
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    cli_table_add(rows, "a\nb");
    cli_table_addf(rows, "%d", 1);
    cli_table_add(rows, "longer name");
    cli_table_add(rows, "");
    cli_table_print(rows, to, aligned);
    fclose(to);
    return text;
}

static void test_table(void)
{
    char *piped = print_table(false);
    char *aligned = print_table(true);

    g_assert_cmpstr(piped, ==, "a b\t1\nlonger name\t\n");
    g_assert_cmpstr(aligned, ==, "NAME         VALUE\na b          1\nlonger name\n");
    free(piped);
    free(aligned);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/args/options-may-stand-anywhere", test_options_anywhere);
    g_test_add_func("/cli/args/option-is-spelled-in-three-ways-and-the-last-one-counts",
                    test_spellings);
    g_test_add_func("/cli/args/negative-number-is-a-word", test_negative_number_is_a_word);
    g_test_add_func("/cli/args/options-end-at-two-dashes-or-the-first-word", test_end_of_options);
    g_test_add_func("/cli/args/wrong-option-names-the-nearest-right-one", test_wrong_options);
    g_test_add_func("/cli/args/number-of-an-option-is-checked", test_option_numbers);
    g_test_add_func("/cli/number/whole-word-must-be-the-number", test_numbers);
    g_test_add_func("/cli/number/register-value-may-be-negative", test_register_values);
    g_test_add_func("/cli/number/widths", test_widths);
    g_test_add_func("/cli/nearest/slips-are-counted", test_slips);
    g_test_add_func("/cli/nearest/far-words-are-not-suggested", test_nearest);
    g_test_add_func("/cli/table/aligned-on-a-terminal-tabs-when-piped", test_table);
    return g_test_run();
}
