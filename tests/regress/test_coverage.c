/* Which bins a sequence of operations hits, and which it does not. */
#include <string.h>

#include <glib.h>

#include "cosim/regress/coverage.h"
#include "cosim/regress/coverage_gpio_state.h"
#include "cosim/regress/device_gpio.h"
#include "cosim/regress/goals.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/run.h"
#include "cosim/regress/run_coverage.h"
#include "cosim/regress/stimulus.h"

#define CHIP "model:variant=fe310,iof0=0x00ff0f0f,iof1=0x0f0f3c3c"

/* How often the bin was hit that people call @name. */
static unsigned count_of(const Coverage *coverage, const char *name)
{
    g_autofree char *row = g_strndup(name, strcspn(name, "["));
    const CoverPoint *point = coverage_point_named(coverage, row);

    for (unsigned bin = 0; point && bin < COVERAGE_BINS; bin++) {
        if (point->there >> bin & 1) {
            g_autofree char *this = coverage_bin_name(point, bin);

            if (strcmp(this, name) == 0) {
                return point->counts[bin];
            }
        }
    }
    g_error("no bin %s", name);
}

/* Runs the sequence on the documented chip. Owned by the caller. */
static Coverage *cover(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) steps = qreg_parse("sequence", text, &regress_gpio, &error);
    g_autoptr(Target) target = target_open(CHIP, &regress_gpio, &error);
    Coverage *coverage = coverage_new(&regress_gpio);

    g_assert_no_error(error);
    g_assert_true(target_begin(target, &error));
    for (guint i = 0; i < steps->len; i++) {
        const Op *op = &g_array_index(steps, Step, i).op;
        Outcome outcome;

        g_assert_true(target_run(target, op, 1, &outcome, &error));
        coverage_ran(coverage, op, &outcome, 1);
    }
    return coverage;
}

/* A sequence, the bins that it hits, and some that it does not. */
typedef struct Case {
    const char *name;
    const char *text;
    const char *hit[8];
    const char *missed[8];
} Case;

