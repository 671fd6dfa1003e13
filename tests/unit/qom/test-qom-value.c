/* Conversions between GVariants, command-line text and C values. */
#include "tests/unit/qom/common.h"

#include <math.h>

#include "qom/json.h"

/* Each of these consumes the floating value that it is given. */

static bool to_bool(GVariant *value, bool *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_bool(own, "b", out, error);
}

static bool to_u32(GVariant *value, uint64_t *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_uint(own, "n", "uint32_t", UINT32_MAX, out, error);
}

static bool to_u64(GVariant *value, uint64_t *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_uint(own, "n", "uint64_t", UINT64_MAX, out, error);
}

static bool to_i32(GVariant *value, int64_t *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_int(own, "n", "int32_t", INT32_MIN, INT32_MAX, out, error);
}

static bool to_i64(GVariant *value, int64_t *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_int(own, "n", "int64_t", INT64_MIN, INT64_MAX, out, error);
}

static bool to_size(GVariant *value, uint64_t *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_size(own, "n", out, error);
}

static bool to_double(GVariant *value, double *out, GError **error)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    return qom_value_get_double(own, "n", out, error);
}

#define TEXT(t) qom_value_new_text(t)

static void test_bool_text(void)
{
    static const char *const yes[] = { "on", "yes", "true", "y" };
    static const char *const no[] = { "off", "no", "false", "n" };
    static const char *const bad[] = { "", "1", "0", "ON", "on ", " off", "maybe", "t" };
    bool b;

    for (size_t i = 0; i < G_N_ELEMENTS(yes); i++) {
        b = false;
        assert_works(to_bool(TEXT(yes[i]), &b, &error));
        g_assert_true(b);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(no); i++) {
        b = true;
        assert_works(to_bool(TEXT(no[i]), &b, &error));
        g_assert_false(b);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_fails(to_bool(TEXT(bad[i]), &b, &error), "Parameter 'b' expects 'on' or 'off'");
    }
}

static void test_bool_typed(void)
{
    bool b = false;

    assert_works(to_bool(g_variant_new_boolean(TRUE), &b, &error));
    g_assert_true(b);
    assert_fails(to_bool(g_variant_new_int64(1), &b, &error),
                 "Invalid parameter type for 'b', expected: boolean");
    assert_fails(to_bool(g_variant_new_string("on"), &b, &error),
                 "Invalid parameter type for 'b', expected: boolean");
}

static void test_uint_text(void)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        { "0", 0 },      { "10", 10 }, { "0x10", 16 },
        { "0XfF", 255 }, { "010", 8 }, { "4294967295", UINT32_MAX },
        { "+5", 5 },     { "-0", 0 },  { "0xffffffff", UINT32_MAX },
    };
    static const char *const bad[] = { "",
                                       " 1",
                                       "1 ",
                                       "1x",
                                       "x",
                                       "0x",
                                       "--1",
                                       "+-1",
                                       "+ 1",
                                       "1.0",
                                       "1K",
                                       "08",
                                       "-",
                                       "0x-1",
                                       "99999999999999999999",
                                       "-9223372036854775809" };
    static const char *const outside[] = { "4294967296", "-1", "0x100000000",
                                           "18446744073709551615" };
    uint64_t n;

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        assert_works(to_u32(TEXT(good[i].text), &n, &error));
        g_assert_cmpuint(n, ==, good[i].value);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_fails(to_u32(TEXT(bad[i]), &n, &error), "Parameter 'n' expects integer");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(outside); i++) {
        assert_fails(to_u32(TEXT(outside[i]), &n, &error), "Parameter 'n' expects uint32_t");
    }
    assert_works(to_u64(TEXT("18446744073709551615"), &n, &error));
    g_assert_cmpuint(n, ==, UINT64_MAX);
    assert_fails(to_u64(TEXT("18446744073709551616"), &n, &error), "Parameter 'n' expects integer");
}

