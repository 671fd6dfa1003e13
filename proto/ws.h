/*
 * WebSocket (RFC 6455) as nanomsg and nng carry SP over it: the opening by HTTP with the subprotocol "rep.sp.nanomsg.org", then a
 * binary message for each of SP's. Texts and heads only, nothing that waits or owns a socket; the connection is in sp_conn_ws.c.
 */
#ifndef QOSIM_PROTO_WS_H
#define QOSIM_PROTO_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_PROTOCOL "rep.sp.nanomsg.org"

/* Longer openings are refused. */
#define WS_MAX_OPENING 8192u

/* Room for either side's part of the opening, as made here. */
#define WS_MAX_TEXT 512u

/* Sec-WebSocket-Key and what answers it, with their NUL. */
#define WS_KEY_SIZE 25u
#define WS_ACCEPT_SIZE 29u

/* The longest head of a frame, and what a control frame holds at most. */
#define WS_MAX_HEAD 14u
#define WS_MAX_CONTROL 125u

typedef enum WsOpcode {
    WS_CONTINUATION = 0,
    WS_BINARY = 2,
    WS_CLOSE = 8,
    WS_PING = 9,
    WS_PONG = 10,
} WsOpcode;

typedef struct WsHead {
    uint8_t opcode;
    bool is_final;
    bool is_masked;
    uint8_t mask[4];
    uint64_t len;
} WsHead;

/* The length of the opening at the start of @text, with the empty line at its end; 0: it is not all there. */
size_t ws_opening_length(const uint8_t *text, size_t len);

/*
 * A client's request to the server at @address, "HOST:PORT" and perhaps a path, with a new random key that @accept will answer.
 * Returns the length of what it puts into @text (WS_MAX_TEXT bytes), 0 when @address is too long.
 */
size_t ws_make_request(const char *address, char *text, char *accept);

/*
 * A server's answer to the client's request @request (@len bytes), into @answer (WS_MAX_TEXT bytes); its length is returned. NULL in
 * *@trouble: the connection is open then; else it is refused, for that reason.
 */
size_t ws_answer_request(const uint8_t *request, size_t len, char *answer, const char **trouble);

/* Why the server's @answer does not open the connection, NULL when it does. */
const char *ws_check_answer(const uint8_t *answer, size_t len, const char *accept);

/* The length of the head that begins with the two bytes @head. */
size_t ws_head_length(const uint8_t *head);

/* Reads a whole head; false when it has bits that mean nothing here, or a control frame that is cut up or too long. */
bool ws_take_head(const uint8_t *bytes, WsHead *head);

/* Puts a head into @bytes (WS_MAX_HEAD) and returns its length. */
size_t ws_put_head(const WsHead *head, uint8_t *bytes);

/* Masks, or unmasks, bytes that stand @at bytes behind the start of their frame's. */
void ws_mask(const uint8_t *mask, size_t at, uint8_t *bytes, size_t len);

#endif
