/* Tasks whose workers are shell scripts, for tests of launchers: they end as they are told to. */
#ifndef QOSIM_TESTS_REGRESS_TASKS_H
#define QOSIM_TESTS_REGRESS_TASKS_H

#include <glib.h>

#include "cosim/regress/launcher.h"

/* Longer than any test, so that whoever waits for it has failed. */
#define FOREVER "sleep 300"

/* A folder, and tasks in it. */
typedef struct Tasks {
    char *directory;
    GPtrArray *tasks;
    LaunchOptions options;
    int interrupted;
} Tasks;

/* A fixture; @data is not used. Workers may be silent for an hour. */
void tasks_set_up(Tasks *tasks, gconstpointer data);
void tasks_tear_down(Tasks *tasks, gconstpointer data);

/* A task whose worker runs @script; $0 is the task's folder. Owned by @tasks. */
Task *tasks_add(Tasks *tasks, const char *script);

/* Runs them all, which must be possible. */
void tasks_run(Tasks *tasks, Launcher launcher);

/* What is in the task's file, owned by the caller; NULL when there is none. */
char *tasks_text(const Task *task, const char *file);

/* Waits until the process with that number is gone, which it must be some time. */
void assert_goes(const char *pid);

#endif
