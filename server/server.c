#include "server/server.h"

#include <string.h>
#include <sys/random.h>

#include "qom/error.h"
#include "qom/module.h"
#include "qom/user_creatable.h"
#include "server/execute.h"
#include "proto/key_file.h"
#include "server/listen_url.h"
#include "server/listener.h"
#include "server/reply.h"

#define MACHINE_NAME_MAX 64u

typedef struct Route {
    uint8_t token[QS_TOKEN_BYTES];
    MachineHost *host; /* borrowed: it removes its routes before it goes */
} Route;

static void unref_host(void *host)
{
    machine_host_unref(host);
}

static Server *server_alloc(const char *product, bool embedded)
{
    Server *server = g_new0(Server, 1);

    server->product = product;
    server->embedded = embedded;
    if (getrandom(&server->instance, sizeof(server->instance), 0) !=
        (ssize_t)sizeof(server->instance)) {
        server->instance = (uint64_t)g_get_real_time();
    }
    pthread_mutex_init(&server->lock, NULL);
    server->hosts = g_ptr_array_new_with_free_func(unref_host);
    server->retired = g_ptr_array_new_with_free_func(unref_host);
    server->routes = g_hash_table_new_full(session_token_hash, session_token_equal, NULL, g_free);
    return server;
}

static bool add_listener(MachineHost *host, const ServerOptions *options, const char *given,
                         const QsKey *key, GError **error)
{
    g_autofree char *url = options->by_nanomsg ? listen_url_by_nanomsg(given) : g_strdup(given);

    return listen_url_check(url, options->allow_remote, key != NULL, error) &&
           listener_new(host, url, listen_url_is_sealed(url) ? key : NULL, error);
}

static bool add_listeners(MachineHost *host, const ServerOptions *options, GError **error)
{
    QsKey *key = NULL;
    bool ok = true;

    if (options->auth_file) {
        QsError reason = { .text = "" };

        key = key_read(options->auth_file, &reason);
        if (!key) {
            return qom_error_set(error, "--auth-file: %s", reason.text);
        }
    }
    for (guint i = 0; ok && i < options->listen->len; i++) {
        ok = add_listener(host, options, g_ptr_array_index(options->listen, i), key, error);
    }
    key_free(key);
    return ok;
}

Server *server_new(const char *product, ServerOptions *options, bool embedded, GError **error)
{
    Server *server;
    MachineHost *host;
    const char *name = options->name ? options->name : machine_config_type(options->machine);

    module_call_init(MODULE_INIT_QOM);
    server = server_alloc(product, embedded);
    host = machine_host_new(server, name ? name : "", g_steal_pointer(&options->machine));
    server->dma_timeout_ms = options->dma_timeout_ms;
    server->spin_us = embedded ? 0 : options->spin_us;
    server->grace_us = options->session_grace_ms * 1000;
    server->kept_replies = options->kept_replies;
    server->kept_bytes = options->kept_bytes;
    server->first = host;
    g_ptr_array_add(server->hosts, host);
    if (!machine_host_build(host, error) || !add_listeners(host, options, error)) {
        server_free(server);
        return NULL;
    }
    return server;
}

/* Takes the threads of @hosts down and joins them; nobody makes further hosts any more. */
static void end_hosts(GPtrArray *hosts)
{
    for (guint i = 0; i < hosts->len; i++) {
        machine_host_quit(g_ptr_array_index(hosts, i));
    }
    for (guint i = 0; i < hosts->len; i++) {
        machine_host_join(g_ptr_array_index(hosts, i));
    }
}

void server_free(Server *server)
{
    g_autoptr(GPtrArray) others = g_ptr_array_new();

    if (!server) {
        return;
    }
    /* The first machine's thread is the one that makes and retires others: end it first, then look again. */
    machine_host_quit(server->first);
    machine_host_join(server->first);
    pthread_mutex_lock(&server->lock);
    for (guint i = 1; i < server->hosts->len; i++) {
        g_ptr_array_add(others, machine_host_ref(g_ptr_array_index(server->hosts, i)));
    }
    for (guint i = 0; i < server->retired->len; i++) {
        g_ptr_array_add(others, machine_host_ref(g_ptr_array_index(server->retired, i)));
    }
    pthread_mutex_unlock(&server->lock);
    end_hosts(others);
    g_ptr_array_foreach(others, (GFunc)(void *)machine_host_unref, NULL);
    g_ptr_array_unref(server->hosts);
    g_ptr_array_unref(server->retired);
    g_hash_table_unref(server->routes);
    pthread_mutex_destroy(&server->lock);
    g_free(server);
}

void server_start(Server *server)
{
    machine_host_start(server->first);
}

MachineHost *server_find_route(Server *server, const QsBytes *token)
{
    MachineHost *host = NULL;
    const Route *route;

    if (token->len != QS_TOKEN_BYTES) {
        return NULL;
    }
    pthread_mutex_lock(&server->lock);
    route = g_hash_table_lookup(server->routes, token->data);
    if (route) {
        host = machine_host_ref(route->host);
    }
    pthread_mutex_unlock(&server->lock);
    return host;
}

bool server_add_route(Server *server, const uint8_t *token, MachineHost *host)
{
    Route *route = g_new0(Route, 1);
    bool room;

    memcpy(route->token, token, sizeof(route->token));
    route->host = host;
    pthread_mutex_lock(&server->lock);
    room = g_hash_table_size(server->routes) < SERVER_MAX_SESSIONS;
    if (room) {
        g_hash_table_insert(server->routes, route->token, route);
        host->n_routes++;
    }
    pthread_mutex_unlock(&server->lock);
    if (!room) {
        g_free(route);
    }
    return room;
}

