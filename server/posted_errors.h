/* Failures of posted frames, which wait for the session's next reply. Bounded: the last place counts what found no room. */
#ifndef QOSIM_SERVER_POSTED_ERRORS_H
#define QOSIM_SERVER_POSTED_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/message.h"

#define POSTED_ERRORS_MAX 64u
#define POSTED_ERROR_TEXT_MAX 256u

typedef struct PostedFailure {
    uint64_t request_id;
    uint32_t operation;
    QsStatusCode code;
    QsBusResult result; /* 0: the operation was no bus access, or was not carried out */
    char *text;         /* owned; at most POSTED_ERROR_TEXT_MAX bytes */
} PostedFailure;

typedef struct PostedErrors {
    PostedFailure list[POSTED_ERRORS_MAX];
    size_t count;
    uint64_t more; /* failures beyond the list */
} PostedErrors;

void posted_errors_add(PostedErrors *errors, uint64_t request_id, uint32_t operation,
                       QsStatusCode code, QsBusResult result, const char *text);

/* All failures, copied into @arena; one with code QS_STATUS_LIMIT at the end counts those beyond. False when it is full. */
bool posted_errors_peek(const PostedErrors *errors, QsArena *arena, const QsPostedError **list,
                        size_t *n);

/* Forgets what posted_errors_peek() gave. */
void posted_errors_clear(PostedErrors *errors);

#endif
