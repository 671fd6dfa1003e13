/* A process at the other end of a stream that answers qtest lines: QEMU or `qosim qtest`. */
#ifndef QOSIM_COSIM_REGRESS_PEER_H
#define QOSIM_COSIM_REGRESS_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

#define PEER_WAIT_MS 30000
/* As many can be asked at the same time. */
#define PEERS_MAX 4u

typedef struct Peer {
    char *name;
    pid_t pid;
    int fd;             /* qtest lines; not blocking */
    int qmp;            /* QEMU's QMP connection; -1: none */
    int log;            /* of QEMU: its standard error is kept here; -1: it is ours */
    GString *qmp_input; /* what QMP sent beyond the lines already taken */
    GString *input;     /* bytes that are no whole answer yet */
    size_t parsed;      /* so much of input is whole lines of the answer under way */
    GPtrArray *answers; /* char *: IRQ lines and the reply, each ended by a newline */
    GString *output;    /* bytes to be sent */
    size_t sent;
} Peer;

/* A peer without process or connections. */
Peer *peer_new(const char *name);

/* Starts @argv with both ends of its standard input and output at a socket pair. NULL with @error. */
Peer *peer_start_stdio(const char *name, const char *const *argv, GError **error);

/* Starts @argv, which has to connect to the socket at @path. NULL with @error. */
Peer *peer_start_socket(const char *name, const char *path, const char *const *argv,
                        GError **error);

/*
 * Starts QEMU with the machine that the words @machine (ended by NULL) describe. NULL with @error.
 * @program is the emulator's name or path; @directory is where its sockets go.
 */
Peer *peer_start_qemu(const char *name, const char *program, const char *const *machine,
                      const char *directory, GError **error);

/*
 * Starts a program that only has to run (a daemon); stop it with peer_stop_pid(). What it prints goes to the file @log (-1: it
 * goes where ours goes). -1 with @error.
 */
pid_t peer_spawn(const char *const *argv, int log, GError **error);

/* A file without a name for what a program prints. -1 with @error. */
int peer_make_log(GError **error);

/* All that the peer has printed so far; owned by the caller. */
char *peer_read_log(const Peer *peer);

/* Asks with SIGTERM, and returns the status as waitpid() gives it. */
int peer_stop_pid(pid_t pid);

/* Ends the peer's input; it must then end by itself, with exit code 0. */
bool peer_finish(Peer *peer, GError **error);

/* Kills the process, if it still runs, and frees the peer. */
void peer_stop(Peer *peer);

/*
 * Sends the @n_lines lines of @lines to each of @peers and collects as many answers from each, all of them at the same
 * time. False with @error when one is gone or silent.
 */
bool peers_exchange(Peer *const *peers, unsigned n_peers, const char *lines, unsigned n_lines,
                    GError **error);

/* One line, one answer; owned by the caller. NULL with @error. */
char *peer_ask(Peer *peer, const char *line, GError **error);

/*
 * Executes a QMP command given as JSON and returns the line with its result or with QEMU's error; NULL with @error when none
 * comes. After a result it also waits for event @event (NULL: none), which may have come before.
 */
char *peer_qmp_line(Peer *peer, const char *json, const char *event, GError **error);

/* The same for a command that must not fail. */
char *peer_qmp(Peer *peer, const char *json, GError **error);

/* Resets QEMU's machine and waits for the event that tells that it has been done. */
bool peer_qmp_reset(Peer *peer, GError **error);

/* Path of the one child of @path that has type @type; NULL with @error when there is none. */
char *peer_qmp_find_child(Peer *peer, const char *path, const char *type, GError **error);

#endif
