#include "server/inbox.h"

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

static Job *take_all(Inbox *inbox)
{
    Job *jobs;

    pthread_mutex_lock(&inbox->lock);
    jobs = inbox->first;
    inbox->first = NULL;
    inbox->last = &inbox->first;
    inbox->count = 0;
    pthread_mutex_unlock(&inbox->lock);
    return jobs;
}

static gboolean inbox_dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED,
                               gpointer data G_GNUC_UNUSED)
{
    Inbox *inbox = ((InboxSource *)source)->inbox;
    Job *job = take_all(inbox);

    while (job) {
        Job *next = job->next;

        job->run(job, inbox->owner);
        job->free(job);
        job = next;
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

    pthread_mutex_lock(&inbox->lock);
    taken = !inbox->closed && (limit == 0 || inbox->count < limit);
    if (taken) {
        job->next = NULL;
        *inbox->last = job;
        inbox->last = &job->next;
        inbox->count++;
    }
    pthread_mutex_unlock(&inbox->lock);
    if (taken) {
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
    Job *job;

    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_mutex_unlock(&inbox->lock);
    job = take_all(inbox);
    while (job) {
        Job *next = job->next;

        job->free(job);
        job = next;
    }
    if (inbox->source) {
        g_source_destroy(inbox->source);
        g_clear_pointer(&inbox->source, g_source_unref);
    }
}

void inbox_destroy(Inbox *inbox)
{
    inbox_close(inbox);
    pthread_mutex_destroy(&inbox->lock);
}
