/* What the framings of a connection share: SP's own (sp_conn.c) and WebSocket's (sp_conn_ws.c). */
#ifndef QOSIM_PROTO_SP_CONN_INTERNAL_H
#define QOSIM_PROTO_SP_CONN_INTERNAL_H

#include <sys/uio.h>

#include "proto/sp_conn.h"

/* Has a TCP connection send at once, and notice when the other host is gone. */
void sp_conn_set_up_tcp(int fd);

/* The room for what is read ahead; false when memory is short. */
bool sp_conn_make_in(SpConn *conn);

/* Reads up to @want bytes, first of those read ahead; adds to *@got. SP_READ_MESSAGE: there were some. */
SpRead sp_conn_read_some(SpConn *conn, uint8_t *to, size_t want, size_t *got);

/* The body of a message, at most conn->body_len bytes: room for its beginning, and for more when that is full. */
bool sp_conn_begin_body(SpConn *conn);
bool sp_conn_grow_body(SpConn *conn);

/* Sends @n parts, @total bytes together, or keeps what does not go out now. */
SpSend sp_conn_send_parts(SpConn *conn, struct iovec *parts, size_t n, size_t total);

/* sp_conn_read() and sp_conn_send() for a connection with conn->ws. */
SpRead sp_ws_read(SpConn *conn, uint8_t **data, size_t *len);
SpSend sp_ws_send(SpConn *conn, const uint8_t *header, size_t header_len, const uint8_t *data,
                  size_t len);
void sp_ws_free(SpWs *ws);

#endif
