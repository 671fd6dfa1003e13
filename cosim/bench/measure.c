/* Loops, measured in turns. */
#include "cosim/bench/bench.h"

#include <time.h>

/* How long a stretch between two looks at the clock is, about. */
#define STRETCH_S 0.0005

/* Single operations of a loop that are kept, all rounds together. */
#define TIMES_MAX 400000u

static double clock_cost_ns;

double bench_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What a look at the clock costs, and adds to each single operation's time. */
static double measure_clock(void)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));

    for (int i = 0; i < 1001; i++) {
        int64_t before = now_ns();
        double cost = (double)(now_ns() - before);

        g_array_append_val(values, cost);
    }
    return bench_median(values);
}

static uint64_t unit_of(const BenchLoop *loop)
{
    return loop->unit ? loop->unit : 1;
}

/* Runs @loop for @seconds, in stretches that grow until the clock costs nothing. */
static bool run_means(BenchLoop *loop, double seconds, BenchRound *round, GError **error)
{
    uint64_t n = unit_of(loop);
    double own = bench_cpu_seconds(0);
    double peer = loop->peer ? bench_cpu_seconds(loop->peer) : 0;
    double start = bench_now();
    double last = start;
    double now = start;

    *round = (BenchRound){ 0 };
    while (now - start < seconds) {
        if (!loop->run(loop->opaque, n, error)) {
            return false;
        }
        round->operations += n;
        now = bench_now();
        if (now - last < STRETCH_S) {
            n *= 2;
        }
        last = now;
    }
    round->seconds = now - start;
    round->own_cpu = bench_cpu_seconds(0) - own;
    round->peer_cpu = loop->peer ? bench_cpu_seconds(loop->peer) - peer : 0;
    return true;
}

/* Times single operations for @seconds, at most @max of them. */
static bool run_times(BenchLoop *loop, double seconds, guint max, GError **error)
{
    int64_t end = now_ns() + (int64_t)(seconds * 1e9);
    int64_t before = now_ns();

    for (guint i = 0; i < max && before < end; i++) {
        int64_t after;
        double ns;

        if (!loop->run(loop->opaque, unit_of(loop), error)) {
            return false;
        }
        after = now_ns();
        ns = MAX((double)(after - before) - clock_cost_ns, 0);
        g_array_append_val(loop->times, ns);
        before = now_ns();
    }
    return true;
}

static bool run_round(BenchLoop *loop, const BenchOptions *options, GError **error)
{
    double seconds = options->round_ms / 1e3;
    BenchRound round;
    bool ok;

    if (loop->begin) {
        loop->begin(loop->opaque);
    }
    ok = loop->run(loop->opaque, unit_of(loop), error) && run_means(loop, seconds, &round, error) &&
         (!loop->is_timed || run_times(loop, seconds, TIMES_MAX / (guint)options->rounds, error));
    if (loop->end) {
        loop->end(loop->opaque);
    }
    if (ok) {
        g_array_append_val(loop->rounds, round);
    } else {
        g_prefix_error(error, "%s: ", loop->name);
    }
    return ok;
}

bool bench_measure(BenchLoop *loops, guint n, const BenchOptions *options, GError **error)
{
    clock_cost_ns = measure_clock();
    for (guint i = 0; i < n; i++) {
        loops[i].rounds = g_array_new(FALSE, FALSE, sizeof(BenchRound));
        loops[i].times = g_array_new(FALSE, FALSE, sizeof(double));
    }
    for (int r = 0; r < options->rounds; r++) {
        for (guint i = 0; i < n; i++) {
            if (!run_round(&loops[i], options, error)) {
                return false;
            }
        }
    }
    return true;
}

void bench_loop_clear(BenchLoop *loop)
{
    g_clear_pointer(&loop->rounds, g_array_unref);
    g_clear_pointer(&loop->times, g_array_unref);
}

static const BenchRound *round_at(const BenchLoop *loop, guint r)
{
    return &g_array_index(loop->rounds, BenchRound, r);
}

static double mean_ns(const BenchRound *round)
{
    return round->seconds * 1e9 / (double)round->operations;
}

BenchSummary bench_loop_summary(const BenchLoop *loop)
{
    g_autoptr(GArray) means = g_array_new(FALSE, FALSE, sizeof(double));
    BenchSummary summary = { 0 };
    double operations = 0;

    for (guint r = 0; r < loop->rounds->len; r++) {
        const BenchRound *round = round_at(loop, r);
        double mean = mean_ns(round);

        g_array_append_val(means, mean);
        operations += (double)round->operations;
        summary.own_cpu_ns += round->own_cpu * 1e9;
        summary.peer_cpu_ns += round->peer_cpu * 1e9;
    }
    if (operations > 0) {
        /* Of all rounds: the kernel brings another process's account up to date every few ms only. */
        summary.own_cpu_ns /= operations;
        summary.peer_cpu_ns /= operations;
    }
    summary.mean_ns = bench_median(means);
    summary.best_ns = means->len ? g_array_index(means, double, 0) : 0;
    summary.per_second = summary.mean_ns > 0 ? 1e9 / summary.mean_ns : 0;
    if (loop->times->len) {
        summary.p50_ns = bench_percentile(loop->times, 0.5);
        summary.p99_ns = bench_percentile(loop->times, 0.99);
        summary.p999_ns = bench_percentile(loop->times, 0.999);
    }
    return summary;
}

double bench_loop_ratio(const BenchLoop *loop, const BenchLoop *base)
{
    g_autoptr(GArray) ratios = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint r = 0; r < MIN(loop->rounds->len, base->rounds->len); r++) {
        double ratio = mean_ns(round_at(loop, r)) / mean_ns(round_at(base, r));

        g_array_append_val(ratios, ratio);
    }
    return bench_median(ratios);
}
