#include "cosim/regress/launcher.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cosim/regress/error.h"

static const struct {
    const char *name;
    Launcher launcher;
} launchers[] = {
    { "local", launch_local },
    { "slurm", launch_slurm },
};

Launcher launcher_find(const char *name, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(launchers); i++) {
        if (strcmp(name ? name : "local", launchers[i].name) == 0) {
            return launchers[i].launcher;
        }
    }
    regress_usage(error, "no launcher %s; there are local and slurm", name);
    return NULL;
}

bool launch_is_stopping(const Launch *launch)
{
    /* What is wrong with the options is wrong with them for all. */
    return launch->interrupted || tasks_with_code(launch->tasks, REGRESS_ERROR_USAGE) > 0 ||
           (launch->options->fail_fast && tasks_failed(launch->tasks));
}

Task *launch_waiting_task(const Launch *launch)
{
    for (guint i = 0; i < launch->tasks->len; i++) {
        Task *task = (Task *)launch->tasks->pdata[i];

        if (task->state == TASK_WAITING) {
            return task;
        }
    }
    return NULL;
}

void launch_take_signal(Launch *launch)
{
    struct signalfd_siginfo info;

    if (read(launch->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        launch->interrupted = (int)info.ssi_signo;
    }
}

void launch_tell_end(Launch *launch, const Task *task)
{
    Progress *progress = &launch->progress;

    launch->told += task->state != TASK_WAITING;
    if (!progress->quiet) {
        fprintf(stderr, "%s%s: %s (%u of %u)\n", progress->terminal ? "\r\x1b[K" : "", task->name,
                task_state_text(task), launch->told, launch->tasks->len);
    }
}

void launch_tell_progress(Launch *launch)
{
    progress_show(&launch->progress, tasks_operations(launch->tasks));
}

static uint64_t total_operations(const GPtrArray *tasks)
{
    uint64_t total = 0;

    for (guint i = 0; i < tasks->len; i++) {
        total += ((const Task *)tasks->pdata[i])->total;
    }
    return total;
}

static bool take_signals(Launch *launch, GError **error)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    launch->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (launch->signals < 0) {
        regress_trouble(error, "signalfd: %s", g_strerror(errno));
        return false;
    }
    sigprocmask(SIG_BLOCK, &set, &launch->old_signals);
    return true;
}

bool launch(Launcher launcher, GPtrArray *tasks, const LaunchOptions *options, int *interrupted,
            GError **error)
{
    Launch launch = { .tasks = tasks, .options = options };
    bool ok;

    if (!take_signals(&launch, error)) {
        return false;
    }
    progress_start(&launch.progress, total_operations(tasks), options->quiet);
    ok = launcher(&launch, error);
    progress_end(&launch.progress);
    /* One that came twice must not end us now: there is something to gather. */
    launch_take_signal(&launch);
    close(launch.signals);
    sigprocmask(SIG_SETMASK, &launch.old_signals, NULL);
    *interrupted = launch.interrupted;
    return ok;
}
