/* qosim-bench sessions: what many clients and many machines cost, and whether all of them get their turn. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sys/resource.h>

#include "cosim/bench/target.h"

/* The longest wait of all, by the median. */
#define FAIR_RATIO 10.0

/* Waits count from then on: until all threads run, those that do have the server for themselves. */
#define WARM_UP_S 0.5

/* Waits of one client that are kept. */
#define WAITS_MAX 100000u

typedef struct Sessions {
    BenchOptions options;
    int n_clients;
    int n_machines;
    int seconds;
    char *scheme;

    BenchProcess *process;
    char *url;
    GPtrArray *clients; /* of Client */
    double made_ms;     /* median time until a session with a machine made for it is open */
    double joined_ms;   /* the same with a machine that is there */
    uint64_t memory_empty;
    uint64_t memory_machines; /* with one session each */
    uint64_t memory_full;
} Sessions;

typedef struct Client {
    qosim_session *session;
    double from; /* of bench_now(): from when on waits count */
    double until;
    GArray *waits; /* of double, s */
    bool ok;
    char error[256];
} Client;

static void client_free(gpointer data)
{
    Client *client = data;

    qosim_close(client->session);
    g_array_unref(client->waits);
    g_free(client);
}

static void sessions_clear(Sessions *s)
{
    g_clear_pointer(&s->clients, g_ptr_array_unref);
    g_clear_pointer(&s->process, bench_process_stop);
    g_free(s->url);
    g_free(s->scheme);
    bench_options_clear(&s->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sessions, sessions_clear)

/* A session takes two descriptors here and one there. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool start_server(Sessions *s, GError **error)
{
    g_autofree char *listen = NULL;

    if (strcmp(s->scheme, "ipc") == 0) {
        listen = g_strdup("ipc://$DIR/socket");
    } else if (strcmp(s->scheme, "tcp") == 0) {
        listen = g_strdup_printf("tcp://127.0.0.1:%u", bench_free_port());
    } else {
        return bench_fail(error, "--scheme: ipc or tcp, not '%s'", s->scheme);
    }
    s->process = bench_process_qosimd(&s->options, "-M none", listen, error);
    if (!s->process) {
        return false;
    }
    s->url = bench_process_url(s->process, listen);
    s->memory_empty = bench_memory_bytes(s->process->pid, true);
    return true;
}

/* Opens client @i with its machine; the time it took goes to @times. */
static bool open_client(Sessions *s, int i, GArray *times, GError **error)
{
    g_autofree char *machine = g_strdup_printf("machine%d", i % s->n_machines);
    qosim_options options = { .timeout_ms = 60000, .machine = machine, .create = "sifive_e" };
    Client *client = g_new0(Client, 1);
    double start = bench_now();
    double ms;

    client->waits = g_array_new(FALSE, FALSE, sizeof(double));
    g_ptr_array_add(s->clients, client);
    if (qosim_open(s->url, &options, &client->session) != QOSIM_OK) {
        return bench_fail(error, "client %d: %s", i, qosim_open_error());
    }
    ms = (bench_now() - start) * 1e3;
    g_array_append_val(times, ms);
    return true;
}

/* Opens clients up to number @end; the median time that one took goes to *@ms. */
static bool open_clients(Sessions *s, int end, double *ms, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));

    for (int i = (int)s->clients->len; i < end; i++) {
        if (!open_client(s, i, times, error)) {
            return false;
        }
    }
    *ms = bench_median(times);
    return true;
}

static gpointer run_client(gpointer data)
{
    Client *client = data;
    double now = bench_now();

    client->ok = true;
    while (client->ok && now < client->until) {
        uint64_t value;
        double start = now;

        client->ok = qosim_read(client->session, TARGET_READ_ADDRESS, 4, &value, NULL) == QOSIM_OK;
        now = bench_now();
        if (start >= client->from && client->waits->len < WAITS_MAX) {
            double wait = now - start;

            g_array_append_val(client->waits, wait);
        }
    }
    if (!client->ok) {
        g_strlcpy(client->error, qosim_last_error(client->session), sizeof(client->error));
    }
    return NULL;
}

/* All clients read at the same time, each as fast as it can. */
static bool run_clients(Sessions *s, GError **error)
{
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    double from = bench_now() + WARM_UP_S;
    bool ok = true;

    for (guint i = 0; i < s->clients->len; i++) {
        Client *client = g_ptr_array_index(s->clients, i);

        client->from = from;
        client->until = from + s->seconds;
        g_ptr_array_add(threads, g_thread_new("client", run_client, client));
    }
    for (guint i = 0; i < threads->len; i++) {
        const Client *client = g_ptr_array_index(s->clients, i);

        g_thread_join(g_ptr_array_index(threads, i));
        if (ok && !client->ok) {
            ok = bench_fail(error, "client %u: %s", i, client->error);
        }
    }
    return ok;
}

/* What the waits come to, in ms. */
typedef struct Waits {
    guint64 n;
    double median;
    double p99;
    double longest;
    double least_served; /* mean wait of the client that waited longest on average */
    double most_served;  /* and shortest */
    double per_second;
} Waits;

