/*
 * Stands in for libqosim where the command line program is tested: a server without transport whose memory and answers the
 * test sees and sets. The program's own objects are those that ship.
 */
#ifndef QOSIM_TESTS_UNIT_CLI_FAKE_QOSIM_H
#define QOSIM_TESTS_UNIT_CLI_FAKE_QOSIM_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <qosim/qosim.h>

#define FAKE_RAM_BASE UINT64_C(0x80000000)
#define FAKE_RAM_SIZE 0x4000u
/* Writing N here makes line 8 of every watch follow bit 0, line 9 bit 1, …, and line 299 bit 31. */
#define FAKE_LINES_REGISTER UINT64_C(0x10012000)

typedef struct Fake {
    uint8_t ram[FAKE_RAM_SIZE];
    uint32_t lines;
    uint32_t watch;   /* that lines belong to */
    unsigned watches; /* made so far */
    unsigned unwatched;
    qosim_result result; /* what every call comes to; QOSIM_OK: as it should */
    qosim_result open_result;
    uint64_t now;
    uint64_t deadline; /* UINT64_MAX: none */
    unsigned resets;
    char *url;      /* of the last qosim_open() */
    char *line_set; /* last qosim_set_line() as text */
    char *made;     /* last qosim_qom_new() as text */
    int timeout_ms;
    unsigned open_sessions;
    unsigned polls;
} Fake;

extern Fake fake;

/* Back to the state of a fresh server. */
void fake_reset(void);

/* Opens a session for tests that need no command line. */
qosim_session *fake_session(void);

/* Hands @event to the session's handler, if it has one. */
void fake_tell(qosim_session *session, const qosim_event *event);

/* A line changes by itself: handled by the session's next qosim_poll(). */
void fake_change_line_later(uint32_t watch, uint32_t line, int level);

#endif
