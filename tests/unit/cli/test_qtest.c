/* The qtest protocol, line by line, on a server that the test holds in its hands. */
#include <string.h>

#include "cosim/cli/qtest.h"
#include "cosim/cli/qtest_words.h"
#include "tests/unit/cli/fake_qosim.h"

typedef struct Fixture {
    qosim_session *session;
    Qtest qtest;
} Fixture;

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_reset();
    f->session = fake_session();
    qtest_init(&f->qtest, f->session);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    qtest_clear(&f->qtest);
    qosim_close(f->session);
    fake_reset();
}

static char *ask(Fixture *f, const char *line)
{
    g_autofree char *copy = g_strdup(line);

    g_string_truncate(f->qtest.out, 0);
    qtest_line(&f->qtest, copy, strlen(copy));
    return f->qtest.out->str;
}

#define assert_answer(f, line, answer) g_assert_cmpstr(ask(f, line), ==, answer)

static void test_words(void)
{
    char line[] = "a  b c d";
    char *words[5];

    g_assert_cmpuint(qtest_split(line, words, 5), ==, 5);
    g_assert_cmpstr(words[0], ==, "a");
    g_assert_cmpstr(words[1], ==, "");
    g_assert_cmpstr(words[2], ==, "b");
    g_assert_cmpstr(words[4], ==, "d");
}

static void test_words_bounded(void)
{
    char line[] = "a b c d";
    char *words[2];

    g_assert_cmpuint(qtest_split(line, words, 2), ==, 2);
    g_assert_cmpstr(words[1], ==, "b");
}

static void test_irq_before_reply(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "writel 0x10012000 5", "IRQ raise 8\nIRQ raise 10\nOK\n");
    assert_answer(f, "writel 0x10012000 4", "IRQ lower 8\nOK\n");
}

static void test_irq_only_when_intercepted(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "writel 0x10012000 5", "OK\n");
}

static void test_irq_only_on_change(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "writel 0x10012000 1", "IRQ raise 8\nOK\n");
    fake.lines = 0;
    assert_answer(f, "writel 0x10012000 1", "OK\n");
}

static void test_irq_above_255(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "writel 0x10012000 0x80000000", "OK\n");
}

static void test_levels_start_at_zero(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "writel 0x10012000 1", "OK\n");
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "writel 0x10012000 0", "OK\n");
    assert_answer(f, "writel 0x10012000 1", "IRQ raise 8\nOK\n");
}

static void test_one_device(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "irq_intercept_in /machine/nope", "FAIL Unknown device\n");
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "irq_intercept_in /machine/soc", "OK\n");
    assert_answer(f, "irq_intercept_out /machine/soc", "OK\n");
    assert_answer(f, "irq_intercept_in /machine/other", "FAIL IRQ intercept already enabled\n");
    g_assert_cmpuint(fake.unwatched, ==, 1);
    assert_answer(f, "irq_intercept_in /machine/nope", "FAIL Unknown device\n");
}

static void test_set_irq_in(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "set_irq_in /machine/soc unnamed-gpio-in 3 -1", "OK\n");
    g_assert_cmpstr(fake.line_set, ==, "/machine/soc (unnamed) 3 -1");
    assert_answer(f, "set_irq_in /machine/soc reset 0x1 1", "OK\n");
    g_assert_cmpstr(fake.line_set, ==, "/machine/soc reset 1 1");
    assert_answer(f, "set_irq_in /machine/nope unnamed-gpio-in 3 1", "FAIL Unknown device\n");
    assert_answer(f, "set_irq_in /machine/soc unnamed-gpio-in 32 1",
                  "ERR the fake says no at all\n");
}

static void test_values(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "writeq 0x80000000 0x1122334455667788", "OK\n");
    assert_answer(f, "readb 0x80000001", "OK 0x0000000000000077\n");
    assert_answer(f, "readw 0x80000001", "OK 0x0000000000006677\n");
    assert_answer(f, "readl 0x80000001", "OK 0x0000000044556677\n");
    assert_answer(f, "readq 0x80000000", "OK 0x1122334455667788\n");
    assert_answer(f, "read 0x80000000 3", "OK 0x887766\n");
    assert_answer(f, "b64read 0x80000000 3", "OK iHdm\n");
}

static void test_no_bus_errors(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "readl 0", "OK 0x0000000000000000\n");
    assert_answer(f, "writel 0 1", "OK\n");
    assert_answer(f, "read 0 2", "OK 0x0000\n");
}

