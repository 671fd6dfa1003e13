/* qosim-bench rpc: what an access costs over each transport, next to what a round trip costs at best. */
#include <stdio.h>
#include <string.h>

#include "cosim/bench/baseline.h"
#include "cosim/bench/target.h"

typedef enum RpcLoop { RPC_READS, RPC_BATCHES, RPC_POSTED, RPC_LOOPS } RpcLoop;

/* One figure to reach. Exactly one of the limits is not 0. */
typedef struct RpcGoal {
    const char *transport;
    RpcLoop loop;
    double max_ns;
    double max_ratio; /* to the transport's baseline, round by round */
    double min_per_second;
} RpcGoal;

static const RpcGoal goals[] = {
    { "inproc", RPC_READS, .max_ns = 150 },
    { "shm", RPC_READS, .max_ratio = 1.25 },
    { "shm", RPC_BATCHES, .min_per_second = 5e6 },
    { "shm", RPC_POSTED, .min_per_second = 8e6 },
    { "ipc", RPC_READS, .max_ratio = 1.15 },
    { "tcp", RPC_READS, .max_ratio = 1.15 },
    { "tcp", RPC_BATCHES, .min_per_second = 1.5e6 },
    { "nanomsg-ipc", RPC_READS, .max_ratio = 1.15 },
    { "nanomsg-tcp", RPC_READS, .max_ratio = 1.15 },
    { "nanomsg-ws", RPC_READS, .max_ratio = 1.15 },
};

static const char *const loop_names[RPC_LOOPS] = { "one_by_one", "batched_64", "posted" };

/* How long an idle server is watched. */
#define IDLE_US (500 * G_TIME_SPAN_MILLISECOND)

/* A transport in the run, or a baseline. */
typedef struct RpcRow {
    BenchTarget *target; /* NULL: a baseline */
    Baseline *baseline;  /* NULL: a transport */
    const char *name;
    double idle;            /* part of a core that the idle server used; < 0: there is none */
    guint loops[RPC_LOOPS]; /* in Rpc.loops; a baseline has the first one */
} RpcRow;

typedef struct Rpc {
    BenchOptions options;
    GPtrArray *rows; /* of RpcRow */
    GArray *loops;   /* of BenchLoop */
    guint n_missing; /* transports that could not be measured */
} Rpc;

static void row_free(gpointer data)
{
    RpcRow *row = data;

    bench_target_close(row->target);
    baseline_close(row->baseline);
    g_free(row);
}

