/* key=value text. */
#include "tests/unit/qom/common.h"

#include "qom/json.h"
#include "qom/keyval.h"

/* Asserts that @text parses to what prints as @json. */
static void assert_reads(const char *text, const char *implied_key, const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) value = keyval_parse(text, implied_key, NULL, &error);

    g_assert_no_error(error);
    g_assert_false(g_variant_is_floating(value));
    assert_string(qom_json_print(value), json);
}

static void assert_refuses(const char *text, const char *message)
{
    assert_fails(keyval_parse(text, NULL, NULL, &error), message);
    g_assert_null(keyval_parse(text, NULL, NULL, NULL));
}

static void test_pairs(void)
{
    assert_reads("", NULL, "{}");
    assert_reads("a=1", NULL, "{\"a\": \"1\"}");
    assert_reads("z=1,a=2", NULL, "{\"z\": \"1\", \"a\": \"2\"}");
    assert_reads("a=", NULL, "{\"a\": \"\"}");
    assert_reads("a==b", NULL, "{\"a\": \"=b\"}");
    assert_reads("a=1,", NULL, "{\"a\": \"1\"}");
    assert_reads("a-b_c=1", NULL, "{\"a-b_c\": \"1\"}");
    assert_reads("__com.example_a-b=1", NULL, "{\"__com.example_a-b\": \"1\"}");
}

static void test_values_are_text(void)
{
    g_autoptr(GVariant) map = keyval_parse("a=1", NULL, NULL, NULL);
    g_autoptr(GVariant) value = g_variant_lookup_value(map, "a", NULL);

    g_assert_cmpstr(qom_value_peek_text(value), ==, "1");
}

static void test_commas(void)
{
    assert_reads("a=x,,y", NULL, "{\"a\": \"x,y\"}");
    assert_reads("a=,,,,b=1", NULL, "{\"a\": \",,b=1\"}");
    assert_reads("a=,,,b=1", NULL, "{\"a\": \",\", \"b\": \"1\"}");
    assert_reads("a=x,,", NULL, "{\"a\": \"x,\"}");
}

static void test_duplicates(void)
{
    assert_reads("a=1,b=2,a=3", NULL, "{\"a\": \"3\", \"b\": \"2\"}");
    assert_reads("a.b=1,a.b=2", NULL, "{\"a\": {\"b\": \"2\"}}");
}

static void test_implied(void)
{
    assert_reads("foo", "k", "{\"k\": \"foo\"}");
    assert_reads("foo,a=1", "k", "{\"k\": \"foo\", \"a\": \"1\"}");
    assert_reads("fo,,o,a=1", "k", "{\"k\": \"fo,o\", \"a\": \"1\"}");
    assert_reads("a=1", "k", "{\"a\": \"1\"}");
    assert_reads("foo,k=bar", "k", "{\"k\": \"bar\"}");
    assert_reads("1 2!", "k", "{\"k\": \"1 2!\"}");
    assert_fails(keyval_parse("a=1,foo", "k", NULL, &error), "Expected '=' after parameter 'foo'");
    assert_fails(keyval_parse(",a=1", "k", NULL, &error), "Invalid parameter ''");
}

static void test_nested(void)
{
    assert_reads("a.b=1,a.c.d=2", NULL, "{\"a\": {\"b\": \"1\", \"c\": {\"d\": \"2\"}}}");
    assert_reads("a.0=x,a.1=y", NULL, "{\"a\": [\"x\", \"y\"]}");
    assert_reads("a.1=y,a.0=x", NULL, "{\"a\": [\"x\", \"y\"]}");
    assert_reads("a.0.b=x,a.0.c=y", NULL, "{\"a\": [{\"b\": \"x\", \"c\": \"y\"}]}");
    assert_reads("a.0.0=x", NULL, "{\"a\": [[\"x\"]]}");
    assert_reads("a.00=x,a.0=y", NULL, "{\"a\": [\"y\"]}");
}

static void test_inconsistent(void)
{
    assert_refuses("a=1,a.b=2", "Parameters 'a.*' used inconsistently");
    assert_refuses("a.b=1,a=2", "Parameters 'a.*' used inconsistently");
    assert_refuses("a.b.c=1,a.b=2", "Parameters 'a.b.*' used inconsistently");
    assert_refuses("a.b=1,a.b.c.d=2", "Parameters 'a.b.*' used inconsistently");
    assert_refuses("a.0=1,a.b=2", "Parameters 'a.*' used inconsistently");
    assert_refuses("x.a.0=1,x.a.b=2", "Parameters 'x.a.*' used inconsistently");
    assert_refuses("a.1=1", "Parameter 'a.0' missing");
    assert_refuses("a.0=1,a.2=1", "Parameter 'a.1' missing");
    assert_refuses("a.999999999=1", "Parameter 'a.0' missing");
    assert_refuses("b.0=1,b.1.x.1=1", "Parameter 'b.1.x.0' missing");
}

