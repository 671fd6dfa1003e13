/* The parts of the demo SoC's firmware that know nothing of the SoC: virtqueues, the line editor, formatting. */
#include <glib.h>
#include <string.h>

#include "rtl/soc/firmware/format.h"
#include "rtl/soc/firmware/shell.h"
#include "rtl/soc/firmware/virtqueue.h"

/* --- Virtqueues: the test is the device --- */

typedef struct Device {
    Virtqueue q;
    VirtqRing ring;
    uint16_t seen;
    uint16_t used;
} Device;

static Device device;

static uint16_t get16(size_t offset)
{
    uint16_t value;

    memcpy(&value, device.ring.bytes + offset, sizeof(value));
    return value;
}

static uint32_t get32(size_t offset)
{
    uint32_t value;

    memcpy(&value, device.ring.bytes + offset, sizeof(value));
    return value;
}

static void put16(size_t offset, uint16_t value)
{
    memcpy(device.ring.bytes + offset, &value, sizeof(value));
}

static void put32(size_t offset, uint32_t value)
{
    memcpy(device.ring.bytes + offset, &value, sizeof(value));
}

/* Where virtio has the parts of a ring of so many entries. */
static size_t avail_offset(void)
{
    return (size_t)16 * device.q.num;
}

static size_t used_offset(void)
{
    size_t end = avail_offset() + 6 + (size_t)2 * device.q.num;

    return (end + 63) / 64 * 64;
}

static void start(uint16_t num)
{
    memset(&device, 0xa5, sizeof(device));
    virtq_init(&device.q, &device.ring, num);
    device.seen = 0;
    device.used = 0;
}

static bool is_available(void)
{
    return device.seen != get16(avail_offset() + 2);
}

static uint16_t take_head(void)
{
    g_assert_true(is_available());
    return get16(avail_offset() + 4 + (size_t)2 * (device.seen++ % device.q.num));
}

static void give_back(uint32_t id, uint32_t length)
{
    size_t entry = used_offset() + 4 + (size_t)8 * (device.used % device.q.num);

    put32(entry, id);
    put32(entry + 4, length);
    put16(used_offset() + 2, ++device.used);
}

static void test_layout(void)
{
    for (uint16_t num = 1; num <= VIRTQ_SIZE; num = (uint16_t)(num * 2)) {
        start(num);
        g_assert_true((uint8_t *)device.q.desc == device.ring.bytes);
        g_assert_true((uint8_t *)device.q.avail == device.ring.bytes + avail_offset());
        g_assert_true((uint8_t *)device.q.used == device.ring.bytes + used_offset());
        g_assert_cmpuint(used_offset() + 6 + (size_t)8 * num, <=, VIRTQ_PAGE);
        g_assert_cmpuint((uintptr_t)device.ring.bytes % VIRTQ_PAGE, ==, 0);
        g_assert_false(is_available());
    }
}

static void test_descriptor(void)
{
    uint8_t buffer[8];
    uint64_t address;
    size_t desc;

    start(4);
    g_assert_true(virtq_add(&device.q, buffer, sizeof(buffer), true, buffer));
    desc = (size_t)16 * take_head();
    memcpy(&address, device.ring.bytes + desc, sizeof(address));
    g_assert_cmphex(address, ==, (uintptr_t)buffer);
    g_assert_cmpuint(get32(desc + 8), ==, sizeof(buffer));
    g_assert_cmpuint(get16(desc + 12), ==, 2); /* WRITE, no NEXT */
    g_assert_true(virtq_add(&device.q, buffer, 3, false, buffer));
    desc = (size_t)16 * take_head();
    g_assert_cmpuint(get32(desc + 8), ==, 3);
    g_assert_cmpuint(get16(desc + 12), ==, 0);
}

static void test_any_order(void)
{
    char a[4];
    char b[4];
    char c[4];
    uint16_t heads[3];
    uint32_t length;

    start(4);
    g_assert_true(virtq_add(&device.q, a, 4, true, a));
    g_assert_true(virtq_add(&device.q, b, 4, true, b));
    g_assert_true(virtq_add(&device.q, c, 4, true, c));
    for (size_t i = 0; i < 3; i++) {
        heads[i] = take_head();
    }
    g_assert_null(virtq_take(&device.q, &length));
    give_back(heads[2], 3);
    give_back(heads[0], 0);
    g_assert_true(virtq_take(&device.q, &length) == c);
    g_assert_cmpuint(length, ==, 3);
    g_assert_true(virtq_take(&device.q, &length) == a);
    g_assert_cmpuint(length, ==, 0);
    g_assert_null(virtq_take(&device.q, &length));
    g_assert_cmpuint(device.q.n_held, ==, 1);
    g_assert_null(device.q.error);
}

