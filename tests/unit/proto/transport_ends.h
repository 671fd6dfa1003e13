/* Two ends of a transport at an address of their own, and what the tests of transports do with them. */
#ifndef QOSIM_TESTS_TRANSPORT_ENDS_H
#define QOSIM_TESTS_TRANSPORT_ENDS_H

#include "proto/transport.h"

/* Generous: what is waited for comes in milliseconds, and on a loaded machine still comes. */
#define SOON_MS 20000

typedef struct Fixture {
    const char *scheme;
    char *directory;
    char *path; /* of the unix socket */
    char *url;
    const QsTransport *at_server;
    const QsTransport *at_client;
} Fixture;

/* An end with the table that it came from. */
typedef struct End {
    const QsTransport *t;
    QsEndpoint *e;
} End;

void transport_set_up(Fixture *f, const char *scheme, const QsTransport *at_server,
                      const QsTransport *at_client);
void transport_tear_down(Fixture *f);

/* A TCP port that nobody uses now. */
unsigned free_port(void);

End listen_at(Fixture *f);
End connect_to(Fixture *f);
void close_end(End end);

QsIo send_bytes(End end, int timeout_ms, const void *data, size_t len, const QsPeer *peer);
QsIo receive(End end, int timeout_ms, uint8_t **data, size_t *len, QsPeer *peer);

/* Sends, serving the server end meanwhile; receives exactly this text; receives nothing. */
void send_text(End e, const char *text, const QsPeer *peer);
void expect_text(End e, const char *text, QsPeer *peer);
void expect_nothing(End e, int timeout_ms);

/* A request, a reply, and again, between ends of @f. */
void exchange_texts(Fixture *f);

#endif
