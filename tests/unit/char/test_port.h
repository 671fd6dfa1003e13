/*
 * A port class for tests, "test-serial-port" (and "test-console-port", a console): it keeps a journal of its callbacks and
 * takes as much as a test lets it.
 */
#ifndef QOSIM_TESTS_UNIT_CHAR_TEST_PORT_H
#define QOSIM_TESTS_UNIT_CHAR_TEST_PORT_H

#include "models/char/virtio_serial.h"

#define TYPE_TEST_PORT "test-serial-port"
#define TYPE_TEST_CONSOLE "test-console-port"
OBJECT_DECLARE_SIMPLE_TYPE(TestPort, TEST_PORT)

struct TestPort {
    VirtIOSerialPort parent_obj;

    GString *journal; /* "have 'text' ", "guest 1 ", "enable 1 ", "ready ", "writable " */
    bool quiet;       /* "enable" and "writable" are not noted */
    size_t takes;     /* bytes that it takes in all before it is full */
    bool throttles;   /* full, it throttles; else the rest is lost */
    bool closes;      /* and closes in the middle of have_data, when it is full */
    bool fails;       /* its realize fails */
};

/* Compares the journal and begins it anew. */
void test_port_expect(TestPort *port, const char *expected);

/* It takes so many bytes more; as after a chardev's buffer was emptied, a throttled port goes on. */
void test_port_make_room(TestPort *port, size_t more);

#endif
