/*
 * Going on with a session after its connection broke. The server keeps what it sent and answers a Resume with what is missing;
 * here the posted frames are kept that no reply has confirmed yet, and sent again with the request that is waited for.
 */
#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

/* A Resume without an answer is sent again after this time, then after twice that, and so on; the last time on a new connection. */
#define FIRST_RETRY_MS 250
#define LAST_RETRY_MS 4000

/* More posted frames, or operations in them, than this do not wait for a confirmation: a reply is asked for. */
#define MAX_KEPT_FRAMES 1024u
#define MAX_KEPT_OPERATIONS 16384u

struct KeptPost {
    uint64_t id;
    bool has_time;
    uint64_t time_ns;
    QsOperation *operations;
    size_t n;
};

/* Asks for what is missing, if there is anything; the answer also shows that the server is there and knows the session. */
static void ask(qosim_session *session)
{
    QsClientFrame frame = { .session = { session->token, session->token_len },
                            .epoch = session->epoch,
                            .has_resume = true,
                            .resume = { session->last_sequence, session->stream_events } };
    int64_t now = now_ms();

    session->asked_at = now;
    session->ask_again = now + session->ask_step;
    session->ops->answer(session->carrier, &frame, now);
}

/* Asks again what was not answered; in the end on another connection. */
static void ask_anew(qosim_session *session)
{
    session->ask_step = session->ask_step < LAST_RETRY_MS ? session->ask_step * 2 : LAST_RETRY_MS;
    if (session->ask_step == LAST_RETRY_MS && session->ops->reconnect) {
        session->ops->reconnect(session->carrier);
    }
    ask(session);
}

void resume_begin(qosim_session *session)
{
    if (session->resumes && !session->is_resuming) {
        session->is_resuming = true;
        session->ask_step = FIRST_RETRY_MS;
        ask(session);
    }
}

void resume_look(qosim_session *session)
{
    uint64_t made;

    if (!session->resumes) {
        return;
    }
    made = session->ops->connections(session->carrier);
    if (made != session->connections) {
        session->connections = made;
        session->is_resuming = false;
        resume_begin(session);
    } else if (session->is_resuming && now_ms() >= session->ask_again) {
        ask_anew(session);
    }
}

int64_t resume_due(const qosim_session *session)
{
    return session->is_resuming ? session->ask_again : INT64_MAX;
}

int64_t heartbeat_due(const qosim_session *session)
{
    int64_t last = session->heard_at > session->asked_at ? session->heard_at : session->asked_at;

    return session->resumes && session->heartbeat_ms ? last + session->heartbeat_ms : INT64_MAX;
}

void heartbeat_look(qosim_session *session)
{
    if (now_ms() >= heartbeat_due(session)) {
        ask(session);
    }
}

static bool send_again(qosim_session *session, const KeptPost *post, uint64_t after)
{
    QsClientFrame frame = { .session = { session->token, session->token_len },
                            .request_id = post->id,
                            .has_virtual_time = post->has_time,
                            .virtual_time_ns = post->time_ns,
                            .operations = post->operations,
                            .n_operations = post->n,
                            .posted = true,
                            .after = after,
                            .epoch = session->epoch };

    session->ops->answer(session->carrier, &frame, now_ms() + session->timeout_ms);
    return session->ops->connections(session->carrier) == session->connections;
}

/* Sends what the server has not got, in order. Where the connection breaks again, it all begins anew. */
static void send_missing(qosim_session *session, uint64_t last_request_id)
{
    uint64_t before = 0;

    for (size_t i = 0; i < session->n_kept_posts; i++) {
        const KeptPost *post = &session->kept_posts[i];

        if (post->id > last_request_id && !send_again(session, post, before)) {
            return;
        }
        before = post->id;
    }
    if (session->awaited > last_request_id && session->request) {
        (void)session->ops->send(session->carrier, session->request, true, now_ms(), NULL);
    }
}

void resume_take(qosim_session *session, const QsResumed *resumed)
{
    uint64_t next = session->last_sequence + 1;

    if (!session->is_resuming) {
        return; /* a heartbeat's */
    }
    if (resumed->next_sequence > next) {
        if (resumed->last_sequence != session->last_sequence) {
            ask(session); /* the answer to a question of before */
            return;
        }
        session->last_sequence = resumed->next_sequence - 1;
        session->stream_events += resumed->dropped;
        if (resumed->dropped) {
            deliver_lagged(session, session->now_ns, resumed->dropped);
        }
    }
    session->is_resuming = false;
    send_missing(session, resumed->last_request_id);
}

static void free_posts(qosim_session *session, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        session->n_kept_operations -= session->kept_posts[i].n;
        free(session->kept_posts[i].operations);
    }
    session->n_kept_posts -= n;
    if (!session->n_kept_posts) {
        return; /* there may never have been any */
    }
    memmove(session->kept_posts, session->kept_posts + n,
            session->n_kept_posts * sizeof(*session->kept_posts));
}

void resume_settle(qosim_session *session, uint64_t request_id)
{
    size_t n = 0;

    while (n < session->n_kept_posts && session->kept_posts[n].id < request_id) {
        n++;
    }
    if (n) {
        free_posts(session, n);
    }
}

uint64_t resume_after(const qosim_session *session)
{
    return session->n_kept_posts ? session->kept_posts[session->n_kept_posts - 1].id : 0;
}

qosim_result resume_make_room(qosim_session *session, size_t n)
{
    const QsResult *results;

    if (!session->resumes || (session->n_kept_posts < MAX_KEPT_FRAMES &&
                              session->n_kept_operations + n <= MAX_KEPT_OPERATIONS)) {
        return QOSIM_OK;
    }
    return call(session, NULL, 0, &results);
}

qosim_result resume_keep(qosim_session *session, const QsClientFrame *frame)
{
    size_t size = frame->n_operations * sizeof(*frame->operations);
    KeptPost *post;

    if (!session->resumes) {
        return QOSIM_OK;
    }
    if (!session->kept_posts) {
        session->kept_posts = calloc(MAX_KEPT_FRAMES, sizeof(*session->kept_posts));
    }
    post = session->kept_posts ? &session->kept_posts[session->n_kept_posts] : NULL;
    if (!post || !(post->operations = malloc(size))) {
        return no_memory(session);
    }
    memcpy(post->operations, frame->operations, size);
    post->id = frame->request_id;
    post->has_time = frame->has_virtual_time;
    post->time_ns = frame->virtual_time_ns;
    post->n = frame->n_operations;
    session->n_kept_posts++;
    session->n_kept_operations += post->n;
    return QOSIM_OK;
}

void resume_drop_last(qosim_session *session)
{
    if (session->n_kept_posts) {
        KeptPost *post = &session->kept_posts[--session->n_kept_posts];

        session->n_kept_operations -= post->n;
        free(post->operations);
    }
}

void resume_free(qosim_session *session)
{
    free_posts(session, session->n_kept_posts);
    free(session->kept_posts);
}
