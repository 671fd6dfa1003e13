#include <stdio.h>
#include <string.h>

#include "proto/transport.h"

static const QsTransport *const transports[] = { &qs_transport_sp, &qs_transport_shm,
                                                 &qs_transport_nanomsg };

const QsTransport *qs_transport_for_url(const char *url, QsError *error)
{
    for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
        if (transports[i]->accepts(url)) {
            return transports[i];
        }
    }
    qs_error(error, QS_STATUS_INVALID_ARGUMENT,
             "%s: no such kind of URL; there are shm://PATH, ipc://PATH, tcp://HOST:PORT and "
             "ws://HOST:PORT",
             url);
    return NULL;
}
