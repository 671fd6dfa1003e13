/* A real qosimd for tests: started, waited for, talked to, and ended. Needs QOSIMD_PATH (the program) defined. */
#ifndef QOSIM_TESTS_LIB_DAEMON_H
#define QOSIM_TESTS_LIB_DAEMON_H

#include <stdbool.h>

#include <glib.h>

typedef struct Daemon {
    GPid pid;        /* 0: it has been waited for */
    int out;         /* its standard output */
    char *directory; /* where it runs: its own, empty at the start */
    char *errors;    /* path of what it says on standard error */
    char *url;       /* where it listens; NULL: as its arguments say */
} Daemon;

/*
 * Starts the program with @arguments, split as a shell does, and waits until it says that it listens, once for each "--listen" in
 * them. "$DIR" in the arguments stands for its directory. With @scheme ("ipc", "shm", "tcp", "ws") it listens at daemon->url besides.
 */
Daemon *daemon_start(const char *arguments, const char *scheme);

/* A port of the loopback that nobody uses at the moment. */
unsigned daemon_free_port(void);

/* Sends @signal, waits for the end and gives the exit status; -1 when a signal ended it. */
int daemon_stop(Daemon *daemon, int signal);

/* Whether it still runs. */
bool daemon_is_alive(const Daemon *daemon);

/* Stops it (which must then exit with 0) if it still runs, and removes its directory. */
void daemon_free(Daemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Daemon, daemon_free)

/* Runs the program to its end: gives the exit status and, where not NULL, what it printed and what it complained of. */
int daemon_run(const char *const *arguments, const char *const *environment, char **output,
               char **errors);

#endif
