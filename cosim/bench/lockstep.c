/* qosim-bench lockstep: operations per second of qosim-regress, next to the RTL alone. */
#include <stdio.h>

#include "cosim/bench/bench.h"
#include "cosim/regress/device_gpio.h"
#include "cosim/regress/error.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/rtl/gpio_target.h"
#include "cosim/regress/stimulus.h"

/* Parts of the RTL's speed alone that are wanted with the model at its side. */
#define MIN_INPROC 0.8
#define MIN_SHM 0.5

#define BATCH 64u
#define SEED 1u

#define PROPERTIES "variant=fe310,iof0=0x00ff0f0f,iof1=0x0f0f3c3c"
#define MACHINE                                                                                    \
    "-M sifive_e -global sifive_soc.gpio.variant=fe310 -global sifive_soc.gpio.iof0=0x00ff0f0f "   \
    "-global sifive_soc.gpio.iof1=0x0f0f3c3c"

enum { LOOP_RTL, LOOP_MODELS, LOOP_INPROC, LOOP_SHM, LOOP_TCP, N_LOOPS };

/* What one loop runs: a pair, or one target alone. */
typedef struct Contest {
    BenchProcess *server; /* of the reference; NULL: none */
    Pair *pair;
    Target *alone;
    RegressStimulus stimulus;
} Contest;

typedef struct LockstepBench {
    BenchOptions options;
    char *bus;
    Contest contests[N_LOOPS];
    BenchLoop loops[N_LOOPS];
} LockstepBench;

static void draw(Contest *contest, Op *ops)
{
    for (unsigned i = 0; i < BATCH; i++) {
        ops[i] = regress_stimulus_next(&contest->stimulus);
    }
}

static bool run_alone(void *opaque, uint64_t n, GError **error)
{
    Contest *contest = opaque;
    Outcome outcomes[BATCH];
    Op ops[BATCH];

    for (uint64_t done = 0; done < n; done += BATCH) {
        draw(contest, ops);
        if (!target_run(contest->alone, ops, BATCH, outcomes, error)) {
            return false;
        }
    }
    return true;
}

static bool run_pair(void *opaque, uint64_t n, GError **error)
{
    Contest *contest = opaque;
    Divergence divergence;
    Op ops[BATCH];

    for (uint64_t done = 0; done < n; done += BATCH) {
        Verdict verdict;

        draw(contest, ops);
        verdict = pair_run(contest->pair, ops, BATCH, &divergence, error);
        if (verdict == VERDICT_DIVERGED) {
            return bench_fail(error, "%s and %s are not the same", contest->pair->ref->name,
                              contest->pair->dut->name);
        }
        if (verdict != VERDICT_SAME) {
            return false;
        }
    }
    return true;
}

static bool open_alone(Contest *contest, const char *dut, GError **error)
{
    contest->alone = target_open(dut, &regress_gpio, error);
    if (!contest->alone || !target_begin(contest->alone, error)) {
        return false;
    }
    regress_stimulus_init(&contest->stimulus, &regress_gpio, contest->alone->takes, 0, SEED);
    return true;
}

/* @url: of a server to start for the reference, with "$DIR" or "%u" (a port) in it; NULL: the model in this process. */
static bool open_pair(LockstepBench *bench, Contest *contest, const char *url, const char *dut,
                      GError **error)
{
    g_autofree char *ref = g_strdup("model:" PROPERTIES);

    if (url) {
        g_autoptr(GString) listen = g_string_new(url);
        g_autofree char *port = g_strdup_printf("%u", bench_free_port());
        g_autofree char *at = NULL;

        g_string_replace(listen, "%u", port, 0);
        contest->server = bench_process_qosimd(&bench->options, MACHINE, listen->str, error);
        if (!contest->server) {
            return false;
        }
        at = bench_process_url(contest->server, listen->str);
        g_free(ref);
        ref = g_strconcat("model:", at, NULL);
    }
    contest->pair = pair_open(ref, dut, &regress_gpio, error);
    if (!contest->pair || !pair_begin(contest->pair, error)) {
        return false;
    }
    regress_stimulus_init(&contest->stimulus, &regress_gpio, contest->pair->takes, 0, SEED);
    return true;
}

