/* qosim-bench virtio: bytes through virtio-serial, both ways, next to the same bytes through a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cosim/bench/virtio_driver.h"

/* All FIFOs and pipes of a run have room for so much. */
#define PIPE_SIZE 1048576

/* The driver kicks when so many bytes are posted, or so many buffers. */
#define KICK_BYTES 262144u
#define KICK_BUFFERS (VIRTIO_DRIVER_BUFFERS / 2)

#define REST_US 50
#define PATIENCE_S 10.0

/* To be reached at buffers of GOAL_SIZE. */
#define GOAL_SIZE 4096u
#define GOAL_RATIO 0.5

static const unsigned sizes[] = { 64, 256, 1024, 4096, 16384, 65536 };

typedef enum Way { WAY_PIPE, WAY_OUT, WAY_IN, WAYS } Way;
static const char *const way_names[WAYS] = { "pipe", "guest to host", "host to guest" };

typedef struct Virtio Virtio;

/* One row: a size, with one loop for each way. */
typedef struct Row {
    Virtio *virtio;
    unsigned size;
    int pipe;     /* what the other process writes; -1: none */
    pid_t writer; /* of the pipe; 0: none */
} Row;

struct Virtio {
    BenchOptions options;
    int only;            /* buffers of this size; 0: of all */
    BenchProcess *fifos; /* a directory, and a process that keeps it */
    BenchProcess *process;
    qosim_session *session;
    VirtioDriver driver;
    int to_guest;
    int from_guest;
    uint8_t *source; /* VIRTIO_DRIVER_MAX_BUFFER bytes to be sent */
    uint8_t *sink;
    Row rows[G_N_ELEMENTS(sizes)];
    guint n_rows;
    BenchLoop loops[G_N_ELEMENTS(sizes) * WAYS];
};

/* --- The pipe: another process copies bytes and writes them --- */

static void write_for_ever(int fd, unsigned size, const uint8_t *source)
{
    uint8_t *bytes = g_malloc(size);

    for (;;) {
        memcpy(bytes, source, size);
        if (write(fd, bytes, size) < 0) {
            _exit(0);
        }
    }
}

static bool start_pipe(Row *row, GError **error)
{
    pid_t parent = getpid();
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0 || fcntl(fds[1], F_SETPIPE_SZ, PIPE_SIZE) < 0) {
        return bench_fail(error, "no pipe: %s", g_strerror(errno));
    }
    row->writer = fork();
    if (row->writer == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(fds[0]);
        if (getppid() == parent) {
            bench_placement_of_peer();
            write_for_ever(fds[1], row->size, row->virtio->source);
        }
        _exit(0);
    }
    close(fds[1]);
    row->pipe = fds[0];
    return row->writer > 0 || bench_fail(error, "no process: %s", g_strerror(errno));
}

static bool run_pipe(void *opaque, uint64_t n, GError **error)
{
    const Row *row = opaque;

    for (uint64_t left = n * row->size; left > 0;) {
        ssize_t got = read(row->pipe, row->virtio->sink, (size_t)MIN(left, row->size));

        if (got <= 0) {
            return bench_fail(error, "the other process is gone");
        }
        left -= (uint64_t)got;
    }
    return true;
}

/* --- Through the device --- */

static unsigned kick_every(const Row *row)
{
    return MAX(1, MIN(KICK_BYTES / row->size, KICK_BUFFERS));
}

/*
 * There is nothing to do at the moment. Rings and FIFOs are long enough for the server to be busy meanwhile; to wait for the first
 * room in one of them would have both processes switch for each buffer.
 */
static void rest(void)
{
    g_usleep(REST_US);
}

static bool is_stuck(double *since, bool moved, GError **error)
{
    double now;

    if (moved) {
        *since = 0;
        return false;
    }
    now = bench_now();
    *since = *since > 0 ? *since : now;
    return now - *since > PATIENCE_S && !bench_fail(error, "nothing moves any more");
}

/* One read of the host, of the same size as the guest's buffers; adds what came to *@got. */
static bool host_reads(const Row *row, uint64_t *got, GError **error)
{
    ssize_t n = read(row->virtio->from_guest, row->virtio->sink, row->size);

    *got += n > 0 ? (uint64_t)n : 0;
    return n > 0 || errno == EAGAIN || bench_fail(error, "%s", g_strerror(errno));
}

