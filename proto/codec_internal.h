/*
 * What the files of the codec share. The generated names stay in these files; everybody else works on proto/message.h.
 *
 * Errors stick: the first failure is kept in the Codec, what follows yields harmless values, and the frame's function
 * looks once at the end.
 */
#ifndef QOSIM_PROTO_CODEC_INTERNAL_H
#define QOSIM_PROTO_CODEC_INTERNAL_H

#include <qosim/v1/chardev.pb-c.h>
#include <qosim/v1/frame.pb-c.h>
#include <qosim/v1/operation.pb-c.h>
#include <qosim/v1/value.pb-c.h>
#include <qosim/v1/virtio.pb-c.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

typedef struct Codec {
    QsArena *arena;
    QsError *error;
    bool failed;
} Codec;

/* Keeps the first error. */
void codec_fail(Codec *c, QsStatusCode code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* @n zeroed elements, or NULL and failed. For n = 0 the result is not NULL. */
void *codec_alloc(Codec *c, size_t n, size_t size);

/* An initialised generated message, or NULL and failed. */
void *codec_new(Codec *c, const ProtobufCMessageDescriptor *descriptor);

/* Encoding: a checked string (never NULL), checked bytes of at most @max. */
char *codec_put_text(Codec *c, const char *what, const char *text);
ProtobufCBinaryData codec_put_bytes(Codec *c, const char *what, QsBytes bytes, size_t max);
ProtobufCBinaryData codec_put_token(Codec *c, QsBytes token);
char **codec_put_texts(Codec *c, const char *what, const char *const *texts, size_t n);
/* @value when it is in 0..@max, else 0 and failed. */
int codec_put_enum(Codec *c, const char *what, int value, int max);
uint32_t *codec_put_numbers(Codec *c, const uint32_t *numbers, size_t n);

/* Decoding: bytes of at most @max; a session token; strings need no check, codec_scan() has looked at them. */
QsBytes codec_get_bytes(Codec *c, const char *what, ProtobufCBinaryData bytes, size_t max);
QsBytes codec_get_token(Codec *c, ProtobufCBinaryData bytes);

Qosim__V1__Status *codec_put_status(Codec *c, const QsStatus *status);
void codec_get_status(Codec *c, const Qosim__V1__Status *m, QsStatus *status);

/* A message of NULL stands for a value of kind NONE. */
Qosim__V1__Value *codec_put_value(Codec *c, const QsValue *value);
void codec_get_value(Codec *c, const Qosim__V1__Value *m, QsValue *value);

/* The entries of a map at the outermost level, where each value may be QS_MAX_VALUE_DEPTH deep. */
Qosim__V1__ValueMapEntry **codec_put_entries(Codec *c, const QsValueEntry *entries, size_t n);
const QsValueEntry *codec_get_entries(Codec *c, Qosim__V1__ValueMapEntry *const *m, size_t n);

Qosim__V1__Operation *codec_put_operation(Codec *c, const QsOperation *operation);
void codec_get_operation(Codec *c, const Qosim__V1__Operation *m, QsOperation *operation);
Qosim__V1__OperationResult *codec_put_result(Codec *c, const QsResult *result);
void codec_get_result(Codec *c, const Qosim__V1__OperationResult *m, QsResult *result);

/* Rows of the tables in codec_operation.c and codec_result.c: a request or a response of one kind. */
typedef void CodecPutOperation(Codec *c, const QsOperation *o, void *message);
typedef void CodecGetOperation(Codec *c, const void *message, QsOperation *o);
typedef void CodecPutResult(Codec *c, const QsResult *r, void *message);
typedef void CodecGetResult(Codec *c, const void *message, QsResult *r);

CodecPutOperation codec_put_chardev_add;
CodecGetOperation codec_get_chardev_add;
CodecPutOperation codec_put_chardev_remove;
CodecGetOperation codec_get_chardev_remove;
CodecPutOperation codec_put_chardev_write;
CodecGetOperation codec_get_chardev_write;
CodecPutOperation codec_put_chardev_read;
CodecGetOperation codec_get_chardev_read;
CodecPutOperation codec_put_chardev_open;
CodecGetOperation codec_get_chardev_open;
CodecPutOperation codec_put_virtio;
CodecGetOperation codec_get_virtio;
CodecPutResult codec_put_chardev_added;
CodecGetResult codec_get_chardev_added;
CodecPutResult codec_put_chardev_listed;
CodecGetResult codec_get_chardev_listed;
CodecPutResult codec_put_chardev_written;
CodecGetResult codec_get_chardev_written;
CodecPutResult codec_put_chardev_data;
CodecGetResult codec_get_chardev_data;
CodecPutResult codec_put_virtio_state;
CodecGetResult codec_get_virtio_state;

Qosim__V1__Event *codec_put_event(Codec *c, const QsEvent *event);
void codec_get_event(const Qosim__V1__Event *m, QsEvent *event);

/* Checks that the length is within its limit, and the data of a write as long as that. */
Qosim__V1__DmaRequest *codec_put_dma_request(Codec *c, const QsDmaRequest *request);
void codec_get_dma_request(Codec *c, const Qosim__V1__DmaRequest *m, QsDmaRequest *request);
Qosim__V1__DmaResponse *codec_put_dma_response(Codec *c, const QsDmaResponse *response);
void codec_get_dma_response(Codec *c, const Qosim__V1__DmaResponse *m, QsDmaResponse *response);

Qosim__V1__Resume *codec_put_resume(Codec *c, const QsResume *resume);
void codec_get_resume(const Qosim__V1__Resume *m, QsResume *resume);
Qosim__V1__Resumed *codec_put_resumed(Codec *c, const QsResumed *resumed);
void codec_get_resumed(const Qosim__V1__Resumed *m, QsResumed *resumed);

/*
 * codec_hot.c: frames of register accesses and their results, the quick way. False: nothing was done, but for what is then in
 * @frame and @arena; the general way must be gone. @frame starts zeroed.
 */
bool codec_hot_put_client(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len);
bool codec_hot_put_server(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len);
bool codec_hot_get_client(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame);
bool codec_hot_get_server(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame);

/* The general way, by protobuf-c; otherwise as the functions of codec.h. */
bool codec_put_client(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len,
                      QsError *error);
bool codec_put_server(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len,
                      QsError *error);
bool codec_get_client(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame,
                      QsError *error);
bool codec_get_server(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame,
                      QsError *error);

/* The longest chain of nested messages in a valid frame, with room: 6 down to a Value, 3 for each level of a map. */
#define CODEC_MAX_NESTING (8u + 3u * QS_MAX_VALUE_DEPTH)

/* No message of the contract has more fields. */
#define CODEC_MAX_FIELDS 40u

/*
 * Walks the wire bytes of a @descriptor before anything is unpacked: bounds of every field, nesting, number of elements,
 * strings, enums, and that nothing that can be there once is there twice. What passes is safe for protobuf-c, whose
 * unpacker recurses on the C stack and cuts strings at a NUL.
 */
bool codec_scan(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len,
                QsError *error);

/* The session token and request id of a client frame, as far as they can be read. */
void codec_peek_client(QsArena *arena, const uint8_t *data, size_t len, QsBytes *session,
                       uint64_t *request_id);

/* Whether @len bytes at @text are UTF-8 without a NUL. */
bool codec_is_text(const char *text, size_t len);

#endif
