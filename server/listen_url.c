#include "server/listen_url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/transport.h"
#include "qom/error.h"

static bool host_is_loopback(const char *host)
{
    unsigned a, b, c, d;
    int end = 0;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) {
        return true;
    }
    return sscanf(host, "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &end) == 4 && host[end] == '\0' &&
           a == 127 && b <= 255 && c <= 255 && d <= 255;
}

/* Without the word that says who carries it. */
static const char *plain(const char *url)
{
    return g_str_has_prefix(url, QS_NANOMSG_PREFIX) ? url + strlen(QS_NANOMSG_PREFIX) : url;
}

char *listen_url_by_nanomsg(const char *url)
{
    if (g_str_has_prefix(url, "ipc://") || g_str_has_prefix(url, "tcp://") ||
        g_str_has_prefix(url, "ws://")) {
        return g_strconcat(QS_NANOMSG_PREFIX, url, NULL);
    }
    return g_strdup(url);
}

bool listen_url_is_sealed(const char *url)
{
    return g_str_has_prefix(url, "tcp://");
}

static bool check_remote(const char *url, const char *host, bool allow_remote, bool has_key,
                         GError **error)
{
    if (!listen_url_is_sealed(url) && has_key) {
        return qom_error_set(error,
                             "%s: it cannot be sealed by the key of --auth-file; tcp:// carried "
                             "directly can, and ipc:// and shm:// are this user's alone",
                             url);
    }
    if (host_is_loopback(host) || (allow_remote && has_key)) {
        return true;
    }
    return qom_error_set(
        error,
        "%s: '%s' is not a loopback address such as 127.0.0.1; to serve others, "
        "give --allow-remote and --auth-file FILE, with a key that the clients have "
        "too",
        url, host);
}

bool listen_url_check(const char *url, bool allow_remote, bool has_key, GError **error)
{
    const char *address = NULL;
    g_autofree char *host = NULL;
    char *colon;

    if (g_str_has_prefix(plain(url), "tcp://")) {
        address = plain(url) + strlen("tcp://");
    } else if (g_str_has_prefix(plain(url), "ws://")) {
        address = plain(url) + strlen("ws://");
    } else {
        return true;
    }
    host = g_strndup(address, strcspn(address, "/"));
    colon = strrchr(host, ':');
    if (!colon || colon == host) {
        return true; /* no host there: the transport says what is missing */
    }
    *colon = '\0';
    return check_remote(url, host, allow_remote, has_key, error);
}

/* Makes @path when it is missing; it must then be a directory of ours that nobody else may enter. */
static bool private_directory(const char *path, GError **error)
{
    struct stat st;

    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
        return qom_error_set(error, "cannot make directory '%s': %s", path, g_strerror(errno));
    }
    if (lstat(path, &st) != 0) {
        return qom_error_set(error, "cannot look at directory '%s': %s", path, g_strerror(errno));
    }
    if (!S_ISDIR(st.st_mode)) {
        return qom_error_set(error, "'%s' is not a directory", path);
    }
    if (st.st_uid != getuid()) {
        return qom_error_set(error, "directory '%s' belongs to another user", path);
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        return qom_error_set(error, "directory '%s' is open to other users; 'chmod 700' it", path);
    }
    return true;
}

char *listen_url_default(GError **error)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *directory = NULL;

    if (runtime && runtime[0] == '/') {
        directory = g_strdup_printf("%s/qosim", runtime);
    } else {
        directory = g_strdup_printf("/tmp/qosim-%u", (unsigned)getuid());
    }
    if (!private_directory(directory, error)) {
        return NULL;
    }
    return g_strdup_printf("ipc://%s/qosim.sock", directory);
}
