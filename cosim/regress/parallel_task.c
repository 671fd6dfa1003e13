#include "cosim/regress/parallel_task.h"

#include <errno.h>

#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/worker.h"

/* Of what a worker said before it died, so much is told. */
#define LAST_LINES 8u

Task *task_new(const char *name, const char *directory, char **argv, uint64_t total)
{
    Task *task = g_new0(Task, 1);

    task->name = g_strdup(name);
    task->directory = g_strdup(directory);
    task->argv = argv;
    task->total = total;
    task->deaths = g_string_new(NULL);
    return task;
}

void task_free(Task *task)
{
    if (task) {
        g_free(task->name);
        g_free(task->directory);
        g_strfreev(task->argv);
        g_string_free(task->deaths, TRUE);
        g_free(task);
    }
}

char *task_path(const Task *task, const char *file)
{
    return g_build_filename(task->directory, file, NULL);
}

static bool remove_file(const char *directory, const char *file, GError **error)
{
    g_autofree char *path = g_build_filename(directory, file, NULL);

    if (g_unlink(path) != 0 && errno != ENOENT && errno != EISDIR && errno != EPERM) {
        regress_trouble(error, "%s: %s", path, g_strerror(errno));
        return false;
    }
    return true;
}

bool task_prepare(const Task *task, GError **error)
{
    g_autoptr(GDir) dir = NULL;
    const char *file;
    bool ok = true;

    if (g_mkdir_with_parents(task->directory, 0777) != 0) {
        regress_trouble(error, "%s: %s", task->directory, g_strerror(errno));
        return false;
    }
    dir = g_dir_open(task->directory, 0, NULL);
    while (ok && dir && (file = g_dir_read_name(dir))) {
        ok = remove_file(task->directory, file, error);
    }
    return ok;
}

void task_begin(Task *task)
{
    task->state = TASK_RUNNING;
    task->attempts++;
    task->beat = (WorkerBeat){ 0 };
    task->started_us = g_get_monotonic_time();
    task->beat_us = task->started_us;
}

gint64 task_look(Task *task)
{
    g_autofree char *path = task_path(task, TASK_PROGRESS);
    WorkerBeat beat = worker_progress_read(path);
    gint64 now = g_get_monotonic_time();

    if (beat.beats != task->beat.beats || beat.done != task->beat.done) {
        task->beat = beat;
        task->beat_us = now;
    }
    return now - task->beat_us;
}

bool task_is_end(int code)
{
    return code >= 0 && code <= REGRESS_ERROR_TARGET;
}

void task_end(Task *task, int code, double seconds)
{
    task_look(task);
    task->seconds = seconds;
    if (task_is_end(code)) {
        task->state = TASK_ENDED;
        task->code = code;
    } else {
        g_autofree char *cause = g_strdup_printf("exit code %d", code);

        task_die(task, cause);
    }
}

static void add_last_lines(Task *task, const char *file)
{
    g_autofree char *path = task_path(task, file);
    g_autofree char *text = worker_last_lines(path, LAST_LINES);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        g_string_append_printf(task->deaths, "  | %s\n", lines[i]);
    }
}

void task_die(Task *task, const char *cause)
{
    task->seconds = (double)(g_get_monotonic_time() - task->started_us) / 1e6;
    g_string_append_printf(task->deaths, "attempt %u died: %s\n", task->attempts, cause);
    add_last_lines(task, TASK_REPORT);
    add_last_lines(task, TASK_MESSAGES);
    task->state = task->attempts < TASK_ATTEMPTS ? TASK_WAITING : TASK_DIED;
}

void task_put_back(Task *task)
{
    task->attempts--;
    task->state = TASK_WAITING;
}

const char *task_state_text(const Task *task)
{
    static const char *const codes[] = { "same", "DIVERGED", "wrong usage", "TROUBLE" };

    switch (task->state) {
    case TASK_ENDED:
        return codes[task->code];
    case TASK_DIED:
        return "TROUBLE, died twice";
    case TASK_RUNNING:
        return "under way";
    case TASK_WAITING:
        break;
    }
    return task->attempts > 0 ? "died, is to be run again" : "not run";
}

guint tasks_in_state(const GPtrArray *tasks, TaskState state)
{
    guint n = 0;

    for (guint i = 0; i < tasks->len; i++) {
        n += ((const Task *)tasks->pdata[i])->state == state;
    }
    return n;
}

guint tasks_with_code(const GPtrArray *tasks, int code)
{
    guint n = 0;

    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];

        n += task->state == TASK_ENDED && task->code == code;
    }
    return n;
}

bool tasks_failed(const GPtrArray *tasks)
{
    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];

        if (task->state == TASK_DIED || (task->state == TASK_ENDED && task->code != 0)) {
            return true;
        }
    }
    return false;
}

uint64_t tasks_operations(const GPtrArray *tasks)
{
    uint64_t done = 0;

    for (guint i = 0; i < tasks->len; i++) {
        done += ((const Task *)tasks->pdata[i])->beat.done;
    }
    return done;
}
