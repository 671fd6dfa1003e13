#include "cosim/dpi/connection.h"

#include <stdlib.h>
#include <string.h>

#define MAX_GUEST_ERRORS 10
#define MAX_REFUSALS 10

/* DPI functions have no context of their own; these belong to the one thread that evaluates models. */
static Connection *connections;

/* The model's own faults reach the person at the simulator, but not thousands of times. */
static void on_event(void *opaque, const qosim_event *event)
{
    Connection *c = opaque;

    switch (event->kind) {
    case QOSIM_EVENT_GUEST_ERROR:
        if (c->guest_errors++ < MAX_GUEST_ERRORS) {
            say("qosim: guest error at %llu ns: %s", (unsigned long long)event->time_ns,
                event->text ? event->text : "");
        } else if (c->guest_errors == MAX_GUEST_ERRORS + 1) {
            say("qosim: further guest errors are not shown");
        }
        break;
    case QOSIM_EVENT_RESET:
        say("qosim: the machine at '%s' was reset", c->url);
        break;
    case QOSIM_EVENT_LAGGED:
        say("qosim: the server dropped %llu events that were not taken in time",
            (unsigned long long)event->dropped);
        break;
    default:
        break;
    }
}

static Connection *connect_to(const char *url)
{
    Connection *c = calloc(1, sizeof(*c));
    const qosim_options options = {
        .role = QOSIM_ROLE_DRIVER, .client = "qosim-dpi", .dma = qosim_port_request, .dma_opaque = c
    };

    if (!c || !(c->url = strdup(url))) {
        free(c);
        say("qosim: cannot open '%s': out of memory", url);
        return NULL;
    }
    if (qosim_open(url, &options, &c->session) != QOSIM_OK) {
        say("qosim: cannot open '%s': %s", url, qosim_open_error());
        free(c->url);
        free(c);
        return NULL;
    }
    qosim_set_event_handler(c->session, on_event, c);
    c->base_ns = c->now_ns = c->told_ns = qosim_now(c->session);
    c->next = connections;
    connections = c;
    return c;
}

static void disconnect(Connection *c)
{
    Connection **link = &connections;

    while (*link != c) {
        link = &(*link)->next;
    }
    *link = c->next;
    qosim_co_free(c->coroutine);
    qosim_close(c->session);
    free(c->url);
    free(c);
}

Connection *qosim_conn_find(const char *url)
{
    for (Connection *c = connections; c; c = c->next) {
        if (!c->lost && !strcmp(c->url, url)) {
            return c;
        }
    }
    return NULL;
}

Connection *qosim_conn_open(const char *url)
{
    Connection *c = qosim_conn_find(url);

    return c ? c : connect_to(url);
}

void qosim_conn_release(Connection *c)
{
    if (--c->refs == 0) {
        disconnect(c);
    }
}

void qosim_conn_note_failure(Connection *c, qosim_result result)
{
    switch (result) {
    case QOSIM_ERR_TIMEOUT:
    case QOSIM_ERR_DISCONNECTED:
    case QOSIM_ERR_PROTOCOL:
    case QOSIM_ERR_MEMORY:
        c->lost = true;
        say("qosim: lost the server at '%s': %s", c->url, qosim_last_error(c->session));
        break;
    default:
        if (c->refusals++ < MAX_REFUSALS) {
            say("qosim: the server refused an access: %s", qosim_last_error(c->session));
        }
        break;
    }
}
