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
    /* What can be done of it while the owner is busy; true: all, and it is not run any more. NULL: nothing. */
    bool (*run_ahead)(Job *job, void *owner);
    void (*free)(Job *job);
    size_t bytes; /* that it holds, for whoever limits them */
    bool late;    /* it came while the owner was busy */
};

typedef struct Inbox {
    pthread_mutex_t lock; /* a pthread one, so that ThreadSanitizer sees it */
    Job *first;
    Job **last;
    size_t count;
    size_t put_back; /* of these, from the first on; the owner's thread only */
    int alarm;       /* an eventfd that a push writes to; -1: none */
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

/*
 * For an owner that is busy and looks for certain jobs itself: takes out all that wait, oldest first. With inbox_put_back() the
 * rest, as a list, goes before all others. The owner's thread only.
 */
Job *inbox_take_all(Inbox *inbox);
void inbox_put_back(Inbox *inbox, Job *jobs);

/* Runs what was put back, so that other work which came later can go on. The owner's thread only. */
void inbox_run_put_back(Inbox *inbox);

/* A descriptor that polls readable after a push, made by the first call; -1 when there is none to be had. */
int inbox_alarm(Inbox *inbox);

/* Makes it readable, from any thread, and no longer readable. */
void inbox_ring(Inbox *inbox);
void inbox_quiet(Inbox *inbox);

/* Whether inbox_push() with @limit would find no room now. Any thread. */
bool inbox_is_full(Inbox *inbox, size_t limit);

bool inbox_is_closed(Inbox *inbox);

/* Frees what waits and lets nothing more in. The owner's thread only, or when that has ended. */
void inbox_close(Inbox *inbox);

/* Ends a closed inbox that nobody can reach any more. */
void inbox_destroy(Inbox *inbox);

#endif
