/* What RTL does wrong is an outcome with its cause, whatever it is, and the target lives on. */
#include <cstring>

#include <glib.h>

#include "cosim/regress/error.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/report/wave.h"
#include "cosim/regress/rtl/rtl_target.h"
#include "cosim/regress/run.h"
#include "cosim/regress/shrink.h"
#include "tests/regress/rtl/toy_device.h"

using namespace qosim::regress;

static Target *open_toy(Bug bug, const char *text, GError **error)
{
    RtlWords words(text);
    RtlOptions options;

    options.latency = { toy_latency, 0, 0, toy_latency };
    options.limit = 50;
    options.about = "a toy";
    return rtl_target_new(
        text, &toy_regress, [=] { return std::make_unique<ToyDevice>(bug); }, options, words,
        error);
}

static Target *open_ok(Bug bug, const char *text)
{
    g_autoptr(GError) error = nullptr;
    Target *target = open_toy(bug, text, &error);

    g_assert_no_error(error);
    g_assert_nonnull(target);
    return target;
}

static Op access_op(OpKind kind, uint32_t offset, unsigned size, uint64_t value)
{
    Op op = {};

    op.kind = static_cast<uint8_t>(kind);
    op.offset = offset;
    op.size = static_cast<uint8_t>(size);
    op.value = value;
    return op;
}

static Op line_op(unsigned line, int level, bool unsettled)
{
    Op op = {};

    op.kind = OP_LINE;
    op.line = static_cast<uint8_t>(line);
    op.level = static_cast<int8_t>(level);
    op.unsettled = unsettled;
    return op;
}

static Outcome run_op(Target *target, const Op &op)
{
    g_autoptr(GError) error = nullptr;
    Outcome outcome;

    g_assert_true(target_run(target, &op, 1, &outcome, &error));
    g_assert_no_error(error);
    return outcome;
}

struct Case {
    Bug bug;
    const char *text; // the target's
    int dut_bus;
    unsigned differs;
    const char *note;
    unsigned most; // operations of a reproducer
};

static const Case cases[] = {
    { Bug::Deadlock, "bad", OP_BUS_STUCK, OBSERVED_BUS,
      "bad: APB: PENABLE is up, no PREADY for 50 cycles\n", 2 },
    { Bug::LateLine, "bad", QOSIM_BUS_OK, OBSERVED_IRQ, "", 2 },
    { Bug::LateLine, "bad,data=4", OP_BUS_VIOLATION, OBSERVED_BUS,
      "an interrupt changes 3 clocks after the operation, 2 are allowed\n", 2 },
    { Bug::OutputGlitch, "bad,data=4", OP_BUS_VIOLATION, OBSERVED_BUS,
      "an output changes 1 clock after the operation, 0 are allowed\n", 2 },
    { Bug::Rule, "bad", OP_BUS_VIOLATION, OBSERVED_BUS,
      "bad: the rule toy_rule of the bus is broken\n", 1 },
};

static void test_found(gconstpointer data)
{
    const Case *c = static_cast<const Case *>(data);
    g_autoptr(Pair) pair = pair_new(open_ok(Bug::None, "good"), open_ok(c->bug, c->text));
    g_autoptr(GError) error = nullptr;
    Shrunk shrunk;
    Run run;

    run_init(&run, pair);
    g_assert_cmpint(run_random(&run, 20000, 1, true, &error), ==, VERDICT_DIVERGED);
    g_assert_cmpint(
        shrink(pair, reinterpret_cast<const Op *>(run.ops->data), run.ops->len, &shrunk, &error),
        ==, VERDICT_DIVERGED);
    g_assert_no_error(error);
    g_assert_cmpint(shrunk.divergence.dut.bus, ==, c->dut_bus);
    g_assert_cmpuint(shrunk.divergence.differs & c->differs, ==, c->differs);
    g_test_message("%u operations; %s", shrunk.ops->len, shrunk.divergence.note);
    g_assert_true(g_str_has_suffix(shrunk.divergence.note, c->note));
    g_assert_cmpuint(shrunk.ops->len, <=, c->most);
    shrunk_clear(&shrunk);
    run_clear(&run);
}

