/*
 * A proxy between clients and a server that damages connections by a random script: it cuts them, closes one half, stalls, passes
 * bytes on in small pieces, sends whole messages twice and puts garbage between them. It knows the framing of ipc, tcp and ws. Of
 * shm it has the unix socket in hand, that is the opening and the doorbells; the memory it passes on and does not see.
 * The same seed makes the same decisions for the same chunks of bytes.
 */
#ifndef QOSIM_TESTS_FAULTS_PROXY_H
#define QOSIM_TESTS_FAULTS_PROXY_H

#include <glib.h>

typedef enum ProxyFault {
    PROXY_CUT,
    PROXY_HALF_CLOSE,
    PROXY_STALL,
    PROXY_SPLIT,
    PROXY_DUPLICATE,
    PROXY_GARBAGE,
    PROXY_FAULTS,
} ProxyFault;

/* How seldom each fault is: once in so many chunks (PROXY_DUPLICATE, PROXY_GARBAGE: messages) on average. 0: never. */
typedef struct ProxyPlan {
    unsigned every[PROXY_FAULTS];
    unsigned stall_ms; /* the longest stall */
} ProxyPlan;

typedef struct Proxy Proxy;

/* Serves at a URL of its own, of the scheme of @server, and connects each client to @server. */
Proxy *proxy_new(const char *server, guint32 seed, const ProxyPlan *plan);
void proxy_free(Proxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Proxy, proxy_free)

const char *proxy_url(const Proxy *proxy);

/* How often each fault has been made so far, and connections accepted. */
unsigned proxy_count(const Proxy *proxy, ProxyFault fault);
unsigned proxy_connections(const Proxy *proxy);

/* Makes no faults any more, or again; cuts what there is. */
void proxy_set_calm(Proxy *proxy, gboolean calm);
void proxy_cut(Proxy *proxy);

#endif
