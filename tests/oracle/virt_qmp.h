/* What is done to QEMU by QMP and to ours by RPC: devices that come and go, properties, ring buffers. */
#ifndef QOSIM_TESTS_ORACLE_VIRT_QMP_H
#define QOSIM_TESTS_ORACLE_VIRT_QMP_H

#include "tests/oracle/both.h"

/* Appends what ring buffer @id of @side holds to @bytes. */
void virt_read_ringbuf(Both *both, Side side, const char *id, GByteArray *bytes);

/*
 * Plugs a device of type @type with @properties (NULL-terminated "key=value") on both sides, which must agree whether that can be done,
 * or on the text why not.
 */
bool virt_plug(Both *both, const char *type, const char *id, const char *const *properties);

/* The same for unplugging device @id. */
bool virt_unplug(Both *both, const char *id);

void virt_reset(Both *both);

/* Compares whether chardev @id is used by an open front end, and whether it is connected. */
void virt_compare_chardev(Both *both, const char *id);

/* Compares the number of port @id and the state of its two ends, as tools see it; returns the number. */
unsigned virt_compare_port(Both *both, const char *id);

#endif
