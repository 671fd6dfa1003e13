/*
 * Feeds one random stream of operations to QEMU's sifive_e and to ours, and compares reply by reply and line by line: one pair of
 * processes tells the interrupt lines at the PLIC, another the output pins.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "tests/oracle/ours.h"
#include "cosim/regress/peer.h"
#include "tests/oracle/stimulus.h"

#define EXIT_SAME 0
#define EXIT_DIFFERENT 1
#define EXIT_TROUBLE 2

#define PAIRS 2u
#define LAST_OPS 10u
#define PROGRESS_OPS 1000u

static gint64 option_count = 5000;
static char *option_seed;
static gint64 option_pipeline = 64;
static gint64 option_inject = -1;
static char *option_url;
static char *option_qemu;
static char *option_bin;

static const GOptionEntry entries[] = {
    { "count", 'n', 0, G_OPTION_ARG_INT64, &option_count, "number of operations (default 5000)",
      "N" },
    { "seed", 's', 0, G_OPTION_ARG_STRING, &option_seed, "seed of the stream (default: the time)",
      "N" },
    { "pipeline", 'p', 0, G_OPTION_ARG_INT64, &option_pipeline,
      "operations that are sent before answers are awaited (default 64)", "N" },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &option_url,
      "what carries ours: inproc (default), socket, ipc or tcp", "KIND" },
    { "inject", 0, 0, G_OPTION_ARG_INT64, &option_inject,
      "flip one bit of our first value from operation N on, to see that it is found", "N" },
    { "qemu", 0, 0, G_OPTION_ARG_STRING, &option_qemu, "the emulator (default qemu-system-riscv32)",
      "PROGRAM" },
    { "bin", 0, 0, G_OPTION_ARG_STRING, &option_bin,
      "where qosim and qosimd are (default: ../bin beside this program)", "DIR" },
    { NULL },
};

/* A pair compares QEMU's peer with ours; both pairs get the same stream. */
typedef struct Pair {
    const char *what;
    Peer *qemu;
    Peer *ours;
} Pair;

typedef struct Oracle {
    uint64_t seed;
    uint64_t done; /* operations compared */
    uint64_t kinds[OP_KINDS];
    uint64_t lines[PAIRS]; /* IRQ lines compared */
    uint64_t values;       /* replies with a value that is not 0 */
    bool injected;
    Pair pairs[PAIRS];
    Ours *daemons[PAIRS];
    char *directory;
    char *last[LAST_OPS]; /* a ring of the last operations */
    GPtrArray *batch;     /* their lines, without newline */
    GString *text;
    gint64 start_us;
} Oracle;

static bool intercept(Peer *peer, const char *direction, const char *path, GError **error)
{
    g_autofree char *line = g_strdup_printf("irq_intercept_%s %s", direction, path);
    g_autofree char *answer = peer_ask(peer, line, error);

    if (!answer) {
        return false;
    }
    if (strcmp(answer, "OK\n") != 0) {
        g_set_error(error, g_quark_from_static_string("oracle"), 0, "%s: %s: %s", peer->name, line,
                    answer);
        return false;
    }
    return true;
}

static bool start_pair(Oracle *oracle, unsigned i, GError **error)
{
    static const char *const what[PAIRS] = { "interrupt lines", "output pins" };
    static const char *const direction[PAIRS] = { "in", "out" };
    static const char *const stopped[] = { "-M", "sifive_e", "-S", NULL };
    static const char *const machine[] = { "-M", "sifive_e", NULL };
    Pair *pair = &oracle->pairs[i];
    g_autofree char *qemu_name = g_strdup_printf("qemu-%s", direction[i]);
    g_autofree char *ours_name = g_strdup_printf("qosim-%s", direction[i]);
    g_autofree char *plic = NULL;

    pair->what = what[i];
    pair->qemu = peer_start_qemu(qemu_name, option_qemu ? option_qemu : "qemu-system-riscv32",
                                 stopped, oracle->directory, error);
    if (!pair->qemu) {
        return false;
    }
    oracle->daemons[i] =
        ours_new(ours_name, option_bin, option_url, oracle->directory, machine, error);
    pair->ours = oracle->daemons[i] ? ours_connect(oracle->daemons[i], error) : NULL;
    if (!pair->ours) {
        return false;
    }
    if (i == 1) {
        return intercept(pair->qemu, "out", "/machine/soc", error) &&
               intercept(pair->ours, "out", "/machine/soc", error);
    }
    plic = peer_qmp_find_child(pair->qemu, "/machine/unattached", "riscv.sifive.plic", error);
    return plic && intercept(pair->qemu, "in", plic, error) &&
           intercept(pair->ours, "in", "/machine/plic", error);
}