static bool guest_sends(const Row *row, uint64_t *left, GError **error)
{
    VirtioDriver *driver = &row->virtio->driver;
    VirtioRing *ring = &driver->out;
    uint32_t len;

    while (virtio_ring_take(ring, &len)) {
        continue;
    }
    for (unsigned i = kick_every(row); i > 0 && *left > 0 && virtio_ring_free(ring) > 0; i--) {
        memcpy(virtio_ring_next(ring), row->virtio->source, row->size);
        virtio_ring_post(ring, row->size, false);
        --*left;
    }
    return virtio_driver_kick(driver, ring, error);
}

static bool run_out(void *opaque, uint64_t n, GError **error)
{
    const Row *row = opaque;
    uint64_t total = n * row->size;
    uint64_t left = n;
    double since = 0;

    for (uint64_t got = 0; got < total;) {
        uint64_t before = got;
        uint64_t left_before = left;

        if (!guest_sends(row, &left, error)) {
            return false;
        }
        for (unsigned i = kick_every(row); i > 0 && got < total; i--) {
            uint64_t got_before = got;

            if (!host_reads(row, &got, error)) {
                return false;
            }
            if (got == got_before) {
                break;
            }
        }
        if (got == before && left == left_before) {
            rest();
        }
        if (is_stuck(&since, got > before || left < left_before, error)) {
            return false;
        }
    }
    return true;
}

static bool guest_takes(const Row *row, uint64_t *got, GError **error)
{
    VirtioDriver *driver = &row->virtio->driver;
    VirtioRing *ring = &driver->in;
    const uint8_t *bytes;
    uint32_t len;

    while ((bytes = virtio_ring_take(ring, &len))) {
        memcpy(row->virtio->sink, bytes, len);
        *got += len;
    }
    if (virtio_ring_free(ring) < kick_every(row)) {
        return true;
    }
    while (virtio_ring_free(ring) > 0) {
        virtio_ring_post(ring, row->size, true);
    }
    return virtio_driver_kick(driver, ring, error);
}

static bool run_in(void *opaque, uint64_t n, GError **error)
{
    const Row *row = opaque;
    const Virtio *virtio = row->virtio;
    uint64_t total = n * row->size;
    uint64_t left = total;
    double since = 0;

    for (uint64_t got = 0; got < total;) {
        uint64_t before = got;
        ssize_t sent = 0;

        for (unsigned i = kick_every(row); i > 0 && left > 0 && sent >= 0; i--) {
            sent = write(virtio->to_guest, virtio->source, (size_t)MIN(left, row->size));
            left -= sent > 0 ? (uint64_t)sent : 0;
        }
        if (sent < 0 && errno != EAGAIN) {
            return bench_fail(error, "%s", g_strerror(errno));
        }
        if (!guest_takes(row, &got, error)) {
            return false;
        }
        if (got == before && sent <= 0) {
            rest();
        }
        if (is_stuck(&since, got > before || sent > 0, error)) {
            return false;
        }
    }
    return true;
}

/* --- Set-up --- */

static int open_fifo(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    int fd;

    if (mkfifo(path, 0600) != 0 || (fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0) {
        bench_fail(error, "%s: %s", path, g_strerror(errno));
        return -1;
    }
    if (fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE) < 0) {
        bench_fail(error, "no FIFO of %d bytes: %s", PIPE_SIZE, g_strerror(errno));
    }
    return fd;
}

static bool start_server(Virtio *virtio, GError **error)
{
    static const char *const keep[] = { "sh", "-c", "echo; exec cat", NULL };
    const qosim_options options = { .role = QOSIM_ROLE_DRIVER, .client = "qosim-bench" };
    g_autofree char *arguments = NULL;
    g_autofree char *url = NULL;

    virtio->fifos = bench_process_start(keep, 1, NULL, error);
    if (!virtio->fifos ||
        (virtio->to_guest = open_fifo(virtio->fifos->directory, "port.in", error)) < 0 ||
        (virtio->from_guest = open_fifo(virtio->fifos->directory, "port.out", error)) < 0) {
        return false;
    }
    arguments = g_strdup_printf(VIRTIO_DRIVER_MACHINE, virtio->fifos->directory);
    virtio->process = bench_process_qosimd(&virtio->options, arguments, "ipc://$DIR/socket", error);
    if (!virtio->process) {
        return false;
    }
    url = bench_process_url(virtio->process, "ipc://$DIR/socket");
    if (qosim_open(url, &options, &virtio->session) != QOSIM_OK) {
        return bench_fail(error, "%s", qosim_open_error());
    }
    return virtio_driver_init(&virtio->driver, virtio->session, error);
}