static bool start(LockstepBench *bench, GError **error)
{
    static const char *const names[N_LOOPS] = { "rtl", "model-model", "rtl-inproc", "rtl-shm",
                                                "rtl-tcp" };
    g_autofree char *rtl = g_strdup_printf("rtl:%s", bench->bus ? bench->bus : "tilelink");
    Contest *contests = bench->contests;

    for (guint i = 0; i < N_LOOPS; i++) {
        bench->loops[i] = (BenchLoop){ .name = names[i],
                                       .run = i == LOOP_RTL ? run_alone : run_pair,
                                       .opaque = &contests[i],
                                       .unit = BATCH };
    }
    if (!open_alone(&contests[LOOP_RTL], rtl, error) ||
        !open_pair(bench, &contests[LOOP_MODELS], NULL, "model:" PROPERTIES, error) ||
        !open_pair(bench, &contests[LOOP_INPROC], NULL, rtl, error) ||
        !open_pair(bench, &contests[LOOP_SHM], "shm://$DIR/shm", rtl, error) ||
        !open_pair(bench, &contests[LOOP_TCP], "tcp://127.0.0.1:%u", rtl, error)) {
        return false;
    }
    bench->loops[LOOP_SHM].peer = contests[LOOP_SHM].server->pid;
    bench->loops[LOOP_TCP].peer = contests[LOOP_TCP].server->pid;
    return true;
}

/* Of the RTL's speed. */
static double part_of(const LockstepBench *bench, guint loop)
{
    return 1 / bench_loop_ratio(&bench->loops[loop], &bench->loops[LOOP_RTL]);
}

static void print_results(const LockstepBench *bench)
{
    static const char *const headings[] = { "loop",           "per second", "ns each",
                                            "best round",     "own CPU",    "of the RTL alone",
                                            "in best rounds", NULL };
    const double alone = bench_loop_summary(&bench->loops[LOOP_RTL]).best_ns;
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < N_LOOPS; i++) {
        const BenchSummary summary = bench_loop_summary(&bench->loops[i]);

        bench_table_add(table, "%s", bench->loops[i].name);
        bench_table_add_number(table, summary.per_second);
        bench_table_add_number(table, summary.mean_ns);
        bench_table_add_number(table, summary.best_ns);
        bench_table_add_number(table, summary.own_cpu_ns);
        bench_table_add_number(table, part_of(bench, i));
        bench_table_add_number(table, alone / summary.best_ns);
    }
    bench_table_print(table);
    printf("\nWith the model at its side the RTL has %.2f of its speed alone by inproc (goal: "
           "%.2f), %.2f by shm (goal: %.2f)\n",
           part_of(bench, LOOP_INPROC), MIN_INPROC, part_of(bench, LOOP_SHM), MIN_SHM);
}

static bool measure(LockstepBench *bench, GError **error)
{
    BenchJson *json;

    if (!bench_placement_begin(&bench->options, error)) {
        return false;
    }
    bench_print_heading(&bench_lockstep, &bench->options);
    if (!start(bench, error) || !bench_measure(bench->loops, N_LOOPS, &bench->options, error)) {
        return false;
    }
    print_results(bench);
    json = bench_json_new(&bench_lockstep, &bench->options);
    bench_json_number(json, "part_inproc", part_of(bench, LOOP_INPROC));
    bench_json_number(json, "part_shm", part_of(bench, LOOP_SHM));
    for (guint i = 0; i < N_LOOPS; i++) {
        bench_json_loop(json, bench->loops[i].name, &bench->loops[i]);
    }
    return bench_json_finish(json, &bench->options, error);
}

static void lockstep_bench_clear(LockstepBench *bench)
{
    for (guint i = 0; i < N_LOOPS; i++) {
        pair_free(bench->contests[i].pair);
        target_close(bench->contests[i].alone);
        bench_process_stop(bench->contests[i].server);
        bench_loop_clear(&bench->loops[i]);
    }
    g_free(bench->bus);
    bench_options_clear(&bench->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LockstepBench, lockstep_bench_clear)

static BenchExit run_lockstep(int argc, char **argv)
{
    g_auto(LockstepBench) bench = { .bus = NULL };
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        { "bus", 0, 0, G_OPTION_ARG_STRING, &bench.bus,
          "of the RTL: axil, apb, wishbone or tilelink (default)", "BUS" },
        { NULL },
    };

    if (!bench_options_parse(&bench_lockstep, entries, argc, argv, &bench.options)) {
        return BENCH_USAGE;
    }
    target_register("rtl", gpio_rtl_help, gpio_rtl_open);
    if (measure(&bench, &error)) {
        return BENCH_OK;
    }
    (void)bench_complain(&bench_lockstep, error);
    return g_error_matches(error, REGRESS_ERROR, REGRESS_ERROR_USAGE) ? BENCH_USAGE : BENCH_FAILED;
}

const BenchCommand bench_lockstep = {
    .name = "lockstep",
    .summary = "Operations per second of qosim-regress, next to the Verilated RTL alone",
    .details = "All loops get the same random operations for the GPIO. The first one runs them on "
               "the RTL, with all clocks that a comparison waits for,\nand compares nothing; the "
               "others run pairs: two models in this process, then the RTL with a model in this "
               "process, through\nshared memory, and over TCP.",
    .has_rounds = true,
    .run = run_lockstep,
};