static void report(const Oracle *oracle, const Pair *pair, uint64_t number, const char *qemu,
                   const char *ours)
{
    uint64_t first = number + 1 >= LAST_OPS ? number + 1 - LAST_OPS : 0;

    printf("DIFFERENCE at operation %" PRIu64 " (%s), seed 0x%" PRIx64 "\n", number, pair->what,
           oracle->seed);
    printf("last operations:\n");
    for (uint64_t i = first; i <= number; i++) {
        printf("  %8" PRIu64 "  %s\n", i, oracle->last[i % LAST_OPS]);
    }
    printf("%s answered:\n%s%s answered:\n%s", pair->qemu->name, qemu, pair->ours->name, ours);
}

/* Flips a bit of the value in @answer, if it has one. */
static bool inject(char *answer)
{
    char *value = strstr(answer, "OK 0x");
    size_t len = strlen(answer);

    if (!value || len < 2) {
        return false;
    }
    value = &answer[len - 2];
    *value = "0123456789abcdef"[(g_ascii_xdigit_value(*value) & 0xf) ^ 1];
    return true;
}

static void count_answer(Oracle *oracle, unsigned pair, const char *answer)
{
    const char *line = answer;

    for (; g_str_has_prefix(line, "IRQ "); line = strchr(line, '\n') + 1) {
        oracle->lines[pair]++;
    }
    if (g_str_has_prefix(line, "OK 0x") && line[5 + strspn(line + 5, "0")] != '\n') {
        oracle->values++;
    }
}

/* Compares the answers to the batch; @n is its length. */
static bool compare(Oracle *oracle, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t number = oracle->done + i;
        char **slot = &oracle->last[number % LAST_OPS];

        g_free(*slot);
        *slot = g_strdup(g_ptr_array_index(oracle->batch, i));
        for (unsigned p = 0; p < PAIRS; p++) {
            const Pair *pair = &oracle->pairs[p];
            const char *qemu = g_ptr_array_index(pair->qemu->answers, i);
            char *ours = g_ptr_array_index(pair->ours->answers, i);

            if (option_inject >= 0 && !oracle->injected && number >= (uint64_t)option_inject) {
                oracle->injected = inject(ours);
            }
            if (strcmp(qemu, ours) != 0) {
                report(oracle, pair, number, qemu, ours);
                return false;
            }
            count_answer(oracle, p, qemu);
        }
    }
    oracle->done += n;
    return true;
}

typedef enum Step { STEP_ON, STEP_DIFFERENT, STEP_TROUBLE } Step;

/* Sends the batch to all four and compares. */
static Step run_batch(Oracle *oracle, GError **error)
{
    Peer *peers[PEERS_MAX];
    unsigned n_peers = 0;
    unsigned n = oracle->batch->len;
    bool same;

    if (n == 0) {
        return STEP_ON;
    }
    g_string_truncate(oracle->text, 0);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(oracle->text, "%s\n",
                               (const char *)g_ptr_array_index(oracle->batch, i));
    }
    for (unsigned p = 0; p < PAIRS; p++) {
        peers[n_peers++] = oracle->pairs[p].qemu;
        peers[n_peers++] = oracle->pairs[p].ours;
    }
    if (!peers_exchange(peers, n_peers, oracle->text->str, n, error)) {
        return STEP_TROUBLE;
    }
    same = compare(oracle, n);
    g_ptr_array_set_size(oracle->batch, 0);
    return same ? STEP_ON : STEP_DIFFERENT;
}

/* QEMU resets over QMP only, so a reset stands between two batches. It must drive no line on either side at once. */
static Step run_reset(Oracle *oracle, GError **error)
{
    char **slot = &oracle->last[oracle->done % LAST_OPS];

    g_free(*slot);
    *slot = g_strdup("system_reset");
    for (unsigned p = 0; p < PAIRS; p++) {
        const Pair *pair = &oracle->pairs[p];
        g_autofree char *answer = NULL;

        if (!peer_qmp_reset(pair->qemu, error)) {
            return STEP_TROUBLE;
        }
        answer = peer_ask(pair->ours, "system_reset", error);
        if (!answer) {
            return STEP_TROUBLE;
        }
        if (strcmp(answer, "OK\n") != 0) {
            report(oracle, pair, oracle->done, "OK\n", answer);
            return STEP_DIFFERENT;
        }
    }
    oracle->done++;
    return STEP_ON;
}

static void show_progress(const Oracle *oracle, bool end)
{
    double seconds = (double)(g_get_monotonic_time() - oracle->start_us) / 1e6;

    if (isatty(STDERR_FILENO) != 1) {
        return;
    }
    fprintf(stderr, "\r%" PRIu64 "/%" G_GINT64_FORMAT " operations, %.0f/s%s", oracle->done,
            option_count, seconds > 0 ? (double)oracle->done / seconds : 0.0, end ? "\n" : "");
}