static void test_uint_typed(void)
{
    uint64_t n = 77;

    assert_works(to_u32(g_variant_new_int64(5), &n, &error));
    g_assert_cmpuint(n, ==, 5);
    assert_works(to_u32(g_variant_new_byte(6), &n, &error));
    g_assert_cmpuint(n, ==, 6);
    assert_works(to_u32(g_variant_new_int32(7), &n, &error));
    assert_works(to_u32(g_variant_new_uint16(8), &n, &error));
    assert_works(to_u32(g_variant_new_int16(9), &n, &error));
    assert_works(to_u32(g_variant_new_uint32(UINT32_MAX), &n, &error));
    g_assert_cmpuint(n, ==, UINT32_MAX);

    assert_fails(to_u32(g_variant_new_int64(-1), &n, &error), "Parameter 'n' expects uint32_t");
    assert_fails(to_u64(g_variant_new_int32(-1), &n, &error), "Parameter 'n' expects uint64_t");
    assert_fails(to_u32(g_variant_new_uint64(1ull << 32), &n, &error),
                 "Parameter 'n' expects uint32_t");
    assert_fails(to_u32(g_variant_new_string("5"), &n, &error),
                 "Invalid parameter type for 'n', expected: integer");
    assert_fails(to_u32(g_variant_new_double(5), &n, &error),
                 "Invalid parameter type for 'n', expected: integer");
    assert_fails(to_u32(g_variant_new_boolean(TRUE), &n, &error),
                 "Invalid parameter type for 'n', expected: integer");
    assert_fails(to_u32(g_variant_new_tuple(NULL, 0), &n, &error),
                 "Invalid parameter type for 'n', expected: integer");
    /* A failure leaves the result alone, and nobody has to want the message. */
    g_assert_false(to_u32(g_variant_new_int64(-1), &n, NULL));
    g_assert_cmpuint(n, ==, UINT32_MAX);
}

static void test_int(void)
{
    int64_t n = 0;

    assert_works(to_i32(TEXT("-2147483648"), &n, &error));
    g_assert_cmpint(n, ==, INT32_MIN);
    assert_works(to_i32(TEXT("-0x10"), &n, &error));
    g_assert_cmpint(n, ==, -16);
    assert_works(to_i32(g_variant_new_uint64(9), &n, &error));
    g_assert_cmpint(n, ==, 9);
    assert_works(to_i64(TEXT("-9223372036854775808"), &n, &error));
    g_assert_cmpint(n, ==, INT64_MIN);
    assert_works(to_i64(g_variant_new_int64(INT64_MIN), &n, &error));
    g_assert_cmpint(n, ==, INT64_MIN);

    assert_fails(to_i32(TEXT("2147483648"), &n, &error), "Parameter 'n' expects int32_t");
    assert_fails(to_i32(TEXT("-2147483649"), &n, &error), "Parameter 'n' expects int32_t");
    assert_fails(to_i64(TEXT("9223372036854775808"), &n, &error), "Parameter 'n' expects int64_t");
    assert_fails(to_i64(g_variant_new_uint64(UINT64_MAX), &n, &error),
                 "Parameter 'n' expects int64_t");
    assert_fails(to_i64(TEXT("-9223372036854775809"), &n, &error), "Parameter 'n' expects integer");
    assert_fails(to_i64(TEXT("ten"), &n, &error), "Parameter 'n' expects integer");
}

static void test_size(void)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        { "0", 0 },           { "512", 512 },
        { "512B", 512 },      { "1k", 1024 },
        { "1K", 1024 },       { "1.5K", 1536 },
        { "0.25M", 262144 },  { "3M", 3u << 20 },
        { "2G", 2ull << 30 }, { "1T", 1ull << 40 },
        { "1P", 1ull << 50 }, { "15E", 15ull << 60 },
        { "0x1000", 4096 },   { "1.0", 1 },
        { "010", 10 },        { "18446744073709551615", UINT64_MAX },
    };
    static const char *const bad[] = { "",    "K",    "1.5", "1.5B", "-1",
                                       "+1",  " 1",   "1 ",  "1KB",  "1KK",
                                       "16E", "1.",   ".5K", "1.K",  "0x",
                                       "1Z",  "0x1K", "1e3", "abc",  "18446744073709551616" };
    uint64_t n;

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        assert_works(to_size(TEXT(good[i].text), &n, &error));
        g_assert_cmpuint(n, ==, good[i].value);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_fails(to_size(TEXT(bad[i]), &n, &error), "Parameter 'n' expects a size value");
    }
    assert_works(to_size(g_variant_new_uint64(UINT64_MAX), &n, &error));
    g_assert_cmpuint(n, ==, UINT64_MAX);
    assert_fails(to_size(g_variant_new_int64(-1), &n, &error), "Parameter 'n' expects uint64_t");
    assert_fails(to_size(g_variant_new_string("1K"), &n, &error),
                 "Invalid parameter type for 'n', expected: integer");
}

