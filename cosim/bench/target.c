#include "cosim/bench/target.h"

#include <string.h>

const TransportInfo bench_transports[] = {
    { "inproc", NULL, "inproc:sifive_e", NULL, "inproc" },
    { "shm", "shm://$DIR/shm", NULL, "spin", "shm" },
    { "ipc", "ipc://$DIR/ipc", NULL, "unix", "sp" },
    { "tcp", "tcp://127.0.0.1:%u", NULL, "tcp", "sp" },
    { "ws", "ws://127.0.0.1:%u", NULL, "tcp", "sp" },
    { "nanomsg-ipc", "nanomsg+ipc://$DIR/ipc", NULL, "nanomsg-ipc", "nanomsg" },
    { "nanomsg-tcp", "nanomsg+tcp://127.0.0.1:%u", NULL, "nanomsg-tcp", "nanomsg" },
    { "nanomsg-ws", "nanomsg+ws://127.0.0.1:%u", NULL, "nanomsg-ws", "nanomsg" },
};
const guint bench_n_transports = G_N_ELEMENTS(bench_transports);

const TransportInfo *bench_find_transport(const char *name)
{
    for (guint i = 0; i < bench_n_transports; i++) {
        if (strcmp(bench_transports[i].name, name) == 0) {
            return &bench_transports[i];
        }
    }
    return NULL;
}

static char *with_port(const char *url, const char *port)
{
    GString *text = g_string_new(url);

    g_string_replace(text, "%u", port, 0);
    return g_string_free(text, FALSE);
}

static bool start_server(BenchTarget *target, const BenchOptions *options, GError **error)
{
    const TransportInfo *info = target->info;
    g_autofree char *port = g_strdup_printf("%u", bench_free_port());
    g_autofree char *listen = with_port(info->listen, port);
    g_autofree char *url = with_port(info->url ? info->url : info->listen, port);

    target->process = bench_process_qosimd(options, "-M sifive_e", listen, error);
    if (!target->process) {
        return false;
    }
    target->url = bench_process_url(target->process, url);
    return true;
}

BenchTarget *bench_target_open(const TransportInfo *info, const BenchOptions *options,
                               GError **error)
{
    /* A loaded machine may keep the server from its core for seconds. */
    const qosim_options options_of_session = { .timeout_ms = 60000,
                                               .no_shm = strcmp(info->carrier, "shm") != 0 };
    g_autoptr(BenchTarget) target = g_new0(BenchTarget, 1);

    target->info = info;
    if (!info->listen) {
        target->url = g_strdup(info->url);
    } else if (!start_server(target, options, error)) {
        return NULL;
    }
    if (qosim_open(target->url, &options_of_session, &target->session) != QOSIM_OK) {
        bench_fail(error, "%s", qosim_open_error());
        return NULL;
    }
    if (strcmp(qosim_transport(target->session), info->carrier) != 0) {
        bench_fail(error, "carried by %s, not by %s", qosim_transport(target->session),
                   info->carrier);
        return NULL;
    }
    return g_steal_pointer(&target);
}

void bench_target_close(BenchTarget *target)
{
    if (target) {
        qosim_close(target->session);
        bench_process_stop(target->process);
        g_free(target->url);
        g_free(target);
    }
}

static bool refused(const BenchTarget *target, GError **error)
{
    return bench_fail(error, "%s", qosim_last_error(target->session));
}

static bool run_reads(void *opaque, uint64_t n, GError **error)
{
    BenchTarget *target = opaque;
    uint64_t data;

    for (uint64_t i = 0; i < n; i++) {
        if (qosim_read(target->session, TARGET_READ_ADDRESS, 4, &data, NULL) != QOSIM_OK) {
            return refused(target, error);
        }
    }
    return true;
}

static bool run_batches(void *opaque, uint64_t n, GError **error)
{
    BenchTarget *target = opaque;
    qosim_access batch[TARGET_BATCH] = { 0 };

    for (guint i = 0; i < TARGET_BATCH; i++) {
        batch[i].address = TARGET_READ_ADDRESS;
        batch[i].size = 4;
    }
    for (uint64_t i = 0; i < n; i += TARGET_BATCH) {
        if (qosim_batch(target->session, batch, TARGET_BATCH) != QOSIM_OK ||
            batch[TARGET_BATCH - 1].bus != QOSIM_BUS_OK) {
            return refused(target, error);
        }
    }
    return true;
}

/* The read at the end comes back when all writes before it are done. */
static bool run_posted(void *opaque, uint64_t n, GError **error)
{
    BenchTarget *target = opaque;
    char text[256];

    for (uint64_t i = 0; i < n; i++) {
        if (qosim_post_write(target->session, TARGET_WRITE_ADDRESS, 4, 0) != QOSIM_OK) {
            return refused(target, error);
        }
    }
    if (!run_reads(opaque, 1, error)) {
        return false;
    }
    return qosim_posted_errors(target->session, text, sizeof(text)) == 0 ||
           bench_fail(error, "%s", text);
}

static BenchLoop make_loop(BenchTarget *target, bool (*run)(void *, uint64_t, GError **))
{
    return (BenchLoop){ .name = target->info->name,
                        .run = run,
                        .opaque = target,
                        .peer = target->process ? target->process->pid : 0 };
}

BenchLoop bench_target_loop_reads(BenchTarget *target)
{
    BenchLoop loop = make_loop(target, run_reads);

    loop.is_timed = true;
    return loop;
}

BenchLoop bench_target_loop_batches(BenchTarget *target)
{
    BenchLoop loop = make_loop(target, run_batches);

    loop.unit = TARGET_BATCH;
    return loop;
}

BenchLoop bench_target_loop_posted(BenchTarget *target)
{
    return make_loop(target, run_posted);
}
