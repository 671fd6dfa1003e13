/* One share of a run over many seeds or files: this program run again with one of them, in a folder of its own. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_TASK_H
#define QOSIM_COSIM_REGRESS_PARALLEL_TASK_H

#include <stdbool.h>

#include <glib.h>

#include "cosim/regress/worker_progress.h"

/* Files in a task's folder. */
#define TASK_REPORT "report.txt"     /* standard output */
#define TASK_MESSAGES "messages.txt" /* standard error */
#define TASK_PROGRESS "progress"
#define TASK_EXIT                                                                                  \
    "exit" /* of launchers that do not see the end themselves: exit code, milliseconds */
#define TASK_REPRODUCER "reproducer.qreg"

/* How often a task is run when its worker dies. */
#define TASK_ATTEMPTS 2u

typedef enum TaskState {
    TASK_WAITING,
    TASK_RUNNING,
    TASK_ENDED, /* by itself, with an exit code of qosim-regress */
    TASK_DIED,  /* as often as it may */
} TaskState;

typedef struct Task {
    char *name;      /* "seed 0x1", or the file's name; owned */
    char *directory; /* owned */
    char **argv;     /* owned */
    uint64_t total;  /* operations that it has when nothing diverges; 0: not known */

    TaskState state;
    unsigned attempts; /* begun */
    int code;          /* exit code, when ended */
    GString *deaths;   /* what became of those that died: cause and last lines; owned */
    WorkerBeat beat;
    gint64 beat_us; /* when the beat last changed, or the attempt began */
    gint64 started_us;
    double seconds; /* of the last attempt */
} Task;

/* Takes @argv. */
Task *task_new(const char *name, const char *directory, char **argv, uint64_t total);
void task_free(Task *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Task, task_free)

/* A file in the task's folder; owned by the caller. */
char *task_path(const Task *task, const char *file);

/* Makes the folder and removes what an earlier run left in it. REGRESS_ERROR_TARGET. */
bool task_prepare(const Task *task, GError **error);

/* An attempt begins. */
void task_begin(Task *task);

/* Looks how far it is. Returns for how many microseconds that has not changed. */
gint64 task_look(Task *task);

/* Whether a process of qosim-regress that ends by itself may have the exit code @code. */
bool task_is_end(int code);

/* The attempt is over with @code; another one than those of qosim-regress is a death. */
void task_end(Task *task, int code, double seconds);

/* The attempt is over, because of @cause. The task waits again, unless this was the last attempt. */
void task_die(Task *task, const char *cause);

/* The attempt does not count: it was stopped for reasons that are not the task's. */
void task_put_back(Task *task);

/* What it came to so far, in a word or two: "same", "DIVERGED", … */
const char *task_state_text(const Task *task);

/* Of @tasks (an array of Task *), how many are in that state. */
guint tasks_in_state(const GPtrArray *tasks, TaskState state);

/* How many have ended with that exit code. */
guint tasks_with_code(const GPtrArray *tasks, int code);

/* Whether one has found a divergence or trouble. */
bool tasks_failed(const GPtrArray *tasks);

/* Operations that were done. */
uint64_t tasks_operations(const GPtrArray *tasks);

#endif
