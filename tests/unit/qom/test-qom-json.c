/* JSON text. */
#include "tests/unit/qom/common.h"

#include "qom/json.h"

/* Asserts that @text parses, to a value of type @type that prints as @printed. */
static void assert_reads(const char *text, const char *type, const char *printed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) value = qom_json_parse(text, &error);

    g_assert_no_error(error);
    g_assert_false(g_variant_is_floating(value));
    g_assert_cmpstr(g_variant_get_type_string(value), ==, type);
    assert_string(qom_json_print(value), printed);
}

static void test_scalars(void)
{
    assert_reads("true", "b", "true");
    assert_reads(" false\n", "b", "false");
    assert_reads("null", "()", "null");
    assert_reads("0", "x", "0");
    assert_reads("-1", "x", "-1");
    assert_reads("9223372036854775807", "x", "9223372036854775807");
    assert_reads("9223372036854775808", "t", "9223372036854775808");
    assert_reads("18446744073709551615", "t", "18446744073709551615");
    assert_reads("18446744073709551616", "d", "1.8446744073709552e+19");
    assert_reads("-9223372036854775808", "x", "-9223372036854775808");
    assert_reads("-9223372036854775809", "d", "-9.2233720368547758e+18");
    assert_reads("1.25", "d", "1.25");
    assert_reads("-2e3", "d", "-2000.0");
    assert_reads("1E-2", "d", "0.01");
}

static void test_strings(void)
{
    assert_reads("\"\"", "s", "\"\"");
    assert_reads("\"a b\"", "s", "\"a b\"");
    assert_reads("\"\\\"\\\\\\/\"", "s", "\"\\\"\\\\/\"");
    assert_reads("\"\\b\\f\\n\\r\\t\"", "s", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\"");
    assert_reads("\"\\u00e9\\u20AC\"", "s", "\"\xc3\xa9\xe2\x82\xac\"");
    assert_reads("\"\\ud83d\\ude00\"", "s", "\"\xf0\x9f\x98\x80\"");
    assert_reads("\"\xc3\xa9\"", "s", "\"\xc3\xa9\"");
}

static void test_containers(void)
{
    assert_reads("[]", "av", "[]");
    assert_reads("[ 1 , \"a\", [ ] ]", "av", "[1, \"a\", []]");
    assert_reads("{}", "a{sv}", "{}");
    assert_reads("{\"z\":1,\"a\":{\"b\":[true]}}", "a{sv}", "{\"z\": 1, \"a\": {\"b\": [true]}}");
    assert_reads("{\"a\":1,\"b\":2,\"a\":3}", "a{sv}", "{\"a\": 3, \"b\": 2}");
}

static void test_errors(void)
{
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        { "", "expecting value at byte 0" },
        { "  ", "expecting value at byte 2" },
        { "nul", "expecting value at byte 0" },
        { "True", "expecting value at byte 0" },
        { "truefalse", "expecting value at byte 0" },
        { "1 2", "expecting the end at byte 2" },
        { "01", "expecting value at byte 0" },
        { "1.", "expecting value at byte 0" },
        { ".5", "expecting value at byte 0" },
        { "-", "expecting value at byte 0" },
        { "+1", "expecting value at byte 0" },
        { "1e", "expecting value at byte 0" },
        { "0x10", "expecting value at byte 0" },
        { "1e999", "number out of range at byte 0" },
        { "NaN", "expecting value at byte 0" },
        { "[1", "expecting ',' or ']' at byte 2" },
        { "[1,]", "expecting value at byte 3" },
        { "[", "expecting value at byte 1" },
        { "{", "expecting a key at byte 1" },
        { "{1:2}", "expecting a key at byte 1" },
        { "{\"a\"}", "expecting ':' at byte 4" },
        { "{\"a\":}", "expecting value at byte 5" },
        { "{\"a\":1,}", "expecting a key at byte 7" },
        { "{\"a\":1", "expecting ',' or '}' at byte 6" },
        { "{\"a\":1]", "expecting ',' or '}' at byte 6" },
        { "\"abc", "unfinished string at byte 4" },
        { "\"a\nb\"", "unfinished string at byte 2" },
        { "\"\\x\"", "unknown escape at byte 2" },
        { "\"\\", "unknown escape at byte 2" },
        { "\"\\u12g4\"", "expecting four hexadecimal digits at byte 5" },
        { "\"\\u0000\"", "no character has that number at byte 7" },
        { "\"\\ud800\"", "no character has that number at byte 7" },
        { "\"\\ud800\\u0041\"", "half a surrogate pair at byte 13" },
        { "\"\xff\"", "invalid UTF-8 at byte 1" },
        { "{'a':1}", "expecting a key at byte 1" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *message = g_strdup_printf("JSON parse error, %s", bad[i].message);

        assert_fails(qom_json_parse(bad[i].text, &error), message);
        g_assert_null(qom_json_parse(bad[i].text, NULL));
    }
}

static char *nested(const char *open, const char *close, int depth)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < depth; i++) {
        g_string_append(text, open);
    }
    g_string_append(text, "1");
    for (int i = 0; i < depth; i++) {
        g_string_append(text, close);
    }
    return g_string_free(text, FALSE);
}

static void test_depth(void)
{
    g_autofree char *most = nested("[", "]", QOM_JSON_MAX_DEPTH);
    g_autofree char *most_maps = nested("{\"a\": ", "}", QOM_JSON_MAX_DEPTH);
    g_autofree char *more = nested("[", "]", QOM_JSON_MAX_DEPTH + 1);
    g_autofree char *very_many = nested("{\"a\":", "}", 100000);

    assert_reads(most, "av", most);
    assert_reads(most_maps, "a{sv}", most_maps);
    assert_fails(qom_json_parse(more, &error), "JSON parse error, too deeply nested at byte 32");
    assert_fails(qom_json_parse(very_many, &error),
                 "JSON parse error, too deeply nested at byte 160");
}

/* Whatever comes in: a value that prints to JSON of the same value, or an error. */
static void test_random(void)
{
    static const char *const words[] = { "{",     "}",  "[",   "]",       ",",    ":",    "\"",
                                         "\"a\"", "1",  "-",   ".",       "e5",   "true", "null",
                                         " ",     "\\", "u12", "\\ud83d", "\xc3", "x",    "0" };

    for (int round = 0; round < 20000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GVariant) value = NULL;
        g_autoptr(GError) error = NULL;

        for (int n = g_test_rand_int_range(0, 12); n > 0; n--) {
            g_string_append(text, words[g_test_rand_int_range(0, G_N_ELEMENTS(words))]);
        }
        value = qom_json_parse(text->str, &error);
        g_assert_true((value == NULL) == (error != NULL));
        if (value) {
            g_autofree char *printed = qom_json_print(value);
            g_autoptr(GVariant) again = qom_json_parse(printed, NULL);

            g_assert_true(g_variant_equal(value, again));
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/json/scalars", test_scalars);
    g_test_add_func("/qom/json/strings-and-escapes", test_strings);
    g_test_add_func("/qom/json/containers-keep-order-last-key-wins", test_containers);
    g_test_add_func("/qom/json/errors-tell-the-place", test_errors);
    g_test_add_func("/qom/json/nesting-is-bounded", test_depth);
    g_test_add_func("/qom/json/random-text-round-trips-or-fails", test_random);
    return g_test_run();
}
