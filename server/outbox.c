#include "server/outbox.h"

#include <string.h>

#include "server/execute.h"
#include "server/machine_host.h"

/* A session that takes events at any time gets them when so many wait, even in the middle of a batch. */
#define PUSH_AT (EVENT_QUEUE_MAX_EVENTS / 2)
#define PUSH_AT_TEXT (EVENT_QUEUE_MAX_TEXT / 2)
/* … and, where they could not be sent then, each time that so many more have come. */
#define PUSH_AGAIN 256

/* Device paths and texts are short; whatever is not is cut, so that one event never fills a queue. */
#define EVENT_STRING_MAX 4096

static GRefString *shared_text(const char *text)
{
    g_autofree char *valid = NULL;

    if (!text || text[0] == '\0') {
        return NULL;
    }
    if (g_utf8_validate_len(text, strnlen(text, EVENT_STRING_MAX), NULL)) {
        return g_ref_string_new_len(text, (gssize)strnlen(text, EVENT_STRING_MAX));
    }
    valid = g_utf8_make_valid(text, (gssize)strnlen(text, EVENT_STRING_MAX));
    return g_ref_string_new(valid);
}

static bool to_shared(const MachineEvent *event, SharedEvent *shared)
{
    *shared = (SharedEvent){ .time_ns = (uint64_t)event->time_ns };
    switch (event->kind) {
    case MACHINE_EVENT_LINE:
        shared->kind = QS_EVENT_LINE;
        shared->watch = event->watch;
        shared->line = event->line;
        shared->level = event->level;
        return true;
    case MACHINE_EVENT_GUEST_ERROR:
        shared->kind = QS_EVENT_GUEST_ERROR;
        shared->text = shared_text(event->text);
        shared->path = shared_text(event->path);
        return true;
    case MACHINE_EVENT_DEVICE_DELETED:
        shared->kind = QS_EVENT_DEVICE_DELETED;
        shared->text = shared_text(event->id);
        shared->path = shared_text(event->path);
        return true;
    case MACHINE_EVENT_RESET:
        shared->kind = QS_EVENT_RESET;
        return true;
    case MACHINE_EVENT_VSERPORT:
        shared->kind = QS_EVENT_VSERPORT;
        shared->text = shared_text(event->id);
        shared->path = shared_text(event->path);
        shared->level = event->level;
        return true;
    case MACHINE_EVENT_VIRTIO_USED:
    case MACHINE_EVENT_VIRTIO_CONFIG:
        shared->kind = QS_EVENT_VIRTIO;
        shared->path = shared_text(event->path);
        shared->line = event->line;
        shared->level =
            event->kind == MACHINE_EVENT_VIRTIO_USED ? QS_VIRTIO_USED : QS_VIRTIO_CONFIG;
        return true;
    default:
        return false; /* the contract has no event for it */
    }
}

static void deliver(MachineHost *host, Session *session, const SharedEvent *event)
{
    if (event->kind == QS_EVENT_LINE && !session_is_watching(session, event->watch)) {
        return;
    }
    host->stats.events++;
    host->stats.events_dropped += event_queue_push(&session->events, event);
    host->events_wait = true;
    if (session->events.count % PUSH_AGAIN == 0 &&
        (session->events.count >= PUSH_AT || session->events.text_bytes >= PUSH_AT_TEXT)) {
        execute_push(host, session);
    }
}

/* Hands @shared, with its strings, to the sessions. */
static void deliver_all(MachineHost *host, SharedEvent *shared)
{
    for (guint i = 0; i < host->sessions->len; i++) {
        deliver(host, g_ptr_array_index(host->sessions, i), shared);
    }
    g_clear_pointer(&shared->text, g_ref_string_release);
    g_clear_pointer(&shared->path, g_ref_string_release);
}

void outbox_take(void *opaque, const MachineEvent *event)
{
    MachineHost *host = opaque;
    SharedEvent shared;

    if (host->sessions->len > 0 && to_shared(event, &shared)) {
        deliver_all(host, &shared);
    }
}

void outbox_take_chardev(void *opaque, Chardev *chr, RpcChardevNotice notice)
{
    static const QsChardevNotice notices[] = {
        [RPC_CHARDEV_OUTPUT] = QS_CHARDEV_OUTPUT,
        [RPC_CHARDEV_INPUT] = QS_CHARDEV_INPUT,
        [RPC_CHARDEV_FE_OPEN] = QS_CHARDEV_FRONTEND_OPEN,
        [RPC_CHARDEV_FE_CLOSE] = QS_CHARDEV_FRONTEND_CLOSED,
    };
    MachineHost *host = opaque;
    SharedEvent shared = { .kind = QS_EVENT_CHARDEV,
                           .time_ns = machine_host_now(host),
                           .level = (int32_t)notices[notice] };

    if (host->sessions->len > 0) {
        shared.text = shared_text(chr->label);
        deliver_all(host, &shared);
    }
}
