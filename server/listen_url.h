/* Where the server may be reached: checks of --listen URLs, and the default one. */
#ifndef QOSIM_SERVER_LISTEN_URL_H
#define QOSIM_SERVER_LISTEN_URL_H

#include <stdbool.h>

#include <glib.h>

/*
 * Refuses a tcp or ws URL whose host is not this machine's loopback, unless others are let in (@allow_remote) and it can be sealed
 * by a key (@has_key). With a key, what cannot be sealed is refused on the loopback as well. What else is wrong with a URL its
 * transport says.
 */
bool listen_url_check(const char *url, bool allow_remote, bool has_key, GError **error);

/* Whether a key seals connections to @url: those of tcp:// on plain sockets. */
bool listen_url_is_sealed(const char *url);

/* @url so that nanomsg carries it, if it is one of those that plain sockets carry otherwise. Free with g_free(). */
char *listen_url_by_nanomsg(const char *url);

/*
 * ipc://$XDG_RUNTIME_DIR/qosim/qosim.sock; without that variable, ipc:///tmp/qosim-UID/qosim.sock. The directory is made when it is
 * missing and must be the user's own and closed to others. NULL with @error when it is not. Free with g_free().
 */
char *listen_url_default(GError **error);

#endif
