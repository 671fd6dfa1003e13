/* Who runs the tasks: processes on this host, or a cluster. */
#ifndef QOSIM_COSIM_REGRESS_LAUNCHER_H
#define QOSIM_COSIM_REGRESS_LAUNCHER_H

#include <signal.h>

#include "cosim/regress/parallel_task.h"
#include "cosim/regress/progress.h"

typedef struct LaunchOptions {
    unsigned jobs;         /* tasks at the same time; 0: as many as the launcher sees fit */
    gint64 silence_us;     /* a worker that does nothing for so long is taken for dead */
    bool fail_fast;        /* nothing new after the first that failed, and the others are stopped */
    bool quiet;            /* no progress */
    const char *directory; /* for results; shared by all hosts that take part */

    const char *partition;    /* Slurm's --partition; NULL: its default */
    const char *time;         /* --time of each array task; NULL: the partition's */
    const char *const *words; /* more options of sbatch; NULL: none */
    unsigned array_max;       /* most elements of an array, each then runs several tasks; 0: 1000 */
    gint64 late_us; /* files of a node that is done may come into sight so late; 0: ten seconds */
} LaunchOptions;

/* What launchers have in common while they work. */
typedef struct Launch {
    GPtrArray *tasks; /* Task * */
    const LaunchOptions *options;
    Progress progress;
    guint told;  /* tasks whose end was told */
    int signals; /* signalfd for SIGINT and SIGTERM */
    sigset_t old_signals;
    int interrupted; /* the signal that came; 0: none */
} Launch;

/*
 * Runs all tasks that wait, and those whose worker died once more, until none waits or runs, or the work is to stop. False with
 * REGRESS_ERROR_TARGET when that cannot be done; what a task came to is in the task.
 */
typedef bool (*Launcher)(Launch *launch, GError **error);

bool launch_local(Launch *launch, GError **error);
bool launch_slurm(Launch *launch, GError **error);

/* The launcher that is called @name: local (also for NULL), slurm. NULL with REGRESS_ERROR_USAGE. */
Launcher launcher_find(const char *name, GError **error);

/*
 * Runs @tasks with @launcher. Signals that ask to end are taken meanwhile: then workers are stopped, and *@interrupted is the
 * signal.
 */
bool launch(Launcher launcher, GPtrArray *tasks, const LaunchOptions *options, int *interrupted,
            GError **error);

/* Whether no more tasks are to begin, and those that run are to end: because of a signal, fail_fast, or wrong usage. */
bool launch_is_stopping(const Launch *launch);

/* The first task that waits; NULL when none does. */
Task *launch_waiting_task(const Launch *launch);

/* Takes a signal, if one has come. */
void launch_take_signal(Launch *launch);

/* Tells what @task came to, and how far all are. */
void launch_tell_end(Launch *launch, const Task *task);
void launch_tell_progress(Launch *launch);

#endif
