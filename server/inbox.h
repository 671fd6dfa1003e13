/* Work that other threads leave for a machine's thread, run by that thread's GMainContext in the order of arrival. */
#ifndef QOSIM_SERVER_INBOX_H
#define QOSIM_SERVER_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct Job Job;

/* A piece of work; embedded in a struct of its kind. Run at most once, then freed; freed only when the inbox closes first. */
struct Job {
    Job *next;
    void (*run)(Job *job, void *owner);
    void (*free)(Job *job);
};

typedef struct Inbox {
    pthread_mutex_t lock; /* a pthread one, so that ThreadSanitizer sees it */
    Job *first;
    Job **last;
    size_t count;
    bool closed;
    void *owner;
    GMainContext *context; /* borrowed */
    GSource *source;
} Inbox;

/* Prepares @inbox to run its jobs, which get @owner, in @context. */
void inbox_init(Inbox *inbox, GMainContext *context, void *owner);

/*
 * Leaves @job; false, and the job stays the caller's, when the inbox is closed or has @limit jobs waiting (0: no limit).
 * Any thread.
 */
bool inbox_push(Inbox *inbox, Job *job, size_t limit);

/* Whether inbox_push() with @limit would find no room now. Any thread. */
bool inbox_is_full(Inbox *inbox, size_t limit);

bool inbox_is_closed(Inbox *inbox);

/* Frees what waits and lets nothing more in. The owner's thread only, or when that has ended. */
void inbox_close(Inbox *inbox);

/* Ends a closed inbox that nobody can reach any more. */
void inbox_destroy(Inbox *inbox);

#endif