static Step run_stream(Oracle *oracle, GError **error)
{
    Stimulus stimulus;
    uint64_t made = 0;
    Step step = STEP_ON;

    stimulus_init(&stimulus, oracle->seed);
    while (step == STEP_ON && made < (uint64_t)option_count) {
        Op op;

        stimulus_next(&stimulus, &op);
        oracle->kinds[op.kind]++;
        if (op.kind == OP_RESET) {
            g_free(op.line);
            step = run_batch(oracle, error);
            step = step == STEP_ON ? run_reset(oracle, error) : step;
        } else {
            g_ptr_array_add(oracle->batch, op.line);
        }
        if (++made % PROGRESS_OPS == 0) {
            show_progress(oracle, false);
        }
        if (step == STEP_ON && oracle->batch->len >= (guint)option_pipeline) {
            step = run_batch(oracle, error);
        }
    }
    step = step == STEP_ON ? run_batch(oracle, error) : step;
    show_progress(oracle, true);
    return step;
}

static void print_summary(const Oracle *oracle)
{
    double seconds = (double)(g_get_monotonic_time() - oracle->start_us) / 1e6;

    printf("compared:");
    for (unsigned kind = 0; kind < OP_KINDS; kind++) {
        printf("%s %" PRIu64 " %s", kind > 0 ? "," : "", oracle->kinds[kind], op_kind_names[kind]);
    }
    printf("\nseen: %" PRIu64 " interrupt line changes, %" PRIu64 " output pin changes, %" PRIu64
           " values other than 0; %.1f s\n",
           oracle->lines[0], oracle->lines[1], oracle->values, seconds);
    printf("%" PRIu64 " operations, 0 differences, seed 0x%" PRIx64 "\n", oracle->done,
           oracle->seed);
}

/* Everything has to be seen for "no difference" to mean something. */
static bool stream_was_rich(const Oracle *oracle)
{
    return oracle->done < PROGRESS_OPS ||
           (oracle->lines[0] > 0 && oracle->lines[1] > 0 && oracle->values > 0);
}

static Step end_ours(Oracle *oracle, GError **error)
{
    for (unsigned p = 0; p < PAIRS; p++) {
        if (!peer_finish(oracle->pairs[p].ours, error)) {
            return STEP_TROUBLE;
        }
        if (!ours_finish(oracle->daemons[p], error)) {
            return STEP_TROUBLE;
        }
    }
    return STEP_ON;
}

static Step run(Oracle *oracle, GError **error)
{
    Step step;

    for (unsigned p = 0; p < PAIRS; p++) {
        if (!start_pair(oracle, p, error)) {
            return STEP_TROUBLE;
        }
    }
    oracle->start_us = g_get_monotonic_time();
    step = run_stream(oracle, error);
    if (step != STEP_ON) {
        return step;
    }
    print_summary(oracle);
    if (!stream_was_rich(oracle)) {
        g_set_error(error, g_quark_from_static_string("oracle"), 0, "no line ever changed");
        return STEP_TROUBLE;
    }
    return end_ours(oracle, error);
}

static void clean_up(Oracle *oracle)
{
    for (unsigned p = 0; p < PAIRS; p++) {
        peer_stop(oracle->pairs[p].qemu);
        peer_stop(oracle->pairs[p].ours);
        ours_free(oracle->daemons[p]);
    }
    for (unsigned i = 0; i < LAST_OPS; i++) {
        g_free(oracle->last[i]);
    }
    g_ptr_array_unref(oracle->batch);
    g_string_free(oracle->text, TRUE);
    g_rmdir(oracle->directory);
    g_free(oracle->directory);
}

static bool take_options(int argc, char **argv, uint64_t *seed, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- compare sifive_e with QEMU");
    char *end = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error)) {
        return false;
    }
    *seed = (uint64_t)g_get_real_time();
    if (option_seed) {
        *seed = strtoull(option_seed, &end, 0);
    }
    if (argc > 1 || option_count < 1 || option_pipeline < 1 || option_pipeline > 4096 ||
        (end && (*end != '\0' || end == option_seed))) {
        g_set_error(error, g_quark_from_static_string("oracle"), 0, "wrong arguments; see --help");
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const int exits[] = { EXIT_SAME, EXIT_DIFFERENT, EXIT_TROUBLE };
    g_autoptr(GError) error = NULL;
    Oracle oracle = { .batch = g_ptr_array_new_with_free_func(g_free), .text = g_string_new(NULL) };
    Step step = STEP_TROUBLE;

    signal(SIGPIPE, SIG_IGN);
    oracle.directory = g_dir_make_tmp("qosim-oracle-XXXXXX", &error);
    if (oracle.directory && take_options(argc, argv, &oracle.seed, &error)) {
        step = run(&oracle, &error);
    }
    if (error) {
        fprintf(stderr, "oracle_gpio: %s (after %" PRIu64 " operations, seed 0x%" PRIx64 ")\n",
                error->message, oracle.done, oracle.seed);
    }
    if (oracle.directory) {
        clean_up(&oracle);
    }
    return exits[step];
}
