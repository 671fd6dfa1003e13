/* How much room a result takes in a reply, so that a batch's reply never outgrows a frame. */
#ifndef QOSIM_SERVER_RESULT_SIZE_H
#define QOSIM_SERVER_RESULT_SIZE_H

#include <stddef.h>

#include "proto/message.h"

/* A result without texts, lists or bytes takes at most this much. */
#define RESULT_SIZE_SMALL 40u

/* An upper bound of the encoded bytes of @result beyond RESULT_SIZE_SMALL. */
size_t result_size(const QsResult *result);

#endif
