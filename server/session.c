#include "server/session.h"

#include <string.h>
#include <sys/random.h>

#include "models/core/machine.h"
#include "server/listener.h"
#include "server/machine_host.h"

Session *session_new(const char *client, QsRole role, bool push)
{
    uint8_t token[QS_TOKEN_BYTES];
    uint32_t irq_watch = MACHINE_WATCH_IRQ;
    Session *session;

    if (getrandom(token, sizeof(token), 0) != (ssize_t)sizeof(token)) {
        return NULL;
    }
    session = g_new0(Session, 1);
    memcpy(session->token, token, sizeof(token));
    session_set_client(session, client);
    session->role = role;
    session->push = push;
    kept_frames_init(&session->kept, KEPT_REPLIES, KEPT_BYTES);
    kept_frames_init(&session->pushed, KEPT_PUSHES, KEPT_PUSHES_BYTES);
    session->watches = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(session->watches, irq_watch);
    return session;
}

void session_set_client(Session *session, const char *client)
{
    g_free(session->client);
    session->client = g_strndup(client, SESSION_CLIENT_MAX);
}

void session_free(Session *session)
{
    if (!session) {
        return;
    }
    session_set_route(session, NULL, &(QsPeer){ 0 });
    kept_frames_clear(&session->kept);
    kept_frames_clear(&session->pushed);
    event_queue_clear(&session->events);
    posted_errors_clear(&session->posted_errors);
    g_array_unref(session->watches);
    g_free(session->client);
    g_free(session);
}

guint session_token_hash(gconstpointer token)
{
    guint hash;

    memcpy(&hash, token, sizeof(hash)); /* tokens are random throughout */
    return hash;
}

gboolean session_token_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, QS_TOKEN_BYTES) == 0;
}

SessionTurn session_turn(Session *session, uint64_t request_id, uint64_t after,
                         const SentFrame **kept)
{
    *kept = NULL;
    if (request_id > session->last_id) {
        if (after > session->last_id) {
            return SESSION_TURN_EARLY;
        }
        session->last_id = request_id;
        return SESSION_TURN_NEW;
    }
    *kept = kept_frames_find(&session->kept, request_id);
    return *kept ? SESSION_TURN_REPEATED : SESSION_TURN_STALE;
}

void session_set_route(Session *session, Listener *listener, const QsPeer *peer)
{
    session->peer = *peer;
    if (session->listener == listener) {
        return;
    }
    if (session->listener) {
        listener_unref(session->listener);
    }
    session->listener = listener ? listener_ref(listener) : NULL;
}

void session_hear(Session *session, Listener *listener, const QsPeer *peer)
{
    session->last_seen_us = machine_host_clock_us();
    session->lost_us = 0;
    session_set_route(session, listener, peer);
}

static guint find_watch(const Session *session, uint32_t watch)
{
    guint i = 0;

    while (i < session->watches->len && g_array_index(session->watches, uint32_t, i) != watch) {
        i++;
    }
    return i;
}

bool session_is_watching(const Session *session, uint32_t watch)
{
    return find_watch(session, watch) < session->watches->len;
}

bool session_watch(Session *session, uint32_t watch)
{
    if (session_is_watching(session, watch)) {
        return true;
    }
    if (session->watches->len == SESSION_MAX_WATCHES) {
        return false;
    }
    g_array_append_val(session->watches, watch);
    return true;
}

bool session_unwatch(Session *session, uint32_t watch)
{
    guint i = find_watch(session, watch);

    if (i == session->watches->len) {
        return false;
    }
    g_array_remove_index_fast(session->watches, i);
    return true;
}
