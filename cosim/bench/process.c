/* The other processes of a measurement. */
#include "cosim/bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

/* How long a process may take to start, and to end when it is asked to. */
#define START_MS 30000
#define END_MS 5000

static void set_up_child(gpointer data G_GNUC_UNUSED)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    bench_placement_of_peer();
}

/* Reads @n lines; the last one, without its end, goes to @line. */
static bool await_lines(const BenchProcess *process, unsigned n, GString *line)
{
    struct pollfd p = { .fd = process->out, .events = POLLIN };

    while (n > 0) {
        char c;

        if (poll(&p, 1, START_MS) <= 0 || read(process->out, &c, 1) <= 0) {
            return false;
        }
        if (c == '\n') {
            n--;
        } else {
            g_string_append_c(line, c);
        }
        if (c == '\n' && n > 0) {
            g_string_truncate(line, 0);
        }
    }
    return true;
}

static char **expand(const char *const *words, const char *directory)
{
    g_autoptr(GPtrArray) expanded = g_ptr_array_new();

    for (; *words; words++) {
        GString *word = g_string_new(*words);

        g_string_replace(word, "$DIR", directory, 0);
        g_ptr_array_add(expanded, g_string_free(word, FALSE));
    }
    g_ptr_array_add(expanded, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&expanded), FALSE);
}

BenchProcess *bench_process_start(const char *const *words, unsigned lines, char **said,
                                  GError **error)
{
    g_autoptr(BenchProcess) process = g_new0(BenchProcess, 1);
    g_autoptr(GString) line = g_string_new(NULL);
    g_auto(GStrv) expanded = NULL;

    process->in = process->out = -1;
    process->directory = g_dir_make_tmp("qosim-bench-XXXXXX", error);
    if (!process->directory) {
        return NULL;
    }
    expanded = expand(words, process->directory);
    if (!g_spawn_async_with_pipes(NULL, expanded, NULL,
                                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, set_up_child,
                                  NULL, &process->pid, &process->in, &process->out, NULL, error)) {
        return NULL;
    }
    if (!await_lines(process, lines, line)) {
        bench_fail(error, "%s did not start", words[0]);
        return NULL;
    }
    if (said) {
        *said = g_strdup(line->str);
    }
    return g_steal_pointer(&process);
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGTERM);
    for (int waited = 0; waitpid(pid, NULL, WNOHANG) == 0; waited++) {
        if (waited == END_MS) {
            (void)kill(pid, SIGKILL);
        }
        g_usleep(1000);
    }
}

static void remove_directory(const char *path)
{
    g_autoptr(GDir) entries = g_dir_open(path, 0, NULL);
    const char *name;

    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        (void)g_remove(file);
    }
    (void)g_rmdir(path);
}

void bench_process_stop(BenchProcess *process)
{
    if (!process) {
        return;
    }
    if (process->in >= 0) {
        close(process->in);
    }
    if (process->pid) {
        end(process->pid);
    }
    if (process->out >= 0) {
        close(process->out);
    }
    if (process->directory) {
        remove_directory(process->directory);
    }
    g_free(process->directory);
    g_free(process);
}

BenchProcess *bench_process_qosimd(const BenchOptions *options, const char *arguments,
                                   const char *url, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_auto(GStrv) split = NULL;

    if (!g_shell_parse_argv(arguments, NULL, &split, error)) {
        return NULL;
    }
    g_ptr_array_add(words, options->qosimd);
    for (char **word = split; *word; word++) {
        g_ptr_array_add(words, *word);
    }
    g_ptr_array_add(words, "--listen");
    g_ptr_array_add(words, (char *)url);
    g_ptr_array_add(words, NULL);
    return bench_process_start((const char *const *)words->pdata, 1, NULL, error);
}

char *bench_process_url(const BenchProcess *process, const char *url)
{
    GString *expanded = g_string_new(url);

    g_string_replace(expanded, "$DIR", process->directory, 0);
    return g_string_free(expanded, FALSE);
}

unsigned bench_free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        address.sin_port = 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return ntohs(address.sin_port);
}

double bench_cpu_seconds(pid_t pid)
{
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    struct timespec t;

    if ((pid != 0 && clock_getcpuclockid(pid, &clock) != 0) || clock_gettime(clock, &t) != 0) {
        return 0;
    }
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

uint64_t bench_memory_bytes(pid_t pid, bool only_private)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", (int)pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    uint64_t kib = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return 0;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, only_private ? "Private_" : "Rss:")) {
            const char *colon = strchr(*line, ':');

            kib += colon ? g_ascii_strtoull(colon + 1, NULL, 10) : 0;
        }
    }
    return kib * 1024;
}
