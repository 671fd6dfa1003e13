#include "server/listener.h"

#include <string.h>

#include "proto/arena.h"
#include "proto/codec.h"
#include "qom/error.h"
#include "server/execute.h"
#include "server/hello.h"
#include "server/machine_host.h"
#include "server/reply.h"
#include "server/server.h"

/* Frames that are carried out before other sources of the context get their turn, and how long that may take about. */
#define BURST 256
#define BURST_US 1000

/* How soon a frame is offered again to a machine whose inbox was full. */
#define RETRY_US 1000

/* Frames that may wait on their way to another thread's listener, replies not counted. */
#define MAX_WAITING_PUSHES 1024u

/* How long a send may take while the peer's connection has no room. */
#define SEND_TIMEOUT_MS 0

typedef struct FrameJob FrameJob;

typedef struct ListenerSource {
    GSource source;
    Listener *listener;
} ListenerSource;

struct Listener {
    int ref;           /* atomic */
    MachineHost *host; /* a reference */
    char *url;
    const QsTransport *transport;
    QsEndpoint *endpoint; /* NULL after listener_close() */
    GSource *source;
    gpointer tag;
    bool paused;       /* the descriptor is not watched */
    bool hops;         /* the last frame went to another thread, whose answer comes by the inbox */
    FrameJob *waiting; /* found no room in the inbox of its machine; nothing is read meanwhile */
    MachineHost *waiting_for;
};

/* A frame on its way to another machine's thread, with the arena that it lives in. */
struct FrameJob {
    Job job;
    QsArena *arena;
    QsClientFrame frame;
    Listener *listener; /* a reference */
    QsPeer peer;
};

/* A frame for the listener's own machine that came while that was busy, as it came. */
typedef struct KeptFrame {
    Job job;
    Listener *listener; /* a reference */
    QsPeer peer;
    size_t len;
    uint8_t data[];
} KeptFrame;

/* A frame on its way back to the listener's thread. */
typedef struct SendJob {
    Job job;
    Listener *listener; /* a reference */
    QsPeer peer;
    size_t len;
    uint8_t data[];
} SendJob;

static void frame_job_run(Job *job, void *owner)
{
    FrameJob *self = (FrameJob *)job;
    FrameOrigin origin = { .listener = self->listener, .peer = &self->peer };

    origin.late = job->late;
    execute_and_send(owner, &origin, self->arena, &self->frame, job->bytes);
}

static bool frame_job_run_ahead(Job *job, void *owner)
{
    FrameJob *self = (FrameJob *)job;
    FrameOrigin origin = { .listener = self->listener, .peer = &self->peer };

    return dma_take_frame(owner, &origin, &self->frame);
}

static void frame_job_free(Job *job)
{
    FrameJob *self = (FrameJob *)job;

    qs_arena_free(self->arena);
    listener_unref(self->listener);
    g_free(self);
}

static void send_job_run(Job *job, void *owner G_GNUC_UNUSED)
{
    SendJob *self = (SendJob *)job;
    Listener *listener = self->listener;

    if (listener->endpoint) {
        (void)listener->transport->send(listener->endpoint, SEND_TIMEOUT_MS, self->data, self->len,
                                        &self->peer);
    }
}

static bool send_job_run_ahead(Job *job, void *owner)
{
    send_job_run(job, owner);
    return true;
}

static void send_job_free(Job *job)
{
    SendJob *self = (SendJob *)job;

    listener_unref(self->listener);
    g_free(self);
}

static ListenerSent send_by_hop(Listener *listener, const QsPeer *peer, const uint8_t *data,
                                size_t len, bool must)
{
    SendJob *job;

    if (!must && inbox_is_full(&listener->host->inbox, MAX_WAITING_PUSHES)) {
        return LISTENER_NO_ROOM;
    }
    job = g_malloc(sizeof(*job) + len);
    job->job = (Job){ .run = send_job_run, .run_ahead = send_job_run_ahead, .free = send_job_free };
    job->listener = listener_ref(listener);
    job->peer = *peer;
    job->len = len;
    memcpy(job->data, data, len);
    if (!inbox_push(&listener->host->inbox, &job->job, 0)) {
        send_job_free(&job->job);
        return LISTENER_GONE;
    }
    return LISTENER_SENT;
}

