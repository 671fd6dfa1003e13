/* Our side of the comparison: `qosim qtest`, with the machine inside it or in a qosimd of its own. */
#ifndef QOSIM_TESTS_ORACLE_OURS_H
#define QOSIM_TESTS_ORACLE_OURS_H

#include "cosim/regress/peer.h"

typedef struct Ours Ours;

/*
 * Our programs in directory @bin (NULL: ../bin beside this program) with the machine that the words @machine (ended by NULL) describe,
 * reached by @kind: "inproc" (or NULL), "socket" (the same, but qtest lines go through a unix socket that it connects to), or
 * "ipc" or "tcp": for these a daemon is started. Sockets are in @directory. NULL with @error.
 */
Ours *ours_new(const char *name, const char *bin, const char *kind, const char *directory,
               const char *const *machine, GError **error);

/* Where other clients reach the daemon; NULL: there is none. Borrowed. */
const char *ours_url(const Ours *ours);

/* Starts `qosim qtest` on it. */
Peer *ours_connect(const Ours *ours, GError **error);

/* Ends the daemon, if there is one; it must end by itself with exit code 0. */
bool ours_finish(Ours *ours, GError **error);

void ours_free(Ours *ours);

#endif
