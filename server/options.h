/*
 * The command line, in QEMU's spelling, for everybody who starts a machine: the daemon, the embedded server ("inproc:…"), and
 * clients that ask for a machine of their own. One dash or two make no difference.
 */
#ifndef QOSIM_SERVER_OPTIONS_H
#define QOSIM_SERVER_OPTIONS_H

#include <stdbool.h>

#include <glib.h>

#include "server/machine_config.h"

/* Who asks decides which options there are, and whether a first word without a dash is the machine's type. */
typedef enum OptionsUse {
    OPTIONS_DAEMON = 1 << 0,
    OPTIONS_EMBED = 1 << 1,
    OPTIONS_CREATE = 1 << 2, /* a remote client: nothing that reads files or opens sockets */
} OptionsUse;

typedef struct ServerOptions {
    MachineConfig *machine;
    char *name;        /* of the machine; NULL: its type */
    GPtrArray *listen; /* URLs (char *), in order */
    bool by_nanomsg;   /* nanomsg is to carry them all */
    bool allow_remote; /* clients on other hosts, which need the key */
    char *auth_file;   /* that holds it; NULL: none */
    int dma_timeout_ms;
    unsigned spin_us; /* how long a machine's thread spins for shared memory before it sleeps */
    int64_t session_grace_ms; /* how long a session outlives its connection */
    uint32_t kept_replies;    /* of a session, and their bytes */
    size_t kept_bytes;
    char *print; /* text that was asked for (-h, -M help, …); then the rest is void. NULL: none */
} ServerOptions;

/* Parses the words @argv (NULL-terminated, without the program's name). NULL with @error naming the word that is wrong. */
ServerOptions *options_parse(const char *const *argv, OptionsUse use, GError **error);

/* The same from one line of text, split into words as a shell does. */
ServerOptions *options_parse_line(const char *line, OptionsUse use, GError **error);

void options_free(ServerOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServerOptions, options_free)

/* What -h prints. Free with g_free(). */
char *options_usage(void);

#endif