static Waits sum_up(const Sessions *s)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(double));
    Waits waits = { .most_served = INFINITY };

    for (guint i = 0; i < s->clients->len; i++) {
        const Client *client = g_ptr_array_index(s->clients, i);
        double mean = bench_mean(client->waits) * 1e3;

        g_array_append_vals(all, client->waits->data, client->waits->len);
        waits.least_served = MAX(waits.least_served, mean);
        waits.most_served = MIN(waits.most_served, mean);
    }
    waits.n = all->len;
    waits.median = bench_median(all) * 1e3;
    waits.p99 = bench_percentile(all, 0.99) * 1e3;
    waits.longest = bench_percentile(all, 1) * 1e3;
    waits.per_second = (double)all->len / s->seconds;
    return waits;
}

static double per_one(uint64_t more, uint64_t less, int n)
{
    return n > 0 && more > less ? (double)(more - less) / n : 0;
}

typedef struct Figure {
    const char *key;
    const char *what;
    double value;
    const char *unit;
} Figure;

static bool report(const Sessions *s, GError **error)
{
    static const char *const headings[] = { "what", "value", "unit", NULL };
    Waits waits = sum_up(s);
    double ratio = waits.median > 0 ? waits.longest / waits.median : 0;
    int machines = s->n_machines;
    int more_sessions = s->n_clients - machines;
    const Figure figures[] = {
        { "machine_start_ms", "start of a machine, with the session that asks for it", s->made_ms,
          "ms" },
        { "session_start_ms", "start of a session", s->joined_ms, "ms" },
        { "machine_bytes", "private memory of a machine and a session",
          per_one(s->memory_machines, s->memory_empty, machines), "bytes" },
        { "session_bytes", "private memory of a further session, after use",
          per_one(s->memory_full, s->memory_machines, more_sessions), "bytes" },
        { "reads_per_second", "reads of all clients", waits.per_second, "1/s" },
        { "wait_median_ms", "median wait", waits.median, "ms" },
        { "wait_p99_ms", "99th percentile", waits.p99, "ms" },
        { "wait_longest_ms", "longest wait", waits.longest, "ms" },
        { "least_served_ms", "mean wait of the client served least", waits.least_served, "ms" },
        { "most_served_ms", "mean wait of the client served most", waits.most_served, "ms" },
        { "longest_by_median", "longest wait by the median", ratio, "x" },
    };
    BenchTable *table = bench_table_new(headings);
    BenchJson *json = bench_json_new(&bench_sessions, &s->options);

    bench_json_number(json, "clients", s->n_clients);
    bench_json_number(json, "machines", s->n_machines);
    bench_json_number(json, "reads", (double)waits.n);
    for (guint i = 0; i < G_N_ELEMENTS(figures); i++) {
        bench_table_add(table, "%s", figures[i].what);
        bench_table_add_number(table, figures[i].value);
        bench_table_add(table, "%s", figures[i].unit);
        bench_json_number(json, figures[i].key, figures[i].value);
    }
    bench_table_print(table);
    printf("\n%s: no client waits more than %.0f x the median\n",
           ratio <= FAIR_RATIO ? "reached" : "not reached", FAIR_RATIO);
    bench_json_bool(json, "fair", ratio <= FAIR_RATIO);
    return bench_json_finish(json, &s->options, error);
}

static bool measure(Sessions *s, GError **error)
{
    raise_descriptor_limit();
    if (!bench_placement_begin(&s->options, error)) {
        return false;
    }
    bench_print_heading(&bench_sessions, &s->options);
    printf("# %d clients, %d machines, %s://, %d s of reads\n", s->n_clients, s->n_machines,
           s->scheme, s->seconds);
    if (!start_server(s, error) || !open_clients(s, s->n_machines, &s->made_ms, error)) {
        return false;
    }
    s->memory_machines = bench_memory_bytes(s->process->pid, true);
    if (!open_clients(s, s->n_clients, &s->joined_ms, error) || !run_clients(s, error)) {
        return false;
    }
    s->memory_full = bench_memory_bytes(s->process->pid, true);
    return report(s, error);
}

static BenchExit run_sessions(int argc, char **argv)
{
    g_auto(Sessions) s = { .n_clients = 1000, .n_machines = 100, .seconds = 5 };
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        { "clients", 0, 0, G_OPTION_ARG_INT, &s.n_clients, "how many (1000)", "N" },
        { "machines", 0, 0, G_OPTION_ARG_INT, &s.n_machines, "how many (100)", "N" },
        { "seconds", 0, 0, G_OPTION_ARG_INT, &s.seconds, "how long the clients read (5)", "S" },
        { "scheme", 0, 0, G_OPTION_ARG_STRING, &s.scheme, "ipc (default) or tcp", "SCHEME" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };

    if (!bench_options_parse(&bench_sessions, entries, argc, argv, &s.options)) {
        return BENCH_USAGE;
    }
    s.scheme = s.scheme ? s.scheme : g_strdup("ipc");
    if (s.n_machines < 1 || s.n_clients < s.n_machines || s.seconds < 1) {
        (void)fprintf(stderr,
                      "qosim-bench sessions: at least one machine, a client for each, and a "
                      "second are needed\n");
        return BENCH_USAGE;
    }
    s.clients = g_ptr_array_new_with_free_func(client_free);
    return measure(&s, &error) ? BENCH_OK : bench_complain(&bench_sessions, error);
}

const BenchCommand bench_sessions = {
    .name = "sessions",
    .summary = "Many clients and machines on one server: memory, start-up time, fairness",
    .details =
        "Clients share the machines evenly, each with a thread and a session of its own, and all "
        "read a register at the same time\nas fast as they can. A wait is the time from a request "
        "to its reply. Memory is what the server shares with nobody.",
    .run = run_sessions,
};