static void test_double(void)
{
    static const char *const bad[] = { "", " 1", "1 ", "x", "inf", "nan", "1e999", "1,5" };
    double d;

    assert_works(to_double(TEXT("-1.25e2"), &d, &error));
    g_assert_cmpfloat(d, ==, -125);
    assert_works(to_double(g_variant_new_int64(-3), &d, &error));
    g_assert_cmpfloat(d, ==, -3);
    assert_works(to_double(g_variant_new_uint64(UINT64_MAX), &d, &error));
    g_assert_cmpfloat(d, ==, 18446744073709551616.0);
    assert_works(to_double(g_variant_new_double(0.5), &d, &error));
    g_assert_cmpfloat(d, ==, 0.5);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_fails(to_double(TEXT(bad[i]), &d, &error), "Parameter 'n' expects number");
    }
    assert_fails(to_double(g_variant_new_string("1"), &d, &error),
                 "Invalid parameter type for 'n', expected: number");
}

static void test_str(void)
{
    g_autoptr(GVariant) str = g_variant_ref_sink(qom_value_new_str("s"));
    g_autoptr(GVariant) text = g_variant_ref_sink(qom_value_new_text("t"));
    g_autoptr(GVariant) number = g_variant_ref_sink(g_variant_new_int64(1));
    const char *out;

    assert_works(qom_value_get_str(str, "n", &out, &error));
    g_assert_cmpstr(out, ==, "s");
    assert_works(qom_value_get_str(text, "n", &out, &error));
    g_assert_cmpstr(out, ==, "t");
    assert_fails(qom_value_get_str(number, "n", &out, &error),
                 "Invalid parameter type for 'n', expected: string");
    g_assert_cmpstr(qom_value_peek_text(text), ==, "t");
    g_assert_null(qom_value_peek_text(str));
    g_assert_null(qom_value_peek_text(number));
}

/*
 * A peer's bytes that are not UTF-8 must not reach GVariant, which would call that a programming
 * error.
 */
static void test_bad_utf8(void)
{
    g_autoptr(GVariant) str = g_variant_ref_sink(qom_value_new_str("a\xff\xfe"
                                                                   "b"));
    g_autoptr(GVariant) text = g_variant_ref_sink(qom_value_new_text("\xc3"));
    g_autoptr(GVariant) null = g_variant_ref_sink(qom_value_new_str(NULL));

    g_assert_cmpstr(g_variant_get_string(str, NULL), ==,
                    "a\xef\xbf\xbd\xef\xbf\xbd"
                    "b");
    g_assert_cmpstr(qom_value_peek_text(text), ==, "\xef\xbf\xbd");
    g_assert_cmpstr(g_variant_get_string(null, NULL), ==, "");
}

static void test_enum(void)
{
    static const char *const names[] = { "none", "one", NULL, "three" };
    static const QEnumLookup lookup = { .array = names, .size = G_N_ELEMENTS(names) };
    g_autoptr(GVariant) one = g_variant_ref_sink(qom_value_new_str("one"));
    g_autoptr(GVariant) three = g_variant_ref_sink(qom_value_new_text("three"));
    g_autoptr(GVariant) four = g_variant_ref_sink(qom_value_new_str("four"));
    g_autoptr(GVariant) number = g_variant_ref_sink(g_variant_new_int64(1));
    int out = 0;

    assert_works(qom_value_get_enum(one, "e", &lookup, &out, &error));
    g_assert_cmpint(out, ==, 1);
    assert_works(qom_value_get_enum(three, "e", &lookup, &out, &error));
    g_assert_cmpint(out, ==, 3);
    assert_fails(qom_value_get_enum(four, "e", &lookup, &out, &error),
                 "Parameter 'e' does not accept value 'four'");
    assert_fails(qom_value_get_enum(number, "e", &lookup, &out, &error),
                 "Invalid parameter type for 'e', expected: string");
    g_assert_cmpstr(qenum_lookup_str(&lookup, 3), ==, "three");
    g_assert_null(qenum_lookup_str(&lookup, 4));
    g_assert_null(qenum_lookup_str(&lookup, -1));
    g_assert_cmpint(qenum_parse(&lookup, "none", -1), ==, 0);
    g_assert_cmpint(qenum_parse(&lookup, "nine", 42), ==, 42);
}

