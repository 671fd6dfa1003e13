/* What the tests of peers that die or stand still have in common: each way to a server, and a client that is a process of its own. */
#ifndef QOSIM_TESTS_FAULTS_PEERS_H
#define QOSIM_TESTS_FAULTS_PEERS_H

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"

/* The counting device of devices.c. */
#define COUNTER UINT64_C(0x20000000)
#define COUNTER_LINE 40
#define MACHINE "-M virt -m 16M -device test-counter,addr=0x20000000,irq=40"
#define PATIENCE_MS 60000

typedef struct PeerWay {
    const char *name;
    const char *scheme; /* where the daemon listens */
    const char *transport;
    bool is_sealed;
} PeerWay;

#define PEER_WAYS 5
extern const PeerWay peer_ways[PEER_WAYS];

/* The number in the environment's @variable. */
unsigned peer_number(const char *variable, unsigned otherwise);

/*
 * To be called first: if the program was started as a client it is one, and ends. peers_end() is called last.
 */
void peers_begin(int argc, char **argv);
void peers_end(void);

/* A daemon with @arguments on @way, or where a @before (not NULL) was; and what a client needs to come to it. */
Daemon *peer_daemon(const PeerWay *way, const char *arguments, const Daemon *before);
qosim_options peer_options(const PeerWay *way, qosim_role role, int timeout_ms);

/* What a client process is to do. */
typedef struct PeerTask {
    const char *token;  /* of the session to take over; NULL: a new one */
    unsigned n;         /* it writes on, from where the device is, up to this number */
    unsigned stops_at;  /* having written this number it stops itself (SIGSTOP); 0: it does not */
    unsigned server_at; /* … and before this one it has the server stop itself */
    bool
        is_observer; /* instead it counts the changes of the line until there are n, and stops itself at stops_at of them */
} PeerTask;

typedef struct PeerClient {
    GPid pid;
    int out;
} PeerClient;

PeerClient peer_start(const Daemon *daemon, const PeerWay *way, const PeerTask *task);

/* What it says first: its token, into @token (33 bytes), and its transport, which must be @way's. */
void peer_read_token(const PeerClient *client, const PeerWay *way, char *token);

/* Waits for its end; as waitpid()'s status. */
int peer_end(PeerClient *client);

/* Waits until the process @pid, a child, stands still. */
void peer_await_stop(GPid pid);

qosim_session *peer_open(const Daemon *daemon, const qosim_options *options);
uint32_t peer_read32(qosim_session *s, uint64_t address);

/* The device has seen @n writes, each once and in order. */
void peer_expect_count(const Daemon *daemon, const PeerWay *way, unsigned n);

#endif