ListenerSent listener_send(Listener *listener, MachineHost *from, const QsPeer *peer,
                           const uint8_t *data, size_t len, bool must)
{
    if (from != listener->host) {
        return send_by_hop(listener, peer, data, len, must);
    }
    if (!listener->endpoint) {
        return LISTENER_GONE;
    }
    switch (listener->transport->send(listener->endpoint, SEND_TIMEOUT_MS, data, len, peer)) {
    case QS_IO_OK:
        return LISTENER_SENT;
    case QS_IO_AGAIN:
        return LISTENER_NO_ROOM;
    default:
        return LISTENER_GONE;
    }
}

bool listener_has_room(Listener *listener, const MachineHost *from, const QsPeer *peer)
{
    return from != listener->host || !listener->endpoint ||
           listener->transport->has_room(listener->endpoint, peer);
}

bool listener_is_gone(Listener *listener, const MachineHost *from, const QsPeer *peer)
{
    return from == listener->host && listener->endpoint && listener->transport->is_gone &&
           listener->transport->is_gone(listener->endpoint, peer);
}

/* Whoever spins on the sockets does not see what comes back from another thread. */
static void set_hops(Listener *listener, bool hops)
{
    if (hops != listener->hops && listener->transport->set_spin) {
        listener->transport->set_spin(listener->endpoint,
                                      hops ? 0 : listener->host->server->spin_us);
    }
    listener->hops = hops;
}

static bool wants_reply(const QsClientFrame *frame)
{
    return !frame->posted && !frame->has_dma_response;
}

/* Offers the waiting frame to its machine. False while there still is no room. */
static bool offer_waiting(Listener *listener)
{
    if (!listener->waiting) {
        return true;
    }
    if (inbox_push(&listener->waiting_for->inbox, &listener->waiting->job,
                   HOST_MAX_WAITING_FRAMES)) {
        listener->waiting = NULL;
    } else if (inbox_is_closed(&listener->waiting_for->inbox)) {
        FrameJob *job = g_steal_pointer(&listener->waiting);
        FrameOrigin origin = { .listener = listener, .peer = &job->peer };
        QsStatus status;

        reply_fail(job->arena, &status, QS_STATUS_NO_SESSION, "machine '%s' is not there any more",
                   listener->waiting_for->name);
        if (wants_reply(&job->frame)) {
            execute_send_refusal(listener->host, &origin, job->arena, job->frame.request_id,
                                 &status);
        }
        frame_job_free(&job->job);
    } else {
        return false;
    }
    g_clear_pointer(&listener->waiting_for, machine_host_unref);
    return true;
}

/* Sends @frame, which lives in the listener's own arena, to @target's thread together with that arena. */
static void hop(Listener *listener, MachineHost *target, const QsClientFrame *frame, size_t bytes,
                const QsPeer *peer)
{
    MachineHost *host = listener->host;
    QsArena *fresh = qs_arena_new(HOST_ARENA_BYTES);
    FrameJob *job;

    if (!fresh) {
        return; /* no memory: to the client the frame was lost on the way */
    }
    job = g_new0(FrameJob, 1);
    job->job = (Job){ .run = frame_job_run,
                      .run_ahead = frame_job_run_ahead,
                      .free = frame_job_free,
                      .bytes = bytes };
    job->arena = host->arena;
    job->frame = *frame;
    job->listener = listener_ref(listener);
    job->peer = *peer;
    host->arena = fresh;
    set_hops(listener, true);
    listener->waiting = job;
    listener->waiting_for = machine_host_ref(target);
    (void)offer_waiting(listener);
}

/* The machine that @frame is for, a new reference; NULL with @status. */
static MachineHost *find_target(Listener *listener, const QsClientFrame *frame, QsStatus *status)
{
    MachineHost *host = listener->host;
    MachineHost *target;

    if (hello_is(frame)) {
        if (!hello_check(&frame->operations[0], host->arena, status)) {
            return NULL;
        }
        return server_find_machine(host->server, &frame->operations[0], host->arena, status);
    }
    target = server_find_route(host->server, &frame->session);
    if (!target) {
        reply_fail(host->arena, status, QS_STATUS_NO_SESSION,
                   "the session is unknown: it has ended, or belongs to another server");
    }
    return target;
}