static void test_same()
{
    g_autoptr(Pair) pair = pair_new(open_ok(Bug::None, "one"), open_ok(Bug::None, "other"));
    g_autoptr(GError) error = nullptr;
    Run run;

    run_init(&run, pair);
    g_assert_cmpint(run_random(&run, 20000, 2, true, &error), ==, VERDICT_SAME);
    g_assert_no_error(error);
    run_clear(&run);
}

static void test_reset_frees()
{
    Target *target = open_ok(Bug::Deadlock, "toy");
    Op reset = {};

    reset.kind = OP_RESET;
    g_assert_cmpint(run_op(target, access_op(OP_WRITE, 0, 4, 0x80)).bus, ==, QOSIM_BUS_OK);
    g_assert_cmpint(run_op(target, access_op(OP_READ, 0, 4, 0)).bus, ==, OP_BUS_STUCK);
    g_assert_cmpint(run_op(target, access_op(OP_READ, 0, 4, 0)).bus, ==, OP_BUS_STUCK);
    g_assert_cmpint(run_op(target, reset).bus, ==, QOSIM_BUS_OK);
    g_assert_cmpint(run_op(target, access_op(OP_READ, 0, 4, 0)).bus, ==, QOSIM_BUS_OK);
    g_assert_nonnull(strstr(target_note(target), "no PREADY"));
    target_close(target);
}

static void test_restart_frees()
{
    Target *target = open_ok(Bug::Deadlock, "toy");
    g_autoptr(GError) error = nullptr;

    run_op(target, access_op(OP_WRITE, 0, 4, 0x83));
    g_assert_cmpint(run_op(target, access_op(OP_READ, 0, 4, 0)).bus, ==, OP_BUS_STUCK);
    g_assert_true(target_restart(target, &error));
    g_assert_cmpint(run_op(target, access_op(OP_READ, 0, 4, 0)).bus, ==, QOSIM_BUS_OK);
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 4, 0)).levels.out, ==, 0);
    g_assert_cmpstr(target_note(target), ==, "");
    target_close(target);
}

static void test_accesses()
{
    Target *target = open_ok(Bug::SlaveError, "toy");
    Op strobed = access_op(OP_WRITE, 0, 4, 0x1234ff5a);

    run_op(target, access_op(OP_WRITE, 0, 1, 0xa5));
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 1, 0)).data, ==, 0xa5);
    run_op(target, access_op(OP_WRITE, 1, 1, 0x11)); // not the lane that there is
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 4, 0)).data, ==, 0xa5);
    strobed.by_strobes = true;
    strobed.strobes = 0xe;
    run_op(target, strobed);
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 2, 0)).data, ==, 0xa5);
    strobed.strobes = 1;
    strobed.phase = OP_PACE_LATE_REQUEST | OP_PACE_LATE_ANSWER;
    run_op(target, strobed);
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 4, 0)).data, ==, 0x5a);
    run_op(target, access_op(OP_WRITE, 8, 8, 0xffffffff00000003));
    g_assert_cmphex(run_op(target, access_op(OP_READ, 8, 8, 0)).data, ==, 3);
    g_assert_cmpint(run_op(target, access_op(OP_WRITE, 0, 8, 0)).bus, ==, QOSIM_BUS_ERROR);
    g_assert_cmphex(run_op(target, access_op(OP_READ, 0, 4, 0)).data, ==, 0);
    target_close(target);
}

/* Every change of a line reaches a clock, also where no time is left between them. */
static void test_storm()
{
    Target *target = open_ok(Bug::None, "toy");

    for (unsigned i = 0; i < 40; i++) {
        Op op = line_op(0, i % 2 == 0, true);

        op.phase = static_cast<uint8_t>(i * 7 % OP_PHASES);
        run_op(target, op);
        run_op(target, line_op(1, i % 3 == 0, true));
    }
    g_assert_cmpuint(run_op(target, access_op(OP_READ, 4, 4, 0)).data, ==, 20);
    target_close(target);
}

