/* A front end for tests: collects what the host sends, up to a limit that the test sets, and counts the events. */
#ifndef QOSIM_TESTS_UNIT_CHARDEV_CHARDEV_PROBE_H
#define QOSIM_TESTS_UNIT_CHARDEV_CHARDEV_PROBE_H

#include "models/chardev/chardev_fe.h"

typedef struct ChardevProbe {
    CharFrontend fe;
    GByteArray *input;
    size_t limit; /* it has room until input is that long */
    size_t chunk; /* and never says more than this at once */
    unsigned events[CHR_EVENT_CLOSED + 1];
} ChardevProbe;

/* Attaches to @chr with all handlers; room without limit. */
void chardev_probe_attach(ChardevProbe *probe, Chardev *chr);
void chardev_probe_detach(ChardevProbe *probe);

/* Runs the main loop until @done(@opaque) or 10 s have passed; returns whether it is done. */
typedef bool ChardevCondition(void *opaque);
bool chardev_run_until(ChardevCondition *done, void *opaque);

/* Runs the main loop until nothing is left to do. */
void chardev_run_idle(void);

/* Runs until @n bytes have come in, and says whether they did. */
bool chardev_probe_wait_input(ChardevProbe *probe, size_t n);

/* Runs until @event was seen @n times in all. */
bool chardev_probe_wait_event(ChardevProbe *probe, QEMUChrEvent event, unsigned n);

#endif