static void keep(Listener *listener, const QsBytes *bytes, const QsPeer *peer);

/* A frame for the listener's own machine. @bytes is how it came. */
static void take_own(const FrameOrigin *origin, const QsClientFrame *frame, const QsBytes *bytes)
{
    Listener *listener = origin->listener;
    MachineHost *host = listener->host;

    set_hops(listener, false);
    if (!host->dma.waiting) {
        execute_and_send(host, origin, host->arena, frame, bytes->len);
    } else if (!dma_take_frame(host, origin, frame)) {
        keep(listener, bytes, origin->peer);
    }
}

static void take_frame(Listener *listener, const QsClientFrame *frame, const QsBytes *bytes,
                       const QsPeer *peer, bool late)
{
    MachineHost *host = listener->host;
    FrameOrigin origin = { .listener = listener, .peer = peer, .late = late };
    g_autoptr(MachineHost) target = NULL;
    QsStatus status;

    if (!hello_is(frame) && machine_host_find_session(host, &frame->session)) {
        take_own(&origin, frame, bytes); /* what there is all day long */
        return;
    }
    target = find_target(listener, frame, &status);
    if (!target) {
        if (wants_reply(frame)) {
            execute_send_refusal(host, &origin, host->arena, frame->request_id, &status);
        }
    } else if (target == host) {
        take_own(&origin, frame, bytes);
    } else {
        hop(listener, target, frame, bytes->len, peer);
    }
}

static void refuse_malformed(Listener *listener, const QsPeer *peer, uint64_t request_id,
                             QsStatusCode code, const char *text)
{
    FrameOrigin origin = { .listener = listener, .peer = peer };
    QsStatus status;

    listener->host->stats.malformed_frames++;
    if (peer->len > 0) {
        reply_fail(listener->host->arena, &status, code, "%s", text);
        execute_send_refusal(listener->host, &origin, listener->host->arena, request_id, &status);
    }
}

static void kept_frame_run(Job *job, void *owner)
{
    KeptFrame *self = (KeptFrame *)job;
    MachineHost *host = owner;
    QsClientFrame frame;
    QsError error;

    qs_arena_reset(host->arena);
    if (qs_decode_client_frame(host->arena, self->data, self->len, &frame, &error)) {
        take_frame(self->listener, &frame, &(QsBytes){ self->data, self->len }, &self->peer,
                   job->late);
    }
}

static void kept_frame_free(Job *job)
{
    listener_unref(((KeptFrame *)job)->listener);
    g_free(job);
}

static void keep(Listener *listener, const QsBytes *bytes, const QsPeer *peer)
{
    KeptFrame *kept = g_malloc(sizeof(*kept) + bytes->len);

    kept->job = (Job){ .run = kept_frame_run, .free = kept_frame_free, .bytes = bytes->len };
    kept->listener = listener_ref(listener);
    kept->peer = *peer;
    kept->len = bytes->len;
    memcpy(kept->data, bytes->data, bytes->len);
    dma_keep(listener->host, &kept->job);
}

/* Receives and handles one frame. False when none waits. */
static bool take_one(Listener *listener)
{
    MachineHost *host = listener->host;
    QsPeer peer = { .len = 0 };
    QsClientFrame frame;
    QsError error;
    uint8_t *data;
    size_t len;

    switch (listener->transport->receive(listener->endpoint, 0, &data, &len, &peer)) {
    case QS_IO_OK:
        break;
    case QS_IO_BAD:
        qs_arena_reset(host->arena);
        refuse_malformed(listener, &peer, 0, QS_STATUS_MALFORMED,
                         "the frame is malformed or over the limit of a frame");
        return true;
    default:
        return false;
    }
    qs_arena_reset(host->arena);
    if (qs_decode_client_frame(host->arena, data, len, &frame, &error)) {
        take_frame(listener, &frame, &(QsBytes){ data, len }, &peer, false);
    } else {
        refuse_malformed(listener, &peer, frame.request_id, error.code, error.text);
    }
    listener->transport->release(listener->endpoint, data);
    return true;
}

