/* A process that works for us: what it prints goes to files, and it and all that it started end when it is told to. */
#ifndef QOSIM_COSIM_REGRESS_WORKER_H
#define QOSIM_COSIM_REGRESS_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

typedef struct Worker {
    pid_t pid;
    int pidfd; /* readable when the process has ended */
} Worker;

/*
 * Starts @argv in a process group of its own, with nothing at its standard input. It ends with this process, too. NULL with
 * REGRESS_ERROR_TARGET. @out and @err are files to be written.
 */
Worker *worker_start(const char *const *argv, const char *out, const char *err, GError **error);

/* Sends @signal to the process and those that it started, as far as they did not leave its group. */
void worker_signal(const Worker *worker, int signal);

/* Waits for the end; what it started is killed. Returns the status as waitpid() gives it, and frees the worker. */
int worker_end(Worker *worker);

/* "exit code 4", "signal 9 (Killed)"; owned by the caller. */
char *worker_status_text(int status);

/* The last @lines lines of a file, of which the end is enough; "" when there is none. Owned by the caller. */
char *worker_last_lines(const char *path, unsigned lines);

#endif