static const Case cases[] = {
    { .name = "register/lanes-of-each-access",
      .text = "read pue\nread pue+2 size=2\nwrite pue+3 1 size=1\nwrite pue 0x100 strobes=0x6\n"
              "write output_en 0 size=8\n",
      .hit = { "pue.read.lanes[1111]", "pue.read.lanes[1100]", "pue.write.lanes[1000]",
               "pue.write.lanes[0110]", "output_en.write.lanes[1111]",
               "output_val.write.lanes[1111]" },
      .missed = { "pue.read.lanes[0011]", "pue.write.lanes[1111]", "pue.write.lanes[0000]" } },
    { .name = "register/bits-that-change-between-reads",
      .text = "read ds\nwrite ds 0x5\nread ds\nwrite ds 0x4\nread ds\n",
      .hit = { "ds.read.0-1[0]", "ds.read.0-1[2]", "ds.read.1-0[0]", "ds.write.0-1[0]",
               "ds.write.1-0[0]" },
      .missed = { "ds.read.1-0[2]", "ds.read.0-1[1]", "ds.write.1-0[2]" } },
    { .name = "register/reset-is-seen-only-when-read-before-written",
      .text = "write ds 0x1\nwrite pue 0x1\nwrite out_xor 0x2\nreset\nread ds\nwrite pue 0\n"
              "read pue\nread out_xor\n",
      .hit = { "ds.read.after-reset[0]", "out_xor.read.after-reset[1]" },
      .missed = { "pue.read.after-reset[0]", "ds.read.after-reset[1]" } },
    { .name = "register/pending-bits-cleared-and-kept",
      .text = "write input_en 0x3\nline 0 high\nline 1 high\nread rise_ip\nwrite rise_ip 0x1\n"
              "read rise_ip\n",
      .hit = { "rise_ip.write.cleared[0]", "rise_ip.write.kept[1]" },
      .missed = { "rise_ip.write.cleared[1]", "rise_ip.write.kept[0]" } },
    { .name = "register/read-only-ignores-writes",
      .text = "read input_val\nwrite input_val 0x4\nread input_val\n",
      .hit = { "input_val.write.ignored[2]" },
      .missed = { "input_val.write.ignored[3]" } },
    { .name = "register/offsets-without-register",
      .text = "read 0x44\nwrite 0x80 1 size=2\n",
      .hit = { "no-register.read.lanes[1111]", "no-register.read.address[6]",
               "no-register.read.address[2]", "no-register.write.lanes[0011]",
               "no-register.write.address[7]" },
      .missed = { "no-register.write.address[6]", "no-register.read.address[7]" } },
    { .name = "pending/counts-when-it-was-read",
      .text = "write input_en 0x3\nline 0 high\nline 1 high\nwrite rise_ip 0x2\nread rise_ip\n",
      .hit = { "rise_ip.set-by.outside[0]" },
      .missed = { "rise_ip.set-by.outside[1]", "high_ip.set-by.outside[0]",
                  "rise_ip.set-by.release[0]" } },
    { .name = "pending/by-what-the-device-drives",
      .text = "write input_en 0xff\nwrite pue 0x1\nwrite output_en 0x6\nwrite output_val 0x2\n"
              "write out_xor 0x4\nread rise_ip\nwrite pue 0\nwrite output_val 0\n"
              "write input_en 0\nread fall_ip\n",
      .hit = { "rise_ip.set-by.pue[0]", "rise_ip.set-by.output_val[1]", "rise_ip.set-by.out_xor[2]",
               "fall_ip.set-by.pue[0]", "fall_ip.set-by.output_val[1]",
               "fall_ip.set-by.input_en[2]" },
      .missed = { "rise_ip.set-by.output_en[1]", "rise_ip.set-by.outside[0]" } },
    { .name = "pending/level-sets-its-bit-again-and-reset-sets-low",
      .text =
          "write input_en 0x1\nline 0 high\nwrite high_ip 0x1\nread high_ip\nreset\nread low_ip\n",
      .hit = { "high_ip.set-by.again[0]", "low_ip.set-by.reset[0]", "low_ip.set-by.reset[31]" },
      .missed = { "high_ip.set-by.outside[0]", "high_ip.set-by.again[1]" } },
    { .name = "pins/who-drives-them-when-they-are-read",
      .text = "write input_en 0x1f\nline 0 high\nwrite pue 0x3e\nline 2 low\nwrite output_en 0x8\n"
              "line 3 high\nread input_val\n",
      .hit = { "input_val.driven-by.outside-high[0]", "input_val.driven-by.pull-up[1]",
               "input_val.driven-by.outside-low-and-pull-up[2]",
               "input_val.driven-by.output-low-against-high[3]",
               "input_val.driven-by.disabled-high[5]" },
      .missed = { "input_val.driven-by.outside-low[2]", "input_val.driven-by.nobody[6]" } },
    { .name = "pins/functions-that-are-there-and-that-are-not",
      .text = "input iof0-oe 0 high\ninput iof0-oe 4 high\ninput iof0-ie 0 high\n"
              "input iof0-oval 0 high\nwrite iof_en 0x11\nreset\nwrite iof_en 0x11\n"
              "read input_val\nread rise_ip\nwrite out_xor 1\nread input_val\nreset\n",
      .hit = { "iof0.asks.oval+oe+ie[0]", "iof0.absent[4]", "rise_ip.set-by.iof_en[0]",
               "reset.while.iof0[0]", "out.changed-by.iof_en[0]", "iof0.inverted[0]" },
      .missed = { "iof0.asks.oe[4]", "iof0.absent[0]", "rise_ip.set-by.iof_en[4]",
                  "iof1.asks.oval+oe+ie[0]" } },
    { .name = "lines/changes-by-pin-and-by-state",
      .text = "line 0 high\nwrite input_en 2\nline 1 low\nline 1 high\nline 1 released\n",
      .hit = { "line.change.z-1[0]", "line.state.z-1[software]", "line.change.z-0[1]",
               "line.state.z-0[in]", "line.change.0-1[1]", "line.change.1-z[1]",
               "line.state.1-z[in]" },
      .missed = { "line.state.z-1[in]", "line.change.0-z[1]" } },
    { .name = "interrupts/enabled-together-and-who-raised-them",
      .text = "write input_en 1\nwrite rise_ie 1\nwrite high_ie 1\nwrite fall_ie 1\nline 0 high\n"
              "write rise_ip 1\nwrite high_ie 0\n",
      .hit = { "irq.up.enabled.rise+fall+high[0]", "irq.up.by.rise+high[0]",
               "irq.stays.rise-cleared[0]", "irq.down.disabled[0]" },
      .missed = { "irq.up.by.rise[0]", "irq.up.enabled.rise+high[0]", "irq.down.cleared[0]",
                  "irq.silent.rise[0]" } },
    { .name = "interrupts/silent-and-reset",
      .text = "write input_en 3\nline 1 high\nwrite low_ie 1\nreset\n",
      .hit = { "irq.silent.rise[1]", "irq.silent.high[1]", "irq.up.enabled.low[0]",
               "irq.down.reset[0]", "reset.while.irq[0]", "reset.while.input-high[1]",
               "reset.while.outside-high[1]" },
      .missed = { "irq.silent.fall[1]", "reset.while.irq[1]", "irq.down.cleared[0]" } },
    { .name = "outputs/changes-and-their-causes",
      .text = "write output_en 1\nwrite output_val 1\nwrite out_xor 1\nwrite output_en 0\n",
      .hit = { "out.change.z-0[0]", "out.change.0-1[0]", "out.change.1-0[0]", "out.change.0-z[0]",
               "out.changed-by.output_en[0]", "out.changed-by.output_val[0]",
               "out.changed-by.out_xor[0]" },
      .missed = { "out.change.z-1[0]", "out.changed-by.reset[0]" } },
};