/* Reads again, or not until it is time to offer the waiting frame again. */
static void pause_reading(Listener *listener, bool pause)
{
    g_source_set_ready_time(listener->source, pause ? g_get_monotonic_time() + RETRY_US : -1);
    if (pause != listener->paused) {
        g_source_modify_unix_fd(listener->source, listener->tag, pause ? 0 : G_IO_IN);
        listener->paused = pause;
    }
}

static gboolean listener_dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED,
                                  gpointer data G_GNUC_UNUSED)
{
    Listener *listener = ((ListenerSource *)source)->listener;
    bool took = true;

    for (int i = 0; i < BURST && (listener_spin(listener) || took); i++) {
        if (i % 16 == 8 && g_get_monotonic_time() - g_source_get_time(source) > BURST_US) {
            break;
        }
        inbox_run_put_back(&listener->host->inbox);
        if (!offer_waiting(listener)) {
            pause_reading(listener, true);
            return G_SOURCE_CONTINUE;
        }
        took = take_one(listener);
    }
    if (listener->paused) {
        pause_reading(listener, false);
    }
    return G_SOURCE_CONTINUE;
}

/* Before the thread goes to sleep on the descriptors. */
static gboolean listener_prepare(GSource *source, gint *timeout)
{
    Listener *listener = ((ListenerSource *)source)->listener;

    *timeout = -1;
    if (listener->waiting && !listener->paused) {
        pause_reading(listener, true); /* no descriptor would tell when there is room */
    }
    return !listener->paused && listener_spin(listener);
}

static GSourceFuncs listener_source_funcs = {
    .prepare = listener_prepare,
    .dispatch = listener_dispatch,
};

Listener *listener_new(MachineHost *host, const char *url, const QsKey *key, GError **error)
{
    QsError reason = { .text = "" };
    const QsTransport *transport = qs_transport_for_url(url, &reason);
    QsEndpoint *endpoint = transport ? transport->listen(url, key, &reason) : NULL;
    Listener *listener;

    if (!endpoint) {
        qom_error_set(error, "%s", reason.text);
        return NULL;
    }
    listener = g_new0(Listener, 1);
    listener->ref = 1;
    listener->host = machine_host_ref(host);
    listener->url = g_strdup(url);
    listener->transport = transport;
    listener->endpoint = endpoint;
    if (transport->set_spin) {
        transport->set_spin(endpoint, host->server->spin_us);
    }
    listener->source = g_source_new(&listener_source_funcs, sizeof(ListenerSource));
    ((ListenerSource *)listener->source)->listener = listener;
    /* Nothing runs the context from within a dispatch; and GLib would take the descriptor out and put it back around each. */
    g_source_set_can_recurse(listener->source, TRUE);
    listener->tag = g_source_add_unix_fd(listener->source, transport->fd(endpoint), G_IO_IN);
    g_source_attach(listener->source, host->context);
    g_ptr_array_add(host->listeners, listener);
    return listener;
}

void listener_close(Listener *listener)
{
    if (!listener->endpoint) {
        return;
    }
    g_source_destroy(listener->source);
    g_clear_pointer(&listener->source, g_source_unref);
    listener->transport->close(listener->endpoint);
    listener->endpoint = NULL;
    if (listener->waiting) {
        frame_job_free(&g_steal_pointer(&listener->waiting)->job);
        g_clear_pointer(&listener->waiting_for, machine_host_unref);
    }
}

bool listener_spin(Listener *listener)
{
    const QsTransport *transport = listener->transport;

    return !listener->waiting && transport->spin && transport->spin(listener->endpoint);
}

int listener_descriptor(const Listener *listener)
{
    return listener->waiting ? -1 : listener->transport->fd(listener->endpoint);
}

void listener_read_ahead(Listener *listener)
{
    for (int i = 0; i < BURST && !listener->host->dma.done; i++) {
        if (!offer_waiting(listener) || !take_one(listener)) {
            return;
        }
    }
}

Listener *listener_ref(Listener *listener)
{
    g_atomic_int_inc(&listener->ref);
    return listener;
}

void listener_unref(Listener *listener)
{
    if (g_atomic_int_dec_and_test(&listener->ref)) {
        machine_host_unref(listener->host);
        g_free(listener->url);
        g_free(listener);
    }
}

MachineHost *listener_host(const Listener *listener)
{
    return listener->host;
}

const char *listener_url(const Listener *listener)
{
    return listener->url;
}
