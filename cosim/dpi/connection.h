/*
 * What the files behind qosim_dpi.h share. A connection is a session and what is known of it, for all handles of one URL. It
 * does one job at a time: an access of one of them, or a poll. A job that needs the design's memory stops in the middle
 * until the DMA port has moved the bytes; meanwhile other accesses wait in the order in which they came.
 */
#ifndef QOSIM_COSIM_DPI_CONNECTION_H
#define QOSIM_COSIM_DPI_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <qosim/qosim.h>

#include "cosim/dpi/coroutine.h"

#define IRQ_WORDS 32

typedef struct Handle Handle;

typedef enum JobKind { JOB_NONE, JOB_READ, JOB_WRITE, JOB_POLL } JobKind;

typedef struct Job {
    JobKind kind; /* JOB_NONE: the connection is idle */
    uint64_t address;
    uint64_t data; /* of a read: what came */
    unsigned size;
    Handle *owner; /* who waits for the outcome; NULL: nobody, any more */
    qosim_result result;
    qosim_bus bus;
} Job;

/* Bytes that the server wants moved. */
typedef struct Transfer {
    bool active;
    bool is_write; /* into the design's memory */
    uint64_t address;
    uint8_t *data;
    size_t length;
    size_t moved;
    size_t beat; /* bytes of the beat that is under way */
    unsigned bus_bytes;
    int outcome; /* a qosim_bus */
} Transfer;

/* The design's memory as a module with DMA reaches it. */
typedef struct DmaPort {
    const Handle *handle; /* NULL: there is none */
    bool is_needed;       /* the machine has RAM that is the design's */
    bool in_reset;
    uint64_t base;
    uint64_t size; /* 0: everything */
    bool is_exact; /* that is the memory, and not only what the bus can address */
} DmaPort;

typedef struct Connection {
    struct Connection *next;
    char *url;
    qosim_session *session;
    unsigned refs;
    bool lost;
    uint64_t base_ns; /* the server's time when it was opened: time 0 of the design */
    uint64_t now_ns;  /* the server's time now */
    uint64_t told_ns; /* the time that it knows of */
    unsigned guest_errors;
    unsigned refusals;
    unsigned dma_errors;

    /* Interrupt levels, each word with the generation that it was made from plus one. */
    uint32_t irq_word[IRQ_WORDS];
    uint64_t irq_word_made[IRQ_WORDS];

    Job job;
    Coroutine *coroutine; /* runs the jobs, once there is a DMA port for them */
    unsigned n_waiting;   /* handles with an access that has not begun */
    uint64_t last_ticket;
    DmaPort port;
    Transfer transfer;
} Connection;

typedef enum AccessState {
    ACCESS_NONE,
    ACCESS_WAITING, /* for its turn */
    ACCESS_BEGUN,
    ACCESS_DONE,
} AccessState;

struct Handle {
    Connection *connection; /* NULL: free */
    unsigned serial;        /* tells the slot's handle from older ones */
    uint64_t seen_generation;

    /* Its access. */
    AccessState state;
    uint64_t ticket;
    Job access;   /* as it was asked for */
    int response; /* of ACCESS_DONE, with data */
    uint64_t data;
};

/* printf() of one message. */
#define say(...)                                                                                   \
    do {                                                                                           \
        char message_[1024];                                                                       \
        snprintf(message_, sizeof(message_), __VA_ARGS__);                                         \
        qosim_dpi_say(message_);                                                                   \
    } while (0)

/* qosim_dpi.c */

void qosim_dpi_say(const char *message);

/* The handle's slot, or NULL with one message for all times. */
Handle *qosim_dpi_handle(int handle);

/* Takes a free slot for @connection (counted) and returns its number; 0 after a message when there is none. */
int qosim_dpi_take_handle(Connection *connection);

/* Whether no other handle of the connection waits for longer. */
bool qosim_dpi_is_next(const Handle *h);

/* connection.c */

/* The open connection to @url, or NULL; a lost one is not found. */
Connection *qosim_conn_find(const char *url);
/* The same, or a new one; NULL after a message. */
Connection *qosim_conn_open(const char *url);
/* Gives one reference back; the session ends with the last. */
void qosim_conn_release(Connection *c);

/* Says whether the server is gone or only refused. */
void qosim_conn_note_failure(Connection *c, qosim_result result);

/* job.c */

/* Begins the access of @h if it is its turn, and tells whether it is done. */
bool qosim_job_step(Handle *h);
/* Polls, unless there is other work. */
void qosim_job_poll(Connection *c);
/* Lets a job that waited for a transfer go on. */
void qosim_job_resume(Connection *c);
/* @h takes no interest in its access any more. */
void qosim_job_forget(Handle *h);
/* Accesses made so far, and the time that they and polling took. */
void qosim_job_stats(unsigned long long *rpcs, unsigned long long *wait_ns);

/* dma.c */

/* libqosim's qosim_dma_fn; @opaque is the connection. */
int qosim_port_request(void *connection, uint64_t address, void *data, size_t length,
                       bool is_write);
/* Whether jobs may have to wait for a DMA port. */
bool qosim_port_is_needed(const Connection *c);
/* Before the handle of a DMA port goes: what waits for it fails. */
void qosim_port_unplug(Connection *c, const Handle *h);

#endif