static void rpc_clear(Rpc *rpc)
{
    for (guint i = 0; rpc->loops && i < rpc->loops->len; i++) {
        bench_loop_clear(&g_array_index(rpc->loops, BenchLoop, i));
    }
    g_clear_pointer(&rpc->loops, g_array_unref);
    g_clear_pointer(&rpc->rows, g_ptr_array_unref);
    bench_options_clear(&rpc->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rpc, rpc_clear)

static guint add_loop(Rpc *rpc, BenchLoop loop)
{
    g_array_append_val(rpc->loops, loop);
    return rpc->loops->len - 1;
}

static RpcRow *find_row(const Rpc *rpc, const char *name, bool is_baseline)
{
    for (guint i = 0; i < rpc->rows->len; i++) {
        RpcRow *row = g_ptr_array_index(rpc->rows, i);

        if ((row->baseline != NULL) == is_baseline && strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static BenchLoop *loop_of(const Rpc *rpc, const RpcRow *row, RpcLoop loop)
{
    return &g_array_index(rpc->loops, BenchLoop, row->loops[loop]);
}

static double watch_idle(const BenchTarget *target)
{
    double before;

    if (!target->process) {
        return -1;
    }
    before = bench_cpu_seconds(target->process->pid);
    g_usleep(IDLE_US);
    return (bench_cpu_seconds(target->process->pid) - before) / (IDLE_US / 1e6);
}

static bool add_baseline(Rpc *rpc, const char *name, GError **error)
{
    Baseline *baseline;
    RpcRow *row;

    if (!name || find_row(rpc, name, true)) {
        return true;
    }
    baseline = baseline_open(name, error);
    if (!baseline) {
        g_prefix_error(error, "baseline %s: ", name);
        return false;
    }
    row = g_new0(RpcRow, 1);
    row->baseline = baseline;
    row->name = name;
    row->idle = -1;
    row->loops[RPC_READS] = add_loop(rpc, baseline_loop(baseline));
    g_ptr_array_add(rpc->rows, row);
    return true;
}

/* A transport that cannot be had is said so, and the others are measured. */
static bool add_transport(Rpc *rpc, const TransportInfo *info, GError **error)
{
    g_autoptr(GError) reason = NULL;
    BenchTarget *target = bench_target_open(info, &rpc->options, &reason);
    RpcRow *row;

    if (!target) {
        printf("# %s: not measured: %s\n", info->name, reason->message);
        rpc->n_missing++;
        return true;
    }
    row = g_new0(RpcRow, 1);
    row->target = target;
    row->name = info->name;
    row->loops[RPC_READS] = add_loop(rpc, bench_target_loop_reads(target));
    row->loops[RPC_BATCHES] = add_loop(rpc, bench_target_loop_batches(target));
    row->loops[RPC_POSTED] = add_loop(rpc, bench_target_loop_posted(target));
    row->idle = watch_idle(target);
    g_ptr_array_add(rpc->rows, row);
    return add_baseline(rpc, info->baseline, error);
}

static void add_row(const Rpc *rpc, const RpcRow *row, BenchTable *table)
{
    BenchSummary s = bench_loop_summary(loop_of(rpc, row, RPC_READS));

    bench_table_add(table, "%s%s", row->name, row->baseline ? " (baseline)" : "");
    bench_table_add_number(table, s.mean_ns / 1e3);
    bench_table_add_number(table, s.best_ns / 1e3);
    bench_table_add_number(table, s.p50_ns / 1e3);
    bench_table_add_number(table, s.p99_ns / 1e3);
    bench_table_add_number(table, s.p999_ns / 1e3);
    bench_table_add_number(table, s.own_cpu_ns / 1e3);
    bench_table_add_number(table, s.peer_cpu_ns / 1e3);
    bench_table_add_number(table, s.per_second);
    for (RpcLoop i = RPC_BATCHES; i < RPC_LOOPS; i++) {
        bench_table_add_number(
            table, row->target ? bench_loop_summary(loop_of(rpc, row, i)).per_second : 0);
    }
    if (row->idle < 0) {
        bench_table_add(table, "-");
    } else {
        bench_table_add(table, "%.1f", row->idle * 100);
    }
}

static void print_rows(const Rpc *rpc)
{
    static const char *const headings[] = {
        "transport",     "mean us", "best us",   "p50 us",   "p99 us", "p99.9 us", "client CPU us",
        "server CPU us", "reads/s", "batched/s", "posted/s", "idle %", NULL
    };
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < rpc->rows->len; i++) {
        add_row(rpc, g_ptr_array_index(rpc->rows, i), table);
    }
    bench_table_print(table);
}

/* What @goal is about came to, as a text; and whether that is enough. */
static char *judge(const Rpc *rpc, const RpcGoal *goal, const RpcRow *row, double *value,
                   bool *reached)
{
    const BenchLoop *loop = loop_of(rpc, row, goal->loop);
    BenchSummary s = bench_loop_summary(loop);
    const RpcRow *base;

    if (goal->max_ns > 0) {
        *value = s.mean_ns;
        *reached = *value <= goal->max_ns;
        return g_strdup_printf("%.3f us (at most %.3f)", *value / 1e3, goal->max_ns / 1e3);
    }
    if (goal->min_per_second > 0) {
        *value = s.per_second;
        *reached = *value >= goal->min_per_second;
        return g_strdup_printf("%.2f M/s (at least %.2f)", *value / 1e6,
                               goal->min_per_second / 1e6);
    }
    base = find_row(rpc, row->target->info->baseline, true);
    *value = bench_loop_ratio(loop, loop_of(rpc, base, RPC_READS));
    *reached = *value <= goal->max_ratio;
    return g_strdup_printf("%.2f x %s (at most %.2f; of the p50: %.2f)", *value, base->name,
                           goal->max_ratio,
                           s.p50_ns / bench_loop_summary(loop_of(rpc, base, RPC_READS)).p50_ns);
}

static void print_goals(const Rpc *rpc, BenchJson *json)
{
    static const char *const headings[] = { "goal", "measured", "", NULL };
    BenchTable *table = bench_table_new(headings);

    bench_json_open(json, "goals", '[');
    for (guint i = 0; i < G_N_ELEMENTS(goals); i++) {
        const RpcRow *row = find_row(rpc, goals[i].transport, false);
        g_autofree char *text = NULL;
        double value;
        bool reached;

        if (!row) {
            continue;
        }
        text = judge(rpc, &goals[i], row, &value, &reached);
        bench_table_add(table, "%s %s", goals[i].transport, loop_names[goals[i].loop]);
        bench_table_add(table, "%s", text);
        bench_table_add(table, "%s", reached ? "reached" : "not reached");
        bench_json_open(json, NULL, '{');
        bench_json_text(json, "transport", goals[i].transport);
        bench_json_text(json, "loop", loop_names[goals[i].loop]);
        bench_json_number(json, "measured", value);
        bench_json_text(json, "text", text);
        bench_json_bool(json, "reached", reached);
        bench_json_close(json);
    }
    bench_json_close(json);
    bench_table_print(table);
}

static void write_rows(const Rpc *rpc, BenchJson *json)
{
    bench_json_open(json, "results", '[');
    for (guint i = 0; i < rpc->rows->len; i++) {
        const RpcRow *row = g_ptr_array_index(rpc->rows, i);

        bench_json_open(json, NULL, '{');
        bench_json_text(json, "name", row->name);
        bench_json_bool(json, "baseline", row->baseline != NULL);
        for (RpcLoop l = RPC_READS; l < (row->target ? RPC_LOOPS : RPC_BATCHES); l++) {
            bench_json_loop(json, loop_names[l], loop_of(rpc, row, l));
        }
        if (row->idle >= 0) {
            bench_json_number(json, "idle_cpu", row->idle);
        }
        bench_json_close(json);
    }
    bench_json_close(json);
}

static bool measure(Rpc *rpc, char **names, GError **error)
{
    BenchJson *json;

    if (!bench_placement_begin(&rpc->options, error)) {
        return false;
    }
    bench_print_heading(&bench_rpc, &rpc->options);
    for (guint i = 0; i < bench_n_transports; i++) {
        if ((!names || g_strv_contains((const char *const *)names, bench_transports[i].name)) &&
            !add_transport(rpc, &bench_transports[i], error)) {
            return false;
        }
    }
    if (!bench_measure((BenchLoop *)(void *)rpc->loops->data, rpc->loops->len, &rpc->options,
                       error)) {
        return false;
    }
    print_rows(rpc);
    printf("\n");
    json = bench_json_new(&bench_rpc, &rpc->options);
    write_rows(rpc, json);
    print_goals(rpc, json);
    return bench_json_finish(json, &rpc->options, error);
}

static bool check_names(char **names)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < bench_n_transports; i++) {
        g_string_append_printf(all, "%s%s", i ? ", " : "", bench_transports[i].name);
    }
    for (; names && *names; names++) {
        if (!bench_find_transport(*names)) {
            (void)fprintf(stderr, "qosim-bench rpc: no such transport '%s'; there are %s\n", *names,
                          all->str);
            return false;
        }
    }
    return true;
}

static BenchExit run_rpc(int argc, char **argv)
{
    g_auto(GStrv) names = NULL;
    g_auto(Rpc) rpc = { .rows = NULL };
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        { "transport", 't', 0, G_OPTION_ARG_STRING_ARRAY, &names,
          "measure this one; may be given again (all)", "T" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };

    if (!bench_options_parse(&bench_rpc, entries, argc, argv, &rpc.options) ||
        !check_names(names)) {
        return BENCH_USAGE;
    }
    rpc.rows = g_ptr_array_new_with_free_func(row_free);
    rpc.loops = g_array_new(FALSE, FALSE, sizeof(BenchLoop));
    if (!measure(&rpc, names, &error)) {
        return bench_complain(&bench_rpc, error);
    }
    return rpc.n_missing ? BENCH_FAILED : BENCH_OK;
}

const BenchCommand bench_rpc = {
    .name = "rpc",
    .summary = "Round trips, batches and posted writes over each transport, next to baselines",
    .details =
        "Each transport reads one 4-byte register again and again: one by one (mean, percentiles, "
        "CPU time per read in both\nprocesses), in batches of 64, and writes one without waiting "
        "(posted). Baselines send 48 bytes to another process\nand back over the same kind of "
        "channel. Every figure is the median over the rounds, 'best' the quickest round; a "
        "ratio\nis taken round by round. 'idle' is what the server uses of a core while a client "
        "is "
        "attached and does nothing.",
    .has_rounds = true,
    .run = run_rpc,
};