static void test_full(void)
{
    char buffer[4];

    start(2);
    g_assert_true(virtq_add(&device.q, buffer, 4, true, buffer));
    g_assert_true(virtq_add(&device.q, buffer, 4, true, buffer));
    g_assert_false(virtq_add(&device.q, buffer, 4, true, buffer));
}

static void test_length_is_cut(void)
{
    char buffer[4];
    uint32_t length;

    start(2);
    g_assert_true(virtq_add(&device.q, buffer, 4, true, buffer));
    give_back(take_head(), 0xffffffff);
    g_assert_true(virtq_take(&device.q, &length) == buffer);
    g_assert_cmpuint(length, ==, 4);
}

static void test_indices_wrap(void)
{
    char buffer[4];
    uint32_t length;

    start(8);
    for (unsigned i = 0; i < 70000; i++) {
        g_assert_true(virtq_add(&device.q, buffer, 4, false, buffer));
        give_back(take_head(), i % 4);
        g_assert_true(virtq_take(&device.q, &length) == buffer);
        g_assert_cmpuint(length, ==, i % 4);
    }
    g_assert_cmpuint(device.q.n_held, ==, 0);
}

/* Whether the queue noticed, and takes nothing any more. */
static void check_broken(const char *error)
{
    uint32_t length;

    g_assert_null(virtq_take(&device.q, &length));
    g_assert_cmpstr(device.q.error, ==, error);
    give_back(0, 0);
    g_assert_null(virtq_take(&device.q, &length));
}

static void test_used_jumps(void)
{
    char buffer[4];

    start(4);
    g_assert_true(virtq_add(&device.q, buffer, 4, false, buffer));
    put16(used_offset() + 2, 2);
    check_broken("the device returned more buffers than it has");
}

static void test_unknown_id(void)
{
    static const uint32_t ids[] = { 1, 4, 0x10000, 0xffffffff };
    char buffer[4];

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        start(4);
        g_assert_true(virtq_add(&device.q, buffer, 4, false, buffer));
        give_back(ids[i], 0);
        check_broken("the device returned a buffer that it does not have");
    }
}

static void test_twice(void)
{
    char buffer[4];
    uint32_t length;
    uint16_t head;

    start(4);
    g_assert_true(virtq_add(&device.q, buffer, 4, false, buffer));
    g_assert_true(virtq_add(&device.q, buffer, 4, false, buffer));
    head = take_head();
    give_back(head, 0);
    give_back(head, 0);
    g_assert_nonnull(virtq_take(&device.q, &length));
    check_broken("the device returned a buffer that it does not have");
}

static void test_kick(void)
{
    start(4);
    g_assert_true(virtq_wants_kick(&device.q));
    put16(used_offset(), 1);
    g_assert_false(virtq_wants_kick(&device.q));
}

/* --- The line editor --- */

static GString *screen;
static GString *lines;

static void put(void *opaque, char c)
{
    g_string_append_c(opaque, c);
}

static void take_line(Shell *shell, char *line)
{
    g_string_append_printf(lines, "<%s>", line);
    shell->ended = strcmp(line, "end") == 0;
}

/* Types @keys at a fresh prompt; @want are the lines that come of it, each in <>. */
static void check_typed(const char *keys, const char *want)
{
    Shell shell = { .put = put, .run = take_line };

    screen = g_string_new(NULL);
    lines = g_string_new(NULL);
    shell.opaque = screen;
    shell_start(&shell);
    for (const char *key = keys; *key; key++) {
        shell_input(&shell, *key);
    }
    g_assert_cmpstr(lines->str, ==, want);
    g_string_free(lines, TRUE);
}

static void check_screen(const char *want)
{
    g_assert_cmpstr(screen->str, ==, want);
    g_string_free(screen, TRUE);
}

static void check_lines(const char *keys, const char *want)
{
    check_typed(keys, want);
    g_string_free(screen, TRUE);
}

static void test_line_ends(void)
{
    check_typed("a\r\nb\nc\r\r\n\n", "<a><b><c>");
    check_screen("soc> a\r\nsoc> b\r\nsoc> c\r\nsoc> \r\nsoc> \r\nsoc> ");
}

static void test_corrections(void)
{
    check_typed("ab\bc\x7f\x7f"
                "d\r",
                "<d>");
    check_screen("soc> ab\b \bc\b \b\b \bd\r\nsoc> ");
    check_lines("\b\x7f\bx\r", "<x>");
    check_lines("wrong\x15right\r", "<right>");
    check_lines("wrong\x03right\r", "<right>");
    check_lines("a\xc3\xa4\b\xe2\x82\xac\bb\r", "<ab>"); /* characters of two and three bytes */
}