/*
 * The receive buffers that are with the device have another size than those of the next loop: they are used up first. Nothing is
 * lost by that, so no loop needs to know.
 */
static bool start_row(Virtio *virtio, unsigned size, GError **error)
{
    bool (*const runs[WAYS])(void *, uint64_t, GError **) = { run_pipe, run_out, run_in };
    BenchLoop *loops = &virtio->loops[(size_t)virtio->n_rows * WAYS];
    Row *row = &virtio->rows[virtio->n_rows++];

    *row = (Row){ .virtio = virtio, .size = size, .pipe = -1 };
    if (!start_pipe(row, error)) {
        return false;
    }
    for (Way way = 0; way < WAYS; way++) {
        loops[way] = (BenchLoop){
            .name = way_names[way],
            .run = runs[way],
            .opaque = row,
            .unit = VIRTIO_DRIVER_BUFFERS,
            .peer = way == WAY_PIPE ? row->writer : virtio->process->pid,
        };
    }
    return true;
}

static bool start_rows(Virtio *virtio, GError **error)
{
    if (virtio->only) {
        return start_row(virtio, (unsigned)virtio->only, error);
    }
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (!start_row(virtio, sizes[i], error)) {
            return false;
        }
    }
    return true;
}

static void virtio_clear(Virtio *virtio)
{
    for (guint i = 0; i < virtio->n_rows; i++) {
        const Row *row = &virtio->rows[i];

        if (row->writer > 0) {
            close(row->pipe);
            (void)kill(row->writer, SIGKILL);
            (void)waitpid(row->writer, NULL, 0);
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(virtio->loops); i++) {
        bench_loop_clear(&virtio->loops[i]);
    }
    virtio_driver_clear(&virtio->driver);
    qosim_close(virtio->session);
    bench_process_stop(virtio->process);
    bench_process_stop(virtio->fifos);
    if (virtio->to_guest >= 0) {
        close(virtio->to_guest);
    }
    if (virtio->from_guest >= 0) {
        close(virtio->from_guest);
    }
    g_free(virtio->source);
    g_free(virtio->sink);
    bench_options_clear(&virtio->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Virtio, virtio_clear)

/* --- Results --- */

static double megabytes(const Virtio *virtio, guint i, Way way)
{
    double per_second = bench_loop_summary(&virtio->loops[(size_t)i * WAYS + way]).per_second;

    return per_second * virtio->rows[i].size / 1e6;
}

/* Time of the other process for one buffer. */
static double peer_us(const Virtio *virtio, guint i, Way way)
{
    return bench_loop_summary(&virtio->loops[(size_t)i * WAYS + way]).peer_cpu_ns / 1e3;
}

/* How much of the pipe's rate. */
static double ratio(const Virtio *virtio, guint i, Way way)
{
    return 1 / bench_loop_ratio(&virtio->loops[(size_t)i * WAYS + way],
                                &virtio->loops[(size_t)i * WAYS]);
}

static void print_rows(const Virtio *virtio)
{
    static const char *const headings[] = {
        "buffer",        "pipe MB/s",          "writer CPU us", "guest to host MB/s", "of the pipe",
        "server CPU us", "host to guest MB/s", "of the pipe",   "server CPU us",      NULL
    };
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < virtio->n_rows; i++) {
        bench_table_add(table, "%u", virtio->rows[i].size);
        bench_table_add_number(table, megabytes(virtio, i, WAY_PIPE));
        bench_table_add_number(table, peer_us(virtio, i, WAY_PIPE));
        for (Way way = WAY_OUT; way < WAYS; way++) {
            bench_table_add_number(table, megabytes(virtio, i, way));
            bench_table_add(table, "%.2f", ratio(virtio, i, way));
            bench_table_add_number(table, peer_us(virtio, i, way));
        }
    }
    bench_table_print(table);
}

static void print_goals(const Virtio *virtio, BenchJson *json)
{
    static const char *const headings[] = { "goal", "measured", "", NULL };
    BenchTable *table = bench_table_new(headings);

    bench_json_open(json, "goals", '[');
    for (guint i = 0; i < virtio->n_rows; i++) {
        for (Way way = WAY_OUT; virtio->rows[i].size == GOAL_SIZE && way < WAYS; way++) {
            double part = ratio(virtio, i, way);

            bench_table_add(table, "%s, buffers of %u", way_names[way], virtio->rows[i].size);
            bench_table_add(table, "%.2f of the pipe (at least %.2f)", part, GOAL_RATIO);
            bench_table_add(table, "%s", part >= GOAL_RATIO ? "reached" : "not reached");
            bench_json_open(json, NULL, '{');
            bench_json_text(json, "loop", way_names[way]);
            bench_json_number(json, "measured", part);
            bench_json_bool(json, "reached", part >= GOAL_RATIO);
            bench_json_close(json);
        }
    }
    bench_json_close(json);
    bench_table_print(table);
}

static void write_rows(const Virtio *virtio, BenchJson *json)
{
    bench_json_open(json, "results", '[');
    for (guint i = 0; i < virtio->n_rows; i++) {
        bench_json_open(json, NULL, '{');
        bench_json_number(json, "buffer", virtio->rows[i].size);
        for (Way way = 0; way < WAYS; way++) {
            bench_json_loop(json, way_names[way], &virtio->loops[(size_t)i * WAYS + way]);
        }
        bench_json_close(json);
    }
    bench_json_close(json);
}

static bool measure(Virtio *virtio, GError **error)
{
    BenchJson *json;

    if (!bench_placement_begin(&virtio->options, error)) {
        return false;
    }
    bench_print_heading(&bench_virtio, &virtio->options);
    if (!start_server(virtio, error) || !start_rows(virtio, error) ||
        !bench_measure(virtio->loops, virtio->n_rows * WAYS, &virtio->options, error)) {
        return false;
    }
    print_rows(virtio);
    printf("\n");
    json = bench_json_new(&bench_virtio, &virtio->options);
    write_rows(virtio, json);
    print_goals(virtio, json);
    return bench_json_finish(json, &virtio->options, error);
}

static BenchExit run_virtio(int argc, char **argv)
{
    g_auto(Virtio) virtio = { .to_guest = -1, .from_guest = -1 };
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        { "buffer", 'b', 0, G_OPTION_ARG_INT, &virtio.only, "measure buffers of this size only",
          "BYTES" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };

    if (!bench_options_parse(&bench_virtio, entries, argc, argv, &virtio.options)) {
        return BENCH_USAGE;
    }
    if (virtio.only < 0 || virtio.only > (int)VIRTIO_DRIVER_MAX_BUFFER) {
        (void)fprintf(stderr, "qosim-bench virtio: buffers have 1 to %u bytes, not %d\n",
                      VIRTIO_DRIVER_MAX_BUFFER, virtio.only);
        return BENCH_USAGE;
    }
    virtio.source = g_malloc0(VIRTIO_DRIVER_MAX_BUFFER);
    virtio.sink = g_malloc0(VIRTIO_DRIVER_MAX_BUFFER);
    return measure(&virtio, &error) ? BENCH_OK : bench_complain(&bench_virtio, error);
}

const BenchCommand bench_virtio = {
    .name = "virtio",
    .summary = "Bytes through virtio-serial both ways, next to the same through a pipe",
    .details =
        "A guest's driver in this process sends buffers through a virtserialport to a FIFO, and "
        "takes from it what is written to\nanother FIFO; guest memory is a file that both "
        "processes map (ram-home=shm). The pipe is between two processes as\nwell: one copies "
        "and writes blocks of the same size, the other reads them. Every figure is the median "
        "over the rounds;\nthe part of the pipe's rate is taken round by round. CPU time is that "
        "of one buffer.",
    .has_rounds = true,
    .run = run_virtio,
};
