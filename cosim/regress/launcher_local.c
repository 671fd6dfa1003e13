/* Tasks as processes on this host. */
#include "cosim/regress/launcher.h"

#include <poll.h>
#include <sys/wait.h>

#include "cosim/regress/worker.h"

/* How often progress is looked at, at least. */
#define LOOK_MS 200
/* How long a worker may take to end when it is asked to. */
#define STOP_US 5000000

/* A place for one worker. */
typedef struct Slot {
    Worker *worker; /* NULL: free */
    Task *task;
    bool silent; /* killed because nothing came from it */
} Slot;

typedef struct Pool {
    Launch *launch;
    Slot *slots;
    struct pollfd *items; /* one more than slots: the last one is for signals */
    unsigned n;
    unsigned busy;
    gint64 stop_us; /* when workers were asked to end; 0: they were not */
} Pool;

static bool start_task(Pool *pool, Slot *slot, Task *task, GError **error)
{
    g_autofree char *out = task_path(task, TASK_REPORT);
    g_autofree char *err = task_path(task, TASK_MESSAGES);
    Worker *worker = NULL;

    if (task_prepare(task, error)) {
        worker = worker_start((const char *const *)task->argv, out, err, error);
    }
    if (worker) {
        task_begin(task);
        *slot = (Slot){ .worker = worker, .task = task };
        pool->busy++;
    }
    return worker != NULL;
}

/* Gives tasks that wait to slots that are free. */
static bool start_tasks(Pool *pool, GError **error)
{
    for (unsigned i = 0; i < pool->n; i++) {
        Task *task = pool->slots[i].worker ? NULL : launch_waiting_task(pool->launch);

        if (task && !start_task(pool, &pool->slots[i], task, error)) {
            return false;
        }
    }
    return true;
}

static void wait_for_something(Pool *pool)
{
    for (unsigned i = 0; i < pool->n; i++) {
        const Worker *worker = pool->slots[i].worker;

        pool->items[i] = (struct pollfd){ .fd = worker ? worker->pidfd : -1, .events = POLLIN };
    }
    pool->items[pool->n] = (struct pollfd){ .fd = pool->launch->signals, .events = POLLIN };
    poll(pool->items, pool->n + 1, LOOK_MS);
}

static void end_slot(Pool *pool, Slot *slot)
{
    Task *task = slot->task;
    int status = worker_end(slot->worker);
    double seconds = (double)(g_get_monotonic_time() - task->started_us) / 1e6;

    slot->worker = NULL;
    pool->busy--;
    if (WIFEXITED(status) && (!pool->stop_us || task_is_end(WEXITSTATUS(status)))) {
        task_end(task, WEXITSTATUS(status), seconds);
    } else if (pool->stop_us) {
        task_put_back(task);
        return;
    } else if (slot->silent) {
        g_autofree char *cause =
            g_strdup_printf("nothing came from it for %.0f s, so it was killed",
                            (double)pool->launch->options->silence_us / (double)G_USEC_PER_SEC);

        task_die(task, cause);
    } else {
        g_autofree char *cause = worker_status_text(status);

        task_die(task, cause);
    }
    launch_tell_end(pool->launch, task);
}

static void look_at_slot(Pool *pool, unsigned i)
{
    Slot *slot = &pool->slots[i];

    if (pool->items[i].revents) {
        end_slot(pool, slot);
    } else if (task_look(slot->task) > pool->launch->options->silence_us && !slot->silent) {
        slot->silent = true;
        worker_signal(slot->worker, SIGKILL);
    }
}

static void signal_all(const Pool *pool, int signal)
{
    for (unsigned i = 0; i < pool->n; i++) {
        if (pool->slots[i].worker) {
            worker_signal(pool->slots[i].worker, signal);
        }
    }
}

/* Asks the workers to end, and some time later makes them. */
static void stop_workers(Pool *pool)
{
    if (!pool->stop_us) {
        pool->stop_us = g_get_monotonic_time();
        signal_all(pool, SIGTERM);
    } else if (g_get_monotonic_time() - pool->stop_us > STOP_US) {
        signal_all(pool, SIGKILL);
    }
}

static bool run_tasks(Pool *pool, GError **error)
{
    bool ok = true;

    while (pool->busy > 0 ||
           (ok && !launch_is_stopping(pool->launch) && launch_waiting_task(pool->launch))) {
        if (ok && !launch_is_stopping(pool->launch)) {
            ok = start_tasks(pool, error);
        }
        if (!ok || launch_is_stopping(pool->launch)) {
            stop_workers(pool);
        }
        wait_for_something(pool);
        launch_take_signal(pool->launch);
        for (unsigned i = 0; i < pool->n; i++) {
            if (pool->slots[i].worker) {
                look_at_slot(pool, i);
            }
        }
        launch_tell_progress(pool->launch);
    }
    return ok;
}

bool launch_local(Launch *launch, GError **error)
{
    unsigned jobs = launch->options->jobs ? launch->options->jobs : g_get_num_processors();
    Pool pool = { .launch = launch, .n = MIN(jobs, MAX(launch->tasks->len, 1)) };
    bool ok;

    pool.slots = g_new0(Slot, pool.n);
    pool.items = g_new0(struct pollfd, (gsize)pool.n + 1);
    ok = run_tasks(&pool, error);
    g_free(pool.slots);
    g_free(pool.items);
    return ok;
}
