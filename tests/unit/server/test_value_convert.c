#include "server/value_convert.h"

#include <math.h>
#include <string.h>

#include "qom/value.h"

/* @text as GVariant, there and back, must print as @expected. */
static void travels(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) value = g_variant_parse(NULL, text, NULL, NULL, &error);
    QsArena *arena = qs_arena_new(1 << 20);
    g_autoptr(GVariant) back = NULL;
    g_autofree char *printed = NULL;
    QsValue message;

    g_assert_no_error(error);
    g_assert_true(value_to_message(arena, value, &message, &error));
    g_assert_no_error(error);
    back = g_variant_ref_sink(value_from_message(&message));
    printed = g_variant_print(back, TRUE);
    g_assert_cmpstr(printed, ==, expected);
    qs_arena_free(arena);
}

static void test_kinds(void)
{
    travels("true", "true");
    travels("byte 0x12", "uint64 18");
    travels("int16 -5", "int64 -5");
    travels("uint16 5", "uint64 5");
    travels("int32 -7", "int64 -7");
    travels("uint32 7", "uint64 7");
    travels("int64 -9223372036854775808", "int64 -9223372036854775808");
    travels("uint64 18446744073709551615", "uint64 18446744073709551615");
    travels("1.5", "1.5");
    travels("'text'", "'text'");
    travels("('0x10',)", "('0x10',)"); /* to be parsed by the property */
    travels("<'boxed'>", "'boxed'");
    travels("()", "()");
    travels("[<1>, <'a'>]", "[<int64 1>, <'a'>]");
    travels("@av []", "@av []");
    travels("[1, 2]", "[<int64 1>, <int64 2>]");
    travels("@a{sv} {}", "@a{sv} {}");
    travels("{'a': <uint32 1>}", "{'a': <uint64 1>}");
    travels("{'b': <[<true>, <{'c': <2>}>]>}", "{'b': <[<true>, <{'c': <int64 2>}>]>}");
}

static void fails(GVariant *floating, const char *message)
{
    g_autoptr(GVariant) value = g_variant_ref_sink(floating);
    g_autoptr(GError) error = NULL;
    QsArena *arena = qs_arena_new(1 << 20);
    QsValue out;

    g_assert_false(value_to_message(arena, value, &out, &error));
    g_assert_cmpstr(error->message, ==, message);
    qs_arena_free(arena);
}

static GVariant *nested(unsigned depth)
{
    GVariant *value = g_variant_new_boolean(TRUE);

    while (--depth > 0) {
        value = g_variant_new_array(G_VARIANT_TYPE_VARIANT,
                                    (GVariant *[]){ g_variant_new_variant(value) }, 1);
    }
    return value;
}

static void test_refused(void)
{
    g_autofree char *long_text = g_strnfill(QS_MAX_STRING_BYTES + 1, 'x');
    g_autofree char *fitting = g_strnfill(QS_MAX_STRING_BYTES, 'x');
    QsArena *arena = qs_arena_new(1 << 20);
    g_autoptr(GVariant) deep = g_variant_ref_sink(nested(QS_MAX_VALUE_DEPTH));
    g_autoptr(GVariant) text = g_variant_ref_sink(g_variant_new_string(fitting));
    QsValue out;

    g_assert_true(value_to_message(arena, deep, &out, NULL));
    g_assert_true(value_to_message(arena, text, &out, NULL));
    fails(nested(QS_MAX_VALUE_DEPTH + 1), "the value is nested deeper than 16 levels");
    fails(g_variant_new_string(long_text), "a string of 65537 bytes is over the limit of 65536");
    fails(g_variant_new_parsed("(1, 2)"), "a value of type '(ii)' cannot be sent");
    fails(g_variant_new_parsed("handle 1"), "a value of type 'h' cannot be sent");
    qs_arena_free(arena);
}

static void test_arena_full(void)
{
    g_autoptr(GVariant) value =
        g_variant_ref_sink(g_variant_new_parsed("[<'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>]"));
    g_autoptr(GError) error = NULL;

    for (size_t limit = 1; limit < 96; limit += 16) {
        QsArena *arena = qs_arena_new(limit);
        QsValue out;

        g_assert_false(value_to_message(arena, value, &out, &error));
        g_assert_cmpstr(error->message, ==, "the value is too large for a reply");
        g_clear_error(&error);
        qs_arena_free(arena);
    }
}

static void test_map_keeps_the_last(void)
{
    const QsValueEntry entries[] = {
        { "a", { .kind = QS_VALUE_INT, .i = 1 } },
        { "a", { .kind = QS_VALUE_INT, .i = 2 } },
        { "bad", { .kind = QS_VALUE_REAL, .real = NAN } },
    };
    g_autoptr(GVariant) map = g_variant_ref_sink(value_map_from_message(entries, 3));
    gint64 a;

    g_assert_true(g_variant_lookup(map, "a", "x", &a));
    g_assert_cmpint(a, ==, 2);
    g_assert_cmpuint(g_variant_n_children(map), ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/value/every-kind-travels", test_kinds);
    g_test_add_func("/server/value/what-the-contract-cannot-carry-is-refused", test_refused);
    g_test_add_func("/server/value/full-arena-is-an-error", test_arena_full);
    g_test_add_func("/server/value/of-equal-keys-the-last-wins", test_map_keeps_the_last);
    return g_test_run();
}
