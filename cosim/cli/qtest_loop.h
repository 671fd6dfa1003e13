/* Carries qtest lines between two file descriptors and a session. */
#ifndef QOSIM_COSIM_CLI_QTEST_LOOP_H
#define QOSIM_COSIM_CLI_QTEST_LOOP_H

#include <stdbool.h>

#include "cosim/cli/qtest.h"

typedef enum QtestEnd {
    QTEST_END_OF_INPUT,
    QTEST_END_IN_LINE, /* the input ended within a line, which was not executed */
    QTEST_END_SIGNAL,
    QTEST_END_OUTPUT, /* nobody takes the output any more */
    QTEST_END_INPUT_ERROR,
    QTEST_END_SESSION, /* the server is gone */
} QtestEnd;

/*
 * Serves until the input ends, SIGINT or SIGTERM comes, or one of the ends is gone. All replies are written before more input
 * is waited for. With @live, the session is looked after while the input is quiet, so that lines that change by
 * themselves are told.
 */
QtestEnd qtest_loop(Qtest *qtest, int in, int out, bool live);

#endif
