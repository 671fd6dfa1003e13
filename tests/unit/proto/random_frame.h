/* Valid frames of every kind with random content, and their text, by which two frames are compared. */
#ifndef QOSIM_TESTS_RANDOM_FRAME_H
#define QOSIM_TESTS_RANDOM_FRAME_H

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"

/* What the frames are made of lives in @arena; the same seed of @rand makes the same frame. */
QsOperation random_operation(QsArena *arena, GRand *rand, QsOpKind kind);
QsResult random_result(QsArena *arena, GRand *rand, QsOpKind kind);
QsEvent random_event(QsArena *arena, GRand *rand, QsEventKind kind);
QsValue random_value(QsArena *arena, GRand *rand, unsigned depth);
QsClientFrame random_client_frame(QsArena *arena, GRand *rand);
QsServerFrame random_server_frame(QsArena *arena, GRand *rand);

/* Of register accesses and their results, for the most part. */
QsClientFrame random_access_frame(QsArena *arena, GRand *rand);
QsServerFrame random_access_reply(QsArena *arena, GRand *rand);

/* Every field of the frame, in words; absent strings show as "". */
char *describe_client_frame(const QsClientFrame *frame);
char *describe_server_frame(const QsServerFrame *frame);

#endif
