#include "server/liveness.h"

#include <string.h>

#include "server/listener.h"
#include "server/server.h"

/* How often connections are looked at. */
#define INTERVAL_MIN_MS 10
#define INTERVAL_MAX_MS 1000

/* So many promised frames must be missing before a connection is taken for lost. */
#define HEARTBEATS_MISSED 3

/* A question to the thread of a listener: whether a connection has ended. If so it goes back as the answer. */
typedef struct Question {
    Job job;
    MachineHost *host; /* who asks; a reference */
    Listener *listener;
    uint8_t token[QS_TOKEN_BYTES];
    QsPeer peer;
} Question;

static void question_free(Job *job)
{
    Question *self = (Question *)job;

    listener_unref(self->listener);
    machine_host_unref(self->host);
    g_free(self);
}

static void note_lost(Session *session)
{
    if (!session->lost_us) {
        session->lost_us = g_get_monotonic_time();
    }
}

static bool same_peer(const QsPeer *a, const QsPeer *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The answer, on the thread of the session's machine: the connection is gone, if it still is the session's. */
static void answer_run(Job *job, void *owner)
{
    Question *self = (Question *)job;
    Session *session = machine_host_find_session(owner, &(QsBytes){ self->token, QS_TOKEN_BYTES });

    if (session && session->listener == self->listener && same_peer(&session->peer, &self->peer)) {
        note_lost(session);
    }
}

static Question *question_new(MachineHost *host, Listener *listener, const uint8_t *token,
                              const QsPeer *peer)
{
    Question *self = g_new0(Question, 1);

    self->job.free = question_free;
    self->host = machine_host_ref(host);
    self->listener = listener_ref(listener);
    self->peer = *peer;
    memcpy(self->token, token, sizeof(self->token));
    return self;
}

/* The question, on the listener's thread. */
static void question_run(Job *job, void *owner)
{
    Question *self = (Question *)job;
    Question *answer;

    if (!listener_is_gone(self->listener, owner, &self->peer)) {
        return;
    }
    answer = question_new(self->host, self->listener, self->token, &self->peer);
    answer->job.run = answer_run;
    if (!inbox_push(&self->host->inbox, &answer->job, 0)) {
        question_free(&answer->job);
    }
}

/* Questions are as many as sessions, once in an interval, and wait while the listener's machine is busy: so they have a limit. */
static void ask(MachineHost *host, const Session *session)
{
    MachineHost *other = listener_host(session->listener);
    Question *question = question_new(host, session->listener, session->token, &session->peer);

    question->job.run = question_run;
    if (!inbox_push(&other->inbox, &question->job, HOST_MAX_WAITING_FRAMES)) {
        question_free(&question->job);
    }
}

static bool is_silent(const Session *session, int64_t now)
{
    return session->heartbeat_ms > 0 && now - session->last_seen_us > (int64_t)HEARTBEATS_MISSED *
                                                                          session->heartbeat_ms *
                                                                          INT64_C(1000);
}

static void look_at(MachineHost *host, Session *session, int64_t now)
{
    if (listener_is_gone(session->listener, host, &session->peer) || is_silent(session, now)) {
        note_lost(session);
    } else if (listener_host(session->listener) != host) {
        ask(host, session);
    }
}

static gboolean look(gpointer data)
{
    MachineHost *host = data;
    int64_t now = g_get_monotonic_time();

    for (guint i = host->sessions->len; i > 0; i--) {
        Session *session = g_ptr_array_index(host->sessions, i - 1);

        if (session->listener && !session->lost_us) {
            look_at(host, session, now);
        }
        if (session->lost_us && now - session->lost_us >= host->server->grace_us) {
            machine_host_end_session(host, session);
        }
    }
    if (host->sessions->len > 0) {
        return G_SOURCE_CONTINUE;
    }
    g_clear_pointer(&host->liveness, g_source_unref);
    return G_SOURCE_REMOVE;
}

void liveness_start(MachineHost *host)
{
    int64_t interval = host->server->grace_us / 4000;

    if (host->liveness) {
        return;
    }
    host->liveness = g_timeout_source_new((guint)CLAMP(interval, INTERVAL_MIN_MS, INTERVAL_MAX_MS));
    g_source_set_callback(host->liveness, look, host, NULL);
    g_source_attach(host->liveness, host->context);
}

void liveness_stop(MachineHost *host)
{
    if (host->liveness) {
        g_source_destroy(host->liveness);
        g_clear_pointer(&host->liveness, g_source_unref);
    }
}