static void test_case(gconstpointer data)
{
    const Case *one = data;
    g_autoptr(Coverage) coverage = cover(one->text);

    for (unsigned i = 0; i < G_N_ELEMENTS(one->hit) && one->hit[i]; i++) {
        if (count_of(coverage, one->hit[i]) == 0) {
            g_error("%s was not hit", one->hit[i]);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(one->missed) && one->missed[i]; i++) {
        if (count_of(coverage, one->missed[i]) != 0) {
            g_error("%s was hit", one->missed[i]);
        }
    }
}

/* What coverage thinks of the state is what the chip is read to be; else bins would be credited that were not hit. */
static void test_state_follows(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Target) target = target_open(CHIP, &regress_gpio, &error);
    RegressStimulus stimulus;
    GpioState state = { .doubt = 0 };

    g_assert_no_error(error);
    regress_stimulus_init(&stimulus, &regress_gpio, OP_TAKES_ALL, 0, 3);
    g_assert_true(target_begin(target, &error));
    gpio_state_begin(&state);
    for (unsigned i = 0; i < 40000; i++) {
        Op op = regress_stimulus_next(&stimulus);
        Outcome outcome;
        GpioCause cause;

        g_assert_true(target_run(target, &op, 1, &outcome, &error));
        gpio_state_follow(&state, &op, &outcome, &cause);
        if (!op.unsettled) {
            g_assert_cmphex(outcome.levels.driven & ~state.doubt, ==, state.oe & ~state.doubt);
        }
        g_assert_cmpuint(state.corrected, ==, 0);
    }
    /* It was found out which pins have which function. */
    g_assert_cmphex(state.function[0].present, ==, 0x00ff0f0f);
    g_assert_cmphex(state.function[0].absent, ==, ~UINT32_C(0x00ff0f0f));
    g_assert_cmphex(state.function[1].present, ==, 0x0f0f3c3c);
    g_assert_cmphex(state.function[1].absent, ==, ~UINT32_C(0x0f0f3c3c));
}

/* A new sequence starts with what the prelude leaves, not with what the last one did. */
static void test_sequences_are_apart(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    const Op read = { .kind = OP_READ, .size = 4, .offset = 0x14 };
    Outcome outcome = { .bus = QOSIM_BUS_OK };

    coverage_ran(coverage, &read, &outcome, 1);
    coverage_begin(coverage);
    outcome.data = 1;
    coverage_ran(coverage, &read, &outcome, 1);
    g_assert_cmpuint(count_of(coverage, "ds.read.0-1[0]"), ==, 0);
    outcome.data = 0;
    coverage_ran(coverage, &read, &outcome, 1);
    g_assert_cmpuint(count_of(coverage, "ds.read.1-0[0]"), ==, 1);
    g_assert_cmpuint(count_of(coverage, "ds.read.lanes[1111]"), ==, 3);
}

static void test_errors_do_not_count(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    const Op read = { .kind = OP_READ, .size = 4, .offset = 0x14 };
    const Outcome outcome = { .bus = QOSIM_BUS_ERROR };

    coverage_ran(coverage, &read, &outcome, 1);
    g_assert_cmpuint(count_of(coverage, "ds.read.lanes[1111]"), ==, 0);
}

static void test_counts_stand_at_their_end(void)
{
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    const Op read = { .kind = OP_READ, .size = 4, .offset = 0x14 };
    const Outcome outcome = { .bus = QOSIM_BUS_OK };

    for (unsigned i = 0; i < COVERAGE_COUNT_MAX + 10; i++) {
        coverage_ran(coverage, &read, &outcome, 1);
    }
    g_assert_cmpuint(count_of(coverage, "ds.read.lanes[1111]"), ==, COVERAGE_COUNT_MAX);
}

/* The goals that ship are met by random operations, and the run ends when they are. */
static void test_goals_are_reached(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Pair) pair = pair_open(CHIP, CHIP, &regress_gpio, &error);
    g_autoptr(RunCoverage) coverage = run_coverage_new(&regress_gpio, NULL, &error);
    Run run;

    g_assert_no_error(error);
    run_init(&run, pair);
    run_listen(&run, &coverage->listener);
    run.until_covered = true;
    g_assert_cmpint(run_random(&run, 10000000, 4, true, &error), ==, VERDICT_SAME);
    g_test_message("%u operations", run.ops->len);
    g_assert_cmpfloat(run_coverage_percent(coverage), ==, 100);
    g_assert_cmpuint(run.ops->len, <, 10000000);
    run_clear(&run);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/regress/coverage/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/regress/coverage/state-follows-the-chip", test_state_follows);
    g_test_add_func("/regress/coverage/sequences-are-apart", test_sequences_are_apart);
    g_test_add_func("/regress/coverage/accesses-that-fail-do-not-count", test_errors_do_not_count);
    g_test_add_func("/regress/coverage/counts-stand-at-their-end", test_counts_stand_at_their_end);
    g_test_add_func("/regress/coverage/goals-that-ship-are-reached", test_goals_are_reached);
    return g_test_run();
}