static void assert_prints(GVariant *value, const char *expected)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);

    assert_string(qom_value_print(own), expected);
}

static void test_print(void)
{
    g_autoptr(GVariant) json =
        qom_json_parse("{\"a\": [1, -2, \"x\\\"\\n\"], \"b\": {\"c\": null}, \"d\": 1.5}", NULL);

    assert_prints(g_variant_new_boolean(TRUE), "true");
    assert_prints(g_variant_new_int64(-5), "-5");
    assert_prints(g_variant_new_uint64(UINT64_MAX), "18446744073709551615");
    assert_prints(g_variant_new_string("a \"b\""), "a \"b\"");
    assert_prints(TEXT("0x1"), "0x1");
    assert_prints(g_variant_new_double(0.5), "0.5");
    assert_prints(g_variant_new_double(INFINITY), "null");
    assert_prints(g_variant_new_tuple(NULL, 0), "null");
    assert_prints(g_variant_new_array(G_VARIANT_TYPE_VARIANT, NULL, 0), "[]");
    assert_string(qom_value_print(json),
                  "{\"a\": [1, -2, \"x\\\"\\u000a\"], \"b\": {\"c\": null}, \"d\": 1.5}");
}

static void test_error_class(void)
{
    g_autoptr(GError) generic = NULL;
    g_autoptr(GError) absent = NULL;
    g_autoptr(GError) command = g_error_new(QOM_ERROR, QOM_ERROR_COMMAND_NOT_FOUND, "no");
    g_autoptr(GError) foreign = g_error_new(G_MARKUP_ERROR, 1, "no");

    g_assert_false(qom_error_set(&generic, "%d and %s", 1, "two"));
    g_assert_cmpstr(generic->message, ==, "1 and two");
    g_assert_false(qom_error_set_not_found(&absent, "me"));
    g_assert_cmpstr(absent->message, ==, "Device 'me' not found");
    g_assert_false(qom_error_set(NULL, "unheard"));
    g_assert_false(qom_error_set_not_found(NULL, "unheard"));
    g_assert_cmpstr(qom_error_class_name(generic), ==, "GenericError");
    g_assert_cmpstr(qom_error_class_name(absent), ==, "DeviceNotFound");
    g_assert_cmpstr(qom_error_class_name(command), ==, "CommandNotFound");
    g_assert_cmpstr(qom_error_class_name(foreign), ==, "GenericError");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/value/bool-reads-eight-words", test_bool_text);
    g_test_add_func("/qom/value/bool-takes-no-number-or-string", test_bool_typed);
    g_test_add_func("/qom/value/uint-text-is-a-c-number-in-range", test_uint_text);
    g_test_add_func("/qom/value/uint-takes-any-integer-in-range", test_uint_typed);
    g_test_add_func("/qom/value/int-range-has-both-ends", test_int);
    g_test_add_func("/qom/value/size-has-suffixes-and-fractions", test_size);
    g_test_add_func("/qom/value/double-takes-finite-numbers", test_double);
    g_test_add_func("/qom/value/str-takes-strings-and-text", test_str);
    g_test_add_func("/qom/value/bad-utf8-is-replaced", test_bad_utf8);
    g_test_add_func("/qom/value/enum-takes-names-only", test_enum);
    g_test_add_func("/qom/value/print-strings-bare-and-the-rest-as-json", test_print);
    g_test_add_func("/qom/error/classes-have-qmp-names", test_error_class);
    return g_test_run();
}