static void test_keys_without_meaning(void)
{
    check_lines("a\x1b[Ab\x1bOBc\x1b[1;5Cd\x1bxe\x1b\x1b[Df\r", "<abcdef>");
    check_lines("a\x01\x02\x04\tb\r", "<ab>");
}

static void test_long_line(void)
{
    g_autofree char *keys = g_strnfill(1000, 'x');
    g_autofree char *kept = g_strnfill(SHELL_LINE_BYTES - 1, 'x');
    g_autofree char *typed = g_strconcat(keys, "\r", NULL);
    g_autofree char *want = g_strconcat("<", kept, ">", NULL);

    check_lines(typed, want);
}

static void test_end(void)
{
    check_typed("end\rmore\r", "<end>");
    check_screen("soc> end\r\n");
}

static void test_split(void)
{
    char text[] = "  one two   three ";
    char many[] = "1 2 3 4 5 6 7 8 9";
    char blank[] = "   ";
    char *words[SHELL_WORDS];

    g_assert_cmpuint(shell_split(text, words), ==, 3);
    g_assert_cmpstr(words[0], ==, "one");
    g_assert_cmpstr(words[2], ==, "three");
    g_assert_cmpuint(shell_split(many, words), ==, SHELL_WORDS + 1);
    g_assert_cmpuint(shell_split(blank, words), ==, 0);
}

/* --- Formatting --- */

static void check_format(const char *want, const char *text, ...) G_GNUC_PRINTF(2, 3);

static void check_format(const char *want, const char *text, ...)
{
    g_autoptr(GString) out = g_string_new(NULL);
    va_list args;

    va_start(args, text);
    format(put, out, text, args);
    va_end(args);
    g_assert_cmpstr(out->str, ==, want);
}

static void test_format(void)
{
    check_format("0 4294967295 ffffffff", "%u %u %x", 0u, 4294967295u, 0xffffffffu);
    check_format("0x0000002a 007 12345", "0x%08x %03u %02u", 42u, 7u, 12345u);
    check_format("a text, 100%", "%c %s, %u%%", 'a', "text", 100u);
}

static void test_parse(void)
{
    static const char *const bad[] = {
        "",   "0x", "1x",   "x1",         "-1",          "+1",
        " 1", "1 ", "0xg1", "4294967296", "0x100000000", "99999999999999999999"
    };
    uint32_t value = 0;

    g_assert_true(parse_number("4294967295", &value) && value == UINT32_MAX);
    g_assert_true(parse_number("0xFfffFFff", &value) && value == UINT32_MAX);
    g_assert_true(parse_number("0X1a", &value) && value == 26);
    g_assert_true(parse_number("007", &value) && value == 7);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(parse_number(bad[i], &value));
    }
    g_assert_true(same_text("peek", "peek"));
    g_assert_false(same_text("peek", "pee"));
    g_assert_false(same_text("pee", "peek"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/firmware/virtqueue/parts-lie-where-virtio-has-them", test_layout);
    g_test_add_func("/firmware/virtqueue/descriptor-says-what-was-added", test_descriptor);
    g_test_add_func("/firmware/virtqueue/buffers-come-back-in-any-order", test_any_order);
    g_test_add_func("/firmware/virtqueue/full-ring-takes-no-more", test_full);
    g_test_add_func("/firmware/virtqueue/length-is-never-more-than-the-buffer", test_length_is_cut);
    g_test_add_func("/firmware/virtqueue/indices-wrap", test_indices_wrap);
    g_test_add_func("/firmware/virtqueue/used-index-that-jumps-is-an-error", test_used_jumps);
    g_test_add_func("/firmware/virtqueue/unknown-buffer-is-an-error", test_unknown_id);
    g_test_add_func("/firmware/virtqueue/buffer-returned-twice-is-an-error", test_twice);
    g_test_add_func("/firmware/virtqueue/kick-can-be-suppressed", test_kick);
    g_test_add_func("/firmware/shell/cr-lf-and-both-end-a-line", test_line_ends);
    g_test_add_func("/firmware/shell/what-was-typed-can-be-taken-back", test_corrections);
    g_test_add_func("/firmware/shell/keys-without-meaning-do-nothing", test_keys_without_meaning);
    g_test_add_func("/firmware/shell/long-line-is-cut", test_long_line);
    g_test_add_func("/firmware/shell/nothing-is-taken-after-the-end", test_end);
    g_test_add_func("/firmware/shell/words-are-split-at-spaces", test_split);
    g_test_add_func("/firmware/format/numbers-and-texts", test_format);
    g_test_add_func("/firmware/format/parse-takes-whole-32-bit-numbers-only", test_parse);
    return g_test_run();
}
