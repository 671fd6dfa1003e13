/* Frames to protobuf bytes and back. Every byte is checked on the way in; nothing decoded points into the input. */
#ifndef QOSIM_PROTO_CODEC_H
#define QOSIM_PROTO_CODEC_H

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

/*
 * Decodes @data into @frame; everything @frame points to lives in @arena. Fails on anything that is not a frame within
 * the limits of message.h: truncated, garbage, too many operations, strings too long or with a NUL or not UTF-8,
 * values too deep, enums unknown. An operation of a kind that this version does not know decodes as QS_OP_NONE.
 * An arena of QS_ARENA_BYTES is enough for every frame that this codec encodes. When a client frame fails, its session
 * and request_id are still filled in if they could be read, so that the refusal can name the request.
 */
bool qs_decode_client_frame(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame,
                            QsError *error);
bool qs_decode_server_frame(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame,
                            QsError *error);

/*
 * Encodes @frame; the bytes live in @arena. Fails when the frame breaks a limit of message.h (the text says which).
 */
bool qs_encode_client_frame(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len,
                            QsError *error);
bool qs_encode_server_frame(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len,
                            QsError *error);

/*
 * Checks that @text (NULL passes) can travel: UTF-8 and at most QS_MAX_STRING_BYTES. @what names it in the error,
 * whose code is QS_STATUS_INVALID_ARGUMENT.
 */
bool qs_check_text(const char *what, const char *text, QsError *error);

#endif
