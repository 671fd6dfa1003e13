/* Which core a process runs on, and what else runs there. */
#include "cosim/bench/bench.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

/* Cores that this process could use when it was started, and where the others go. */
static cpu_set_t allowed;
static cpu_set_t of_peer;
static bool is_placed;

static GArray *load; /* of pid_t */

static int nth_core(int n)
{
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (CPU_ISSET(core, &allowed) && n-- == 0) {
            return core;
        }
    }
    return -1;
}

static bool pin(cpu_set_t *set, int core, GError **error)
{
    CPU_ZERO(set);
    CPU_SET(core, set);
    return sched_setaffinity(0, sizeof(*set), set) == 0 ||
           bench_fail(error, "core %d: %s", core, g_strerror(errno));
}

/* A process that keeps @core busy until this one ends. */
static bool start_spinner(int core, GError **error)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    cpu_set_t set;

    if (pid < 0) {
        return bench_fail(error, "no process for the load: %s", g_strerror(errno));
    }
    if (pid > 0) {
        g_array_append_val(load, pid);
        return true;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !pin(&set, core, NULL)) {
        _exit(1);
    }
    for (volatile unsigned long i = 0;; i++) {
        continue;
    }
}

static bool start_load(GError **error)
{
    load = g_array_new(FALSE, FALSE, sizeof(pid_t));
    for (int i = 0; i < CPU_COUNT(&allowed); i++) {
        if (!start_spinner(nth_core(i), error)) {
            return false;
        }
    }
    return true;
}

bool bench_placement_begin(const BenchOptions *options, GError **error)
{
    cpu_set_t own;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        return bench_fail(error, "cannot tell which cores there are: %s", g_strerror(errno));
    }
    of_peer = allowed;
    is_placed = true;
    if (options->load == BENCH_LOAD_BUSY && !start_load(error)) {
        return false;
    }
    if (options->placement == BENCH_FREE) {
        return true;
    }
    if (options->placement == BENCH_ONE_CORE_EACH && CPU_COUNT(&allowed) < 2) {
        return bench_fail(error, "one core each needs two cores, and there is one; see "
                                 "--placement");
    }
    CPU_ZERO(&of_peer);
    CPU_SET(nth_core(options->placement == BENCH_ONE_CORE_EACH), &of_peer);
    return pin(&own, nth_core(0), error);
}

void bench_placement_of_peer(void)
{
    if (is_placed) {
        (void)sched_setaffinity(0, sizeof(of_peer), &of_peer);
    }
}

void bench_placement_end(void)
{
    for (guint i = 0; load && i < load->len; i++) {
        pid_t pid = g_array_index(load, pid_t, i);

        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    g_clear_pointer(&load, g_array_unref);
    if (is_placed) {
        (void)sched_setaffinity(0, sizeof(allowed), &allowed);
        is_placed = false;
    }
}

int bench_cores(void)
{
    cpu_set_t set;

    if (is_placed) {
        return CPU_COUNT(&allowed);
    }
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}
