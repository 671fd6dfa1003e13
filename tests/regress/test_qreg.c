/* .qreg files: what is read is what was printed, and mistakes are told with their place. */
#include <glib.h>

#include "cosim/regress/device_gpio.h"
#include "cosim/regress/error.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/stimulus.h"

static char *print_all(const GArray *steps)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < steps->len; i++) {
        const Step *step = &g_array_index(steps, Step, i);

        qreg_print_op(text, &regress_gpio, &step->op);
        if (step->known) {
            qreg_print_outcome(text, &step->op, &step->outcome, step->known);
        }
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static void assert_same(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) steps = qreg_parse("t.qreg", text, &regress_gpio, &error);
    g_autofree char *printed = NULL;

    g_assert_no_error(error);
    printed = print_all(steps);
    g_assert_cmpstr(printed, ==, expected);
}

static void test_people(void)
{
    assert_same("# a button\n\n  write output_en 255   # all of them\r\nread 0x1c\n"
                "read rise_ip+1 size=1\nread 0x44\nline 3 1\nline 3 0\nline 31 released\nreset\n"
                "advance 100\nwrite pue 0x12 size=2",
                "write output_en 0x000000ff\nread rise_ip\nread rise_ip+1 size=1\nread 0x44\n"
                "line 3 high\nline 3 low\nline 31 released\nreset\nadvance 100\n"
                "write pue 0x0012 size=2\n");
}

static void test_outcomes(void)
{
    const char *text = "read rise_ip => ok 0x00000008 irq=0x0 out=0xff driven=0xffffffff\n"
                       "read rise_ip => 0x00000008\n"
                       "write 0x44 0x00000001 => decode-error\n"
                       "reset phase=3 => stuck irq=0x1\n"
                       "write pue 0x00001200 strobes=0x2 => violation\n"
                       "write pue 0x00001200 strobes=0x0 phase=3\n"
                       "read pue+1 size=1 phase=1 => 0x12\n"
                       "input iof1-oval 31 high phase=2 unsettled => ok\n"
                       "line 3 low phase=1 unsettled\n"
                       "advance 10 unsettled\n"
                       "read input_val+2 size=2 => access-error 0xffff\n";

    assert_same(text, text);
}

static void test_random(void)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, TRUE, sizeof(Step));
    g_autofree char *text = NULL;
    RegressStimulus stimulus;

    regress_stimulus_init(&stimulus, &regress_gpio, OP_TAKES_ALL, 0, 7);
    for (unsigned i = 0; i < 20000; i++) {
        Step step = { .op = regress_stimulus_next(&stimulus) };

        g_array_append_val(steps, step);
    }
    text = print_all(steps);
    assert_same(text, text);
}

static void test_mistakes(void)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        { "reset\nread rise_up\n", "t.qreg:2: no register rise_up; is it rise_ip?" },
        { "read color", "t.qreg:1: no register color; it is a name of gpio or an offset" },
        { "peek rise_ip",
          "t.qreg:1: no operation peek; it is read, write, line, input, reset or advance" },
        { "read", "t.qreg:1: read wants PLACE" },
        { "write pue", "t.qreg:1: write wants PLACE VALUE" },
        { "write pue x", "t.qreg:1: a value must be a number, not \"x\"" },
        { "write pue -1", "t.qreg:1: a value must be a number, not \"-1\"" },
        { "write pue 0x100000000", "t.qreg:1: 0x100000000 does not fit into 4 byte(s)" },
        { "read pue 2", "t.qreg:1: \"2\" is too much here" },
        { "read pue size=3", "t.qreg:1: a size is 1, 2, 4 or 8, not 3" },
        { "read pue size=4 size=4", "t.qreg:1: \"size=4\" is too much here" },
        { "read pue+2", "t.qreg:1: 4 bytes at offset 0x12 are not aligned" },
        { "read pue+4", "t.qreg:1: what is added to a register is at most 0x3, not 4" },
        { "read 0x100", "t.qreg:1: an offset is at most 0xff, not 0x100" },
        { "line 32 high", "t.qreg:1: a line's number is at most 0x1f, not 32" },
        { "line 3 up", "t.qreg:1: a line is high, low or released, not \"up\"" },
        { "line 3", "t.qreg:1: line wants N high|low|released" },
        { "line 3 high phase=4", "t.qreg:1: a phase is at most 0x3, not 4" },
        { "line 3 high slowly", "t.qreg:1: \"slowly\" is too much here" },
        { "input iof0-oe 3", "t.qreg:1: input wants LIST N high|low" },
        { "input iof2-oe 3 high",
          "t.qreg:1: no list of inputs iof2-oe; there are iof0-oval, iof0-oe, "
          "iof0-ie, iof1-oval, iof1-oe, iof1-ie" },
        { "input iof0-oe 3 released", "t.qreg:1: an input is high or low, not \"released\"" },
        { "input iof0-oe 32 high", "t.qreg:1: a line's number is at most 0x1f, not 32" },
        { "reset unsettled", "t.qreg:1: \"unsettled\" is too much here" },
        { "advance 3 phase=1", "t.qreg:1: \"phase=1\" is too much here" },
        { "read pue phase=4", "t.qreg:1: a phase is at most 0x3, not 4" },
        { "read pue unsettled", "t.qreg:1: \"unsettled\" is too much here" },
        { "write pue 1 strobes=1 size=4", "t.qreg:1: \"size=4\" is too much here" },
        { "read pue strobes=1", "t.qreg:1: strobes are for writes of 4 bytes" },
        { "write pue 1 strobes=16", "t.qreg:1: strobes is at most 0xf, not 16" },
        { "reset now", "t.qreg:1: \"now\" is too much here" },
        { "advance", "t.qreg:1: advance wants NS" },
        { "=> ok", "t.qreg:1: no operation before \"=>\"" },
        { "reset => 0x1", "t.qreg:1: \"0x1\" is no outcome of this operation" },
        { "reset => irq=y", "t.qreg:1: irq= must be a number, not \"y\"" },
        { "read pue => 0x1ffffffff",
          "t.qreg:1: what is read is at most 0xffffffff, not 0x1ffffffff" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        GArray *steps = qreg_parse("t.qreg", cases[i].text, &regress_gpio, &error);

        g_assert_null(steps);
        g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

/* Bytes of any kind end in steps or in an error. */
static void test_noise(void)
{
    static const char *const words[] = {
        "read",   "write",     "line",     "=>",  "rise_ip", "+",       "size=", "input", "iof0-oe",
        "phase=", "unsettled", "strobes=", "0x1", "irq=",    "#",       "\n",    "\n",    " ",
        "reset",  "99999",     "high",     "ok",  "\xff",    "advance", "\t",    "="
    };
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (unsigned i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) steps = NULL;
        int n = g_rand_int_range(rand, 0, 12);

        for (int k = 0; k < n; k++) {
            g_string_append(text, words[g_rand_int_range(rand, 0, G_N_ELEMENTS(words))]);
            g_string_append(text, g_rand_boolean(rand) ? " " : "");
        }
        steps = qreg_parse("t.qreg", text->str, &regress_gpio, &error);
        g_assert_true((steps == NULL) == (error != NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regress/qreg/what-people-write-is-understood", test_people);
    g_test_add_func("/regress/qreg/outcomes-are-kept-in-part-and-whole", test_outcomes);
    g_test_add_func("/regress/qreg/random-operations-print-and-parse-to-the-same", test_random);
    g_test_add_func("/regress/qreg/mistakes-name-file-line-and-cause", test_mistakes);
    g_test_add_func("/regress/qreg/noise-ends-in-steps-or-an-error", test_noise);
    return g_test_run();
}
