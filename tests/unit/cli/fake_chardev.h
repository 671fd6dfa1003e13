/* The chardev "c0" of the fake server, of backend rpc: the test says how much its guest takes, and sees what it got. */
#ifndef QOSIM_TESTS_UNIT_CLI_FAKE_CHARDEV_H
#define QOSIM_TESTS_UNIT_CLI_FAKE_CHARDEV_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <qosim/qosim.h>

typedef struct FakeChardev {
    const char *backend; /* "rpc" */
    bool host_open;      /* at the start: true */
    GString *taken;      /* what the guest got */
    size_t room;         /* how much it takes now */
    size_t
        room_later; /* 0: none; else it has so much room in the poll after a write that it did not take whole */
    int notice;        /* what tells of it then; 0: nothing, QOSIM_EVENT_LAGGED's: -1 */
    GString *output;   /* what waits for the host */
    size_t read_max;   /* a read gives at most so much; 0: all that fits */
    const char *late;  /* output that comes during the next read, with its notice */
    const char *next;  /* output that comes with the next poll, with its notice */
    unsigned fails_at; /* the number of the call on it, from 1 on, that fails; 0: none does */
    unsigned calls;
    bool refused; /* the last write was not taken whole */
    char *added;  /* last qosim_chardev_add() as text */
    char *removed;
    GString *opened; /* "open " and "close ", as it went */
} FakeChardev;

extern FakeChardev fake_chardev;

void fake_chardev_reset(void);

/* What happens in a poll; how many events that were. */
int fake_chardev_poll(qosim_session *session);

#endif