static void test_block_limit(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "read 0x80000000 0x10000000000",
                  "ERR read: size 1099511627776 is above the limit of 16777216 bytes\n");
    g_assert_true(g_str_has_prefix(ask(f, "read 0x80000000 0x1000000"), "OK 0x0000"));
    g_assert_cmpuint(f->qtest.out->len, ==, 2 * QTEST_BLOCK_MAX + strlen("OK 0x\n"));
}

static void test_zero_byte(Fixture *f, const void *data G_GNUC_UNUSED)
{
    char line[] = "readl\0 0x80000000";

    qtest_line(&f->qtest, line, sizeof(line) - 1);
    g_assert_cmpstr(f->qtest.out->str, ==, "ERR a line holds a zero byte\n");
}

static void test_empty_line(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "", "ERR empty line\n");
}

static void test_long_unknown_command(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *line = g_strnfill(100000, 'x');

    g_assert_cmpuint(strlen(ask(f, line)), <, 2000);
    g_assert_true(g_str_has_prefix(f->qtest.out->str, "FAIL Unknown command 'xxx"));
}

static void test_refusal(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake.result = QOSIM_ERR_GENERIC;
    assert_answer(f, "readl 0x80000000", "ERR the fake says no at all\n");
    assert_answer(f, "writel 0x80000000 1", "ERR the fake says no at all\n");
    assert_answer(f, "read 0x80000000 1", "ERR the fake says no at all\n");
    assert_answer(f, "system_reset", "ERR the fake says no at all\n");
    g_assert_false(f->qtest.lost);
    fake.result = QOSIM_ERR_TIMEOUT;
    assert_answer(f, "readl 0x80000000", "ERR the fake says no at all\n");
    g_assert_false(f->qtest.lost);
}

static void test_lost(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake.result = QOSIM_ERR_DISCONNECTED;
    assert_answer(f, "readl 0x80000000", "ERR the fake says no at all\n");
    g_assert_true(f->qtest.lost);
}

static void test_clock(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "clock_step 100", "OK 100\n");
    assert_answer(f, "clock_set 5", "OK 100\n");
    assert_answer(f, "clock_set 500", "OK 500\n");
    assert_answer(f, "clock_step",
                  "FAIL cannot advance clock to the next deadline because there is no pending "
                  "deadline\n");
    fake.deadline = 700;
    assert_answer(f, "clock_step", "OK 700\n");
    assert_answer(f, "clock_step 0x7fffffffffffffff", "ERR clock_step: beyond the end of time\n");
}

static void test_reset(Fixture *f, const void *data G_GNUC_UNUSED)
{
    assert_answer(f, "system_reset", "OK\n");
    g_assert_cmpuint(fake.resets, ==, 1);
}

static void add(const char *path, void (*test)(Fixture *, const void *))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/qtest/words-are-cut-at-every-blank", test_words);
    g_test_add_func("/cli/qtest/words-beyond-the-last-are-dropped", test_words_bounded);
    add("/cli/qtest/irq-lines-come-before-the-reply-that-they-belong-to", test_irq_before_reply);
    add("/cli/qtest/irq-lines-need-an-intercept", test_irq_only_when_intercepted);
    add("/cli/qtest/irq-line-is-told-only-when-its-level-changes", test_irq_only_on_change);
    add("/cli/qtest/irq-line-above-255-is-not-told", test_irq_above_255);
    add("/cli/qtest/remembered-levels-start-at-zero", test_levels_start_at_zero);
    add("/cli/qtest/one-device-is-intercepted-at-a-time", test_one_device);
    add("/cli/qtest/set-irq-in-drives-named-and-unnamed-lines", test_set_irq_in);
    add("/cli/qtest/values-are-little-endian-and-of-their-size", test_values);
    add("/cli/qtest/bus-errors-do-not-show", test_no_bus_errors);
    add("/cli/qtest/blocks-are-bounded-and-the-limit-itself-works", test_block_limit);
    add("/cli/qtest/zero-byte-is-an-error", test_zero_byte);
    add("/cli/qtest/empty-line-is-an-error", test_empty_line);
    add("/cli/qtest/echo-of-an-unknown-command-is-bounded", test_long_unknown_command);
    add("/cli/qtest/refusal-is-an-answer-on-one-line", test_refusal);
    add("/cli/qtest/loss-of-the-server-is-answered-and-remembered", test_lost);
    add("/cli/qtest/clock-moves-forward-only", test_clock);
    add("/cli/qtest/system-reset-resets", test_reset);
    return g_test_run();
}