static void test_words()
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        { "toy,pins=3",
          "toy,pins=3: no option pins; there are irq, out, driven, data, limit, period" },
        { "toy,irq=", "toy,irq=: irq is a number from 0 to 1000, not \"\"" },
        { "toy,limit=0", "toy,limit=0: limit is a number from 1 to 1000000, not \"0\"" },
        { "toy,irq=1e3", "toy,irq=1e3: irq is a number from 0 to 1000, not \"1e3\"" },
    };

    for (const auto &w : wrong) {
        g_autoptr(GError) error = nullptr;

        g_assert_null(open_toy(Bug::None, w.text, &error));
        g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
        g_assert_cmpstr(error->message, ==, w.message);
    }
}

static void test_time()
{
    Target *target = open_ok(Bug::ByItself, "toy");
    Op advance = {};

    advance.kind = OP_ADVANCE;
    advance.value = 1000;
    run_op(target, access_op(OP_WRITE, 8, 4, 2));
    g_assert_cmphex(run_op(target, line_op(1, 1, false)).levels.irq, ==, 2);
    g_assert_cmpint(run_op(target, advance).bus, ==, OP_BUS_VIOLATION);
    g_assert_cmpstr(target_note(target), ==,
                    "a line changes 20 clocks into a time in which nothing is asked of it");
    target_close(target);
}

static void test_endless()
{
    Target *target = open_ok(Bug::None, "toy");
    g_autoptr(GError) error = nullptr;
    Op advance = {};
    Outcome outcome;

    advance.kind = OP_ADVANCE;
    advance.value = INT64_MAX;
    g_assert_false(target_run(target, &advance, 1, &outcome, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_true(g_str_has_prefix(error->message, "toy: 9223372036854775807 ns are more than"));
    target_close(target);
}

/* What is allowed is told, and may be changed. */
static void test_latency()
{
    Target *late = open_ok(Bug::LateLine, "toy,irq=3");

    g_assert_cmpstr(target_about(late), ==,
                    "a toy; clocks until what an operation leads to is compared, and then stays: "
                    "irq 3, out 0, driven 0, data 2; a handshake may take 50");
    run_op(late, access_op(OP_WRITE, 8, 4, 1));
    g_assert_cmphex(run_op(late, line_op(0, 1, false)).levels.irq, ==, 1);
    target_close(late);
}

static void test_watch()
{
    Target *target = open_ok(Bug::None, "toy");
    g_autoptr(Wave) wave = wave_new("toy", "ns", 1000);

    g_assert_true(target_watch(target, wave));
    run_op(target, access_op(OP_WRITE, 0, 4, 3));
    g_assert_true(target_watch(target, nullptr));
    run_op(target, access_op(OP_WRITE, 0, 4, 0));
    g_assert_cmpuint(wave_length(wave), >=, 8); // setup, access, and two to settle, twice each
    g_assert_cmphex(wave_value(wave, wave_length(wave) - 1, 4), ==, 3); // out
    target_close(target);
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "deadlock", "late-interrupt", "late-interrupt-seen",
                                         "output-glitch", "broken-rule" };

    g_test_init(&argc, &argv, nullptr);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            g_strdup_printf("/regress/rtl/%s/is-found-and-told-by-its-cause", names[i]);

        g_test_add_data_func(path, &cases[i], test_found);
    }
    g_test_add_func("/regress/rtl/two-good-ones-are-the-same", test_same);
    g_test_add_func("/regress/rtl/a-reset-frees-a-stuck-bus", test_reset_frees);
    g_test_add_func("/regress/rtl/a-restart-makes-it-new", test_restart_frees);
    g_test_add_func("/regress/rtl/accesses-have-sizes-strobes-and-errors", test_accesses);
    g_test_add_func("/regress/rtl/a-storm-loses-no-edge", test_storm);
    g_test_add_func("/regress/rtl/time-alone-changes-no-line", test_time);
    g_test_add_func("/regress/rtl/a-time-without-end-is-refused", test_endless);
    g_test_add_func("/regress/rtl/wrong-options-are-told", test_words);
    g_test_add_func("/regress/rtl/latencies-are-told-and-may-be-changed", test_latency);
    g_test_add_func("/regress/rtl/each-half-clock-is-sampled", test_watch);
    return g_test_run();
}
