/*
 * QEMU's qtest protocol (7.2) spoken on behalf of a session: one line in, one reply line out, "IRQ raise N" and
 * "IRQ lower N" lines before the reply of the command that caused them. docs/cli.md lists the commands.
 */
#ifndef QOSIM_COSIM_CLI_QTEST_H
#define QOSIM_COSIM_CLI_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <qosim/qosim.h>

/* Most bytes that one command may move, and the longest line that can be one. */
#define QTEST_BLOCK_MAX ((size_t)16 << 20)
#define QTEST_LINE_MAX (2 * QTEST_BLOCK_MAX + 256)
#define QTEST_IRQ_MAX 256u
#define QTEST_WORDS_MAX 8u

typedef struct Qtest {
    qosim_session *session;
    GString *out; /* replies and IRQ lines that nobody has been sent yet */
    GByteArray *block;
    bool lost;     /* the session is gone for good */
    char *watched; /* path of the intercepted device; NULL: none */
    bool watching; /* @watch is valid */
    uint32_t watch;
    int levels[QTEST_IRQ_MAX]; /* last level told of each line */
} Qtest;

/* Starts a connection: nothing is intercepted, all remembered levels are 0. Takes the session's event handler. */
void qtest_init(Qtest *qtest, qosim_session *session);

/* Ends it; the session stays the caller's. */
void qtest_clear(Qtest *qtest);

/* Executes one line (without its newline; it is changed) and appends what is to be sent to out. */
void qtest_line(Qtest *qtest, char *line, size_t len);

/* The answer to a line of more than QTEST_LINE_MAX bytes. */
void qtest_line_too_long(Qtest *qtest);

#endif