static void test_bad_keys(void)
{
    static const char *const bad[] = { "",     "1a",   "0",        "-a",   ".a",          "a.",
                                       "a..b", "a b",  "a.b c",    "_a",   "__a",         "__x_1",
                                       "a.-b", "a[0]", "\xc3\xa9", "a.0x", "a.9999999999" };
    g_autofree char *longest = g_strnfill(127, 'k');
    g_autofree char *longer = g_strnfill(128, 'k');
    g_autofree char *longest_pair = g_strdup_printf("%s=1", longest);
    g_autofree char *longer_pair = g_strdup_printf("%s=1", longer);
    g_autofree char *longer_message = g_strdup_printf("Invalid parameter '%s'", longer);
    g_autofree char *printed = g_strdup_printf("{\"%s\": \"1\"}", longest);

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("%s=1", bad[i]);
        g_autofree char *message = g_strdup_printf("Invalid parameter '%s'", bad[i]);

        assert_refuses(text, message);
    }
    assert_reads(longest_pair, NULL, printed);
    assert_refuses(longer_pair, longer_message);
    assert_refuses("a", "Expected '=' after parameter 'a'");
    assert_refuses("a=1,b", "Expected '=' after parameter 'b'");
    assert_refuses(",", "Invalid parameter ''");
    assert_refuses("help", "Expected '=' after parameter 'help'");
}

static void test_depth(void)
{
    assert_reads("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", NULL,
                 "{\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": "
                 "{\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": \"1\"}}}}}}}}}}}}}}}}");
    assert_refuses("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
                   "Invalid parameter 'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a'");
}

static void assert_helps(const char *text, bool expected, const char *json)
{
    g_autoptr(GError) error = NULL;
    bool help = !expected;
    g_autoptr(GVariant) value = keyval_parse(text, "k", &help, &error);

    g_assert_no_error(error);
    g_assert_cmpint(help, ==, expected);
    assert_string(qom_json_print(value), json);
}

static void test_help(void)
{
    assert_helps("help", true, "{}");
    assert_helps("?", true, "{}");
    assert_helps("foo,help", true, "{\"k\": \"foo\"}");
    assert_helps("foo,?,a=1", true, "{\"k\": \"foo\", \"a\": \"1\"}");
    assert_helps("foo,help=1", false, "{\"k\": \"foo\", \"help\": \"1\"}");
    assert_helps("foo,a=help", false, "{\"k\": \"foo\", \"a\": \"help\"}");
}

static void test_bytes(void)
{
    g_autofree char *many = NULL;
    GString *text = g_string_new("k0=v");

    assert_reads("a=\xff", NULL, "{\"a\": \"\xef\xbf\xbd\"}");
    for (int i = 1; i < 20000; i++) {
        g_string_append_printf(text, ",k%d=v,l.%d=w", i, i - 1);
    }
    many = g_string_free(text, FALSE);
    {
        g_autoptr(GVariant) value = keyval_parse(many, NULL, NULL, NULL);

        g_assert_cmpuint(g_variant_n_children(value), ==, 20001);
    }
}

/* Whatever comes in: a map, or an error. */
static void test_random(void)
{
    static const char *const words[] = { "a", "b",    ".",    "=", ",", "0",   "1",
                                         "?", "help", "__x_", "-", " ", "\xff" };

    for (int round = 0; round < 20000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GVariant) value = NULL;
        g_autoptr(GError) error = NULL;
        bool help;

        for (int n = g_test_rand_int_range(0, 16); n > 0; n--) {
            g_string_append(text, words[g_test_rand_int_range(0, G_N_ELEMENTS(words))]);
        }
        value = keyval_parse(text->str, round % 2 ? "k" : NULL, &help, &error);
        g_assert_true((value == NULL) == (error != NULL));
        if (value) {
            g_assert_true(g_variant_is_normal_form(value));
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/keyval/pairs-in-order", test_pairs);
    g_test_add_func("/qom/keyval/values-are-text-to-be-parsed", test_values_are_text);
    g_test_add_func("/qom/keyval/double-comma-is-one", test_commas);
    g_test_add_func("/qom/keyval/last-duplicate-wins", test_duplicates);
    g_test_add_func("/qom/keyval/first-word-has-the-implied-key", test_implied);
    g_test_add_func("/qom/keyval/dots-nest-and-indices-list", test_nested);
    g_test_add_func("/qom/keyval/mixed-use-is-refused", test_inconsistent);
    g_test_add_func("/qom/keyval/bad-keys-are-refused", test_bad_keys);
    g_test_add_func("/qom/keyval/nesting-is-bounded", test_depth);
    g_test_add_func("/qom/keyval/help-is-noticed", test_help);
    g_test_add_func("/qom/keyval/any-bytes-and-many-keys", test_bytes);
    g_test_add_func("/qom/keyval/random-text-parses-or-fails", test_random);
    return g_test_run();
}
