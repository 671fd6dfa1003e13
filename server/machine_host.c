#include "server/machine_host.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/chardevs.h"
#include "server/execute.h"
#include "server/listener.h"
#include "server/liveness.h"
#include "server/outbox.h"
#include "server/server.h"

/* Rounds of the context that a closing host still makes, to answer what waits. */
#define LAST_ROUNDS 1000

MachineHost *machine_host_new(Server *server, const char *name, MachineConfig *config)
{
    MachineHost *host = g_new0(MachineHost, 1);

    host->ref = 1;
    host->server = server;
    host->name = g_strdup(name);
    host->config = config;
    host->context = g_main_context_new();
    inbox_init(&host->inbox, host->context, host);
    host->arena = qs_arena_new(HOST_ARENA_BYTES);
    host->push_arena = qs_arena_new(HOST_ARENA_BYTES);
    dma_init(&host->dma);
    host->listeners = g_ptr_array_new();
    host->sessions = g_ptr_array_new();
    host->by_token = g_hash_table_new(session_token_hash, session_token_equal);
    return host;
}

MachineHost *machine_host_ref(MachineHost *host)
{
    g_atomic_int_inc(&host->ref);
    return host;
}

void machine_host_unref(MachineHost *host)
{
    if (!g_atomic_int_dec_and_test(&host->ref)) {
        return;
    }
    inbox_destroy(&host->inbox);
    machine_config_free(host->config);
    qs_arena_free(host->arena);
    qs_arena_free(host->push_arena);
    dma_clear(&host->dma);
    g_ptr_array_unref(host->listeners);
    g_ptr_array_unref(host->sessions);
    g_hash_table_unref(host->by_token);
    g_main_context_unref(host->context);
    g_free(host->refusal);
    g_free(host->name);
    g_free(host);
}

static void warn(void *opaque G_GNUC_UNUSED, const char *text)
{
    (void)fprintf(stderr, "qosim: warning: %s\n", text);
}

bool machine_host_build(MachineHost *host, GError **error)
{
    g_autoptr(MachineConfig) config = g_steal_pointer(&host->config);

    /* What a device attaches to "the thread's context" belongs to the machine's. */
    g_main_context_push_thread_default(host->context);
    host->machine = machine_config_build(config, warn, NULL, error);
    g_main_context_pop_thread_default(host->context);
    if (!host->machine) {
        return false;
    }
    machine_set_event_sink(host->machine, outbox_take, host);
    host->log = log_of_tree(host->machine->root);
    machine_set_dma_handler(host->machine, dma_transfer, host);
    chardevs_watch(host);
    return true;
}

/* Ends everything that the host has. On its thread, or after that has ended. */
static void take_down(MachineHost *host)
{
    while (host->listeners->len > 0) {
        Listener *listener = g_ptr_array_steal_index(host->listeners, host->listeners->len - 1);

        listener_close(listener);
        listener_unref(listener);
    }
    if (!host->refusal) {
        host->refusal = g_strdup_printf("machine '%s' is being closed", host->name);
    }
    for (int i = 0; i < LAST_ROUNDS && g_main_context_iteration(host->context, FALSE); i++) {
        continue;
    }
    inbox_close(&host->inbox);
    liveness_stop(host);
    if (host->push_retry) {
        g_source_destroy(host->push_retry);
        g_clear_pointer(&host->push_retry, g_source_unref);
    }
    while (host->sessions->len > 0) {
        machine_host_end_session(host, g_ptr_array_index(host->sessions, 0));
    }
    if (host->machine) {
        machine_set_event_sink(host->machine, NULL, NULL);
        chardevs_unwatch(host);
        machine_set_dma_handler(host->machine, NULL, NULL);
        host->log = NULL;
        g_clear_pointer(&host->machine, machine_free);
    }
}

static void build_in_thread(MachineHost *host)
{
    g_autoptr(GError) error = NULL;

    if (host->machine || machine_host_build(host, &error)) {
        return;
    }
    host->refusal = g_strdup_printf("machine '%s' cannot be made: %s", host->name, error->message);
    server_forget_host(host->server, host);
}

static gpointer run(gpointer data)
{
    MachineHost *host = data;

    g_main_context_push_thread_default(host->context);
    build_in_thread(host);
    while (!host->refusal && !g_atomic_int_get(&host->quit)) {
        g_main_context_iteration(host->context, TRUE);
        /* What chardevs and timers of the host did; frames send what they caused themselves. */
        execute_push_all(host);
    }
    take_down(host);
    g_main_context_pop_thread_default(host->context);
    g_atomic_int_set(&host->ended, 1);
    return NULL;
}

void machine_host_start(MachineHost *host)
{
    host->thread = g_thread_new("machine", run, host);
}

void machine_host_quit(MachineHost *host)
{
    g_atomic_int_set(&host->quit, 1);
    inbox_ring(&host->inbox);
    g_main_context_wakeup(host->context);
}

void machine_host_join(MachineHost *host)
{
    if (host->thread) {
        g_thread_join(g_steal_pointer(&host->thread));
    } else {
        take_down(host);
    }
}

bool machine_host_has_ended(MachineHost *host)
{
    return g_atomic_int_get(&host->ended);
}

Session *machine_host_find_session(MachineHost *host, const QsBytes *token)
{
    if (token->len != QS_TOKEN_BYTES) {
        return NULL;
    }
    if (!host->last_found || !session_token_equal(host->last_found->token, token->data)) {
        host->last_found = g_hash_table_lookup(host->by_token, token->data);
    }
    return host->last_found;
}

/* Makes room for one more session at the cost of the one that was silent for longest, if that was long enough. */
static bool evict_idle_session(MachineHost *host)
{
    int64_t limit = g_get_monotonic_time() - host->server->grace_us;
    Session *oldest = NULL;

    for (guint i = 0; i < host->sessions->len; i++) {
        Session *session = g_ptr_array_index(host->sessions, i);

        if (session->listener && session->last_seen_us < limit &&
            (!oldest || session->last_seen_us < oldest->last_seen_us)) {
            oldest = session;
        }
    }
    if (oldest) {
        machine_host_end_session(host, oldest);
    }
    return oldest != NULL;
}

bool machine_host_add_session(MachineHost *host, Session *session)
{
    if (!server_add_route(host->server, session->token, host) &&
        (!evict_idle_session(host) || !server_add_route(host->server, session->token, host))) {
        return false;
    }
    if (session->listener) {
        liveness_start(host);
    }
    session->number = ++host->last_number;
    host->stats.sessions_opened++;
    g_ptr_array_add(host->sessions, session);
    g_hash_table_insert(host->by_token, session->token, session);
    if (session->role == QS_ROLE_DRIVER) {
        host->driver = session;
    }
    return true;
}

void machine_host_end_session(MachineHost *host, Session *session)
{
    server_remove_route(host->server, session->token);
    g_hash_table_remove(host->by_token, session->token);
    g_ptr_array_remove(host->sessions, session);
    if (host->driver == session) {
        host->driver = NULL;
    }
    host->last_found = NULL;
    session_free(session);
}

int64_t machine_host_clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

uint64_t machine_host_now(const MachineHost *host)
{
    return host->machine ? (uint64_t)virtual_clock_now(host->machine->clock) : 0;
}