void server_remove_route(Server *server, const uint8_t *token)
{
    const Route *route;

    pthread_mutex_lock(&server->lock);
    route = g_hash_table_lookup(server->routes, token);
    if (route) {
        route->host->n_routes--;
        g_hash_table_remove(server->routes, token);
    }
    pthread_mutex_unlock(&server->lock);
}

/* The host called @name ("": the first), borrowed; NULL when there is none. With the lock held. */
static MachineHost *find_host(Server *server, const char *name)
{
    if (name[0] == '\0') {
        return server->first;
    }
    for (guint i = 0; i < server->hosts->len; i++) {
        MachineHost *host = g_ptr_array_index(server->hosts, i);

        if (strcmp(host->name, name) == 0) {
            return host;
        }
    }
    return NULL;
}

/* "there is no machine 'x'; there are: a, b". With the lock held. */
static void no_such_machine(Server *server, const char *name, QsArena *arena, QsStatus *status)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < server->hosts->len; i++) {
        const MachineHost *host = g_ptr_array_index(server->hosts, i);

        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", host->name);
    }
    reply_fail(arena, status, QS_STATUS_NOT_FOUND, "there is no machine '%.*s'; there are: %s",
               (int)MACHINE_NAME_MAX, name, names->str);
}

static void retire(Server *server, MachineHost *host)
{
    g_ptr_array_add(server->retired, machine_host_ref(host));
    g_ptr_array_remove(server->hosts, host);
}

void server_forget_host(Server *server, MachineHost *host)
{
    pthread_mutex_lock(&server->lock);
    retire(server, host);
    pthread_mutex_unlock(&server->lock);
}

/* Ends the oldest of the machines made for clients that has no session left. With the lock held. */
static bool retire_unused_host(Server *server)
{
    for (guint i = 1; i < server->hosts->len; i++) {
        MachineHost *host = g_ptr_array_index(server->hosts, i);

        if (host->by_client && host->n_routes == 0) {
            machine_host_quit(host);
            retire(server, host);
            return true;
        }
    }
    return false;
}

/* Joins the threads of retired hosts that have ended. Without the lock. */
static void join_retired(Server *server)
{
    g_autoptr(GPtrArray) ended = g_ptr_array_new_with_free_func(unref_host);

    pthread_mutex_lock(&server->lock);
    for (guint i = server->retired->len; i > 0; i--) {
        if (machine_host_has_ended(g_ptr_array_index(server->retired, i - 1))) {
            g_ptr_array_add(ended, g_ptr_array_steal_index_fast(server->retired, i - 1));
        }
    }
    pthread_mutex_unlock(&server->lock);
    for (guint i = 0; i < ended->len; i++) {
        machine_host_join(g_ptr_array_index(ended, i));
    }
}

static bool check_creation(Server *server, const QsOperation *hello, QsArena *arena,
                           QsStatus *status)
{
    const char *name = hello->hello.machine;

    if (server->embedded) {
        reply_fail(arena, status, QS_STATUS_UNSUPPORTED,
                   "an embedded server has one machine and makes no others");
        return false;
    }
    if (strlen(name) > MACHINE_NAME_MAX || !id_wellformed(name)) {
        reply_fail(
            arena, status, QS_STATUS_INVALID_ARGUMENT,
            "'%.*s' cannot be a machine's name: it takes a letter, then letters, digits, '-', "
            "'.' and '_', at most %u in all",
            (int)MACHINE_NAME_MAX, name, MACHINE_NAME_MAX);
        return false;
    }
    return true;
}

/* Makes a host with the lock held, and starts it. A new reference, or NULL with @status. */
static MachineHost *create_host(Server *server, const char *name, ServerOptions *options,
                                QsArena *arena, QsStatus *status)
{
    MachineHost *host;

    if (server->hosts->len >= SERVER_MAX_MACHINES && !retire_unused_host(server)) {
        reply_fail(arena, status, QS_STATUS_LIMIT, "there are %u machines already",
                   SERVER_MAX_MACHINES);
        return NULL;
    }
    host = machine_host_new(server, name, g_steal_pointer(&options->machine));
    host->by_client = true;
    g_ptr_array_add(server->hosts, machine_host_ref(host));
    machine_host_start(host);
    return host;
}

MachineHost *server_find_machine(Server *server, const QsOperation *hello, QsArena *arena,
                                 QsStatus *status)
{
    const char *name = hello->hello.machine;
    bool create = hello->hello.create[0] != '\0';
    g_autoptr(ServerOptions) options = NULL;
    g_autoptr(GError) error = NULL;
    MachineHost *host;

    if (hello->hello.resume.len > 0) {
        host = server_find_route(server, &hello->hello.resume);
        if (!host) {
            execute_no_session(arena, status, NULL);
        }
        return host;
    }
    if (create) {
        join_retired(server);
        options = options_parse_line(hello->hello.create, OPTIONS_CREATE, &error);
    }
    pthread_mutex_lock(&server->lock);
    host = find_host(server, name);
    if (host) {
        machine_host_ref(host);
    } else if (!create) {
        no_such_machine(server, name, arena, status);
    } else if (check_creation(server, hello, arena, status)) {
        if (options) {
            host = create_host(server, name, options, arena, status);
        } else {
            reply_fail(arena, status, QS_STATUS_INVALID_ARGUMENT, "machine '%s' cannot be made: %s",
                       name, error->message);
        }
    }
    pthread_mutex_unlock(&server->lock);
    return host;
}
