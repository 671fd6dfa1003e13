#include "server/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

typedef struct InboxSource {
    GSource source;
    Inbox *inbox;
} InboxSource;

static bool has_jobs(Inbox *inbox)
{
    bool some;

    pthread_mutex_lock(&inbox->lock);
    some = inbox->first != NULL;
    pthread_mutex_unlock(&inbox->lock);
    return some;
}

static gboolean inbox_prepare(GSource *source, gint *timeout)
{
    *timeout = -1;
    return has_jobs(((InboxSource *)source)->inbox);
}

static gboolean inbox_check(GSource *source)
{
    return has_jobs(((InboxSource *)source)->inbox);
}

Job *inbox_take_all(Inbox *inbox)
{
    Job *jobs;

    pthread_mutex_lock(&inbox->lock);
    jobs = inbox->first;
    inbox->first = NULL;
    inbox->last = &inbox->first;
    inbox->count = 0;
    pthread_mutex_unlock(&inbox->lock);
    inbox->put_back = 0;
    return jobs;
}

/* One at a time: while it runs, the others can still be taken out. */
static Job *take_first(Inbox *inbox)
{
    Job *job;

    pthread_mutex_lock(&inbox->lock);
    job = inbox->first;
    if (job) {
        inbox->first = job->next;
        inbox->count--;
        if (!inbox->first) {
            inbox->last = &inbox->first;
        }
    }
    pthread_mutex_unlock(&inbox->lock);
    if (inbox->put_back > 0) {
        inbox->put_back--;
    }
    return job;
}

static bool run_first(Inbox *inbox)
{
    Job *job = take_first(inbox);

    if (!job) {
        return false;
    }
    job->run(job, inbox->owner);
    job->free(job);
    return true;
}

static void free_jobs(Job *job)
{
    while (job) {
        Job *next = job->next;

        job->free(job);
        job = next;
    }
}

void inbox_put_back(Inbox *inbox, Job *jobs)
{
    Job **last = &jobs;
    size_t count = 0;
    bool closed;

    for (; *last; last = &(*last)->next) {
        count++;
    }
    if (count == 0) {
        return;
    }
    pthread_mutex_lock(&inbox->lock);
    closed = inbox->closed;
    if (!closed) {
        *last = inbox->first;
        if (!inbox->first) {
            inbox->last = last;
        }
        inbox->first = jobs;
        inbox->count += count;
    }
    pthread_mutex_unlock(&inbox->lock);
    if (closed) {
        free_jobs(jobs);
    } else {
        inbox->put_back += count;
        /* It may be a source's prepare() that waited: the inbox was asked before, and had nothing then. */
        g_main_context_wakeup(inbox->context);
    }
}

void inbox_run_put_back(Inbox *inbox)
{
    while (inbox->put_back > 0 && run_first(inbox)) {
        continue;
    }
}

int inbox_alarm(Inbox *inbox)
{
    int alarm;

    pthread_mutex_lock(&inbox->lock);
    if (inbox->alarm < 0) {
        inbox->alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    alarm = inbox->alarm;
    pthread_mutex_unlock(&inbox->lock);
    return alarm;
}

/* With the lock held. */
static void ring(Inbox *inbox)
{
    if (inbox->alarm >= 0) {
        (void)eventfd_write(inbox->alarm, 1);
    }
}

void inbox_ring(Inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    ring(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

void inbox_quiet(Inbox *inbox)
{
    eventfd_t count;

    (void)eventfd_read(inbox->alarm, &count);
}

static gboolean inbox_dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED,
                               gpointer data G_GNUC_UNUSED)
{
    Inbox *inbox = ((InboxSource *)source)->inbox;
    size_t count;

    pthread_mutex_lock(&inbox->lock);
    count = inbox->count; /* what comes meanwhile waits until other sources had their turn */
    pthread_mutex_unlock(&inbox->lock);
    while (count-- > 0 && run_first(inbox)) {
        continue;
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs inbox_source_funcs = {
    .prepare = inbox_prepare,
    .check = inbox_check,
    .dispatch = inbox_dispatch,
};

void inbox_init(Inbox *inbox, GMainContext *context, void *owner)
{
    pthread_mutex_init(&inbox->lock, NULL);
    inbox->first = NULL;
    inbox->last = &inbox->first;
    inbox->count = 0;
    inbox->put_back = 0;
    inbox->alarm = -1;
    inbox->closed = false;
    inbox->owner = owner;
    inbox->context = context;
    inbox->source = g_source_new(&inbox_source_funcs, sizeof(InboxSource));
    ((InboxSource *)inbox->source)->inbox = inbox;
    g_source_attach(inbox->source, context);
}

bool inbox_push(Inbox *inbox, Job *job, size_t limit)
{
    bool taken;
    bool is_first = false;

    pthread_mutex_lock(&inbox->lock);
    taken = !inbox->closed && (limit == 0 || inbox->count < limit);
    if (taken) {
        is_first = !inbox->first;
        job->next = NULL;
        *inbox->last = job;
        inbox->last = &job->next;
        inbox->count++;
        ring(inbox);
    }
    pthread_mutex_unlock(&inbox->lock);
    /* Behind others there is no need: the thread that takes them looks again before it sleeps. */
    if (is_first) {
        g_main_context_wakeup(inbox->context);
    }
    return taken;
}

bool inbox_is_full(Inbox *inbox, size_t limit)
{
    bool full;

    pthread_mutex_lock(&inbox->lock);
    full = inbox->count >= limit;
    pthread_mutex_unlock(&inbox->lock);
    return full;
}

bool inbox_is_closed(Inbox *inbox)
{
    bool closed;

    pthread_mutex_lock(&inbox->lock);
    closed = inbox->closed;
    pthread_mutex_unlock(&inbox->lock);
    return closed;
}

void inbox_close(Inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_mutex_unlock(&inbox->lock);
    free_jobs(inbox_take_all(inbox));
    if (inbox->source) {
        g_source_destroy(inbox->source);
        g_clear_pointer(&inbox->source, g_source_unref);
    }
}

void inbox_destroy(Inbox *inbox)
{
    inbox_close(inbox);
    if (inbox->alarm >= 0) {
        close(inbox->alarm);
    }
    pthread_mutex_destroy(&inbox->lock);
}
