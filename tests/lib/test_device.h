/*
 * Devices for tests: they keep a journal of what is done to them, and fail where a test wants them to.
 *
 *   test-device   on no bus; one property of every kind; one-go reset
 *   test-phased   on a test bus; three-phase reset
 *   test-host     sysbus device with a region, interrupt lines and child buses of type Test-Bus
 *   test-plug     on a test bus; one-go reset; may have a child bus of its own
 *   test-fixed    as test-plug, not hot-pluggable
 *   test-handler  an object that is a hotplug handler; test-asker asks before it unplugs
 */
#ifndef QOSIM_TESTS_LIB_TEST_DEVICE_H
#define QOSIM_TESTS_LIB_TEST_DEVICE_H

#include "models/core/bus.h"
#include "models/core/machine.h"
#include "models/core/qdev_properties.h"
#include "models/core/sysbus.h"

#define TYPE_TEST_DEVICE "test-device"
OBJECT_DECLARE_SIMPLE_TYPE(TestDevice, TEST_DEVICE)
#define TYPE_TEST_PLUG "test-plug"
OBJECT_DECLARE_SIMPLE_TYPE(TestPlug, TEST_PLUG)
#define TYPE_TEST_FIXED "test-fixed"
#define TYPE_TEST_PHASED "test-phased"
#define TYPE_TEST_HOST "test-host"
OBJECT_DECLARE_SIMPLE_TYPE(TestHost, TEST_HOST)
#define TYPE_TEST_BUS "Test-Bus"
#define TYPE_TEST_HANDLER "test-handler"
OBJECT_DECLARE_SIMPLE_TYPE(TestHandler, TEST_HANDLER)
#define TYPE_TEST_ASKER "test-asker"

#define TEST_LINES 4

struct TestDevice {
    DeviceState parent_obj;

    /* Properties */
    uint32_t bits;
    uint64_t bits64;
    bool truth;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int32_t i32;
    int64_t i64;
    char *text;
    uint64_t bytes;
    uint32_t bytes32;
    OnOffAuto auto_mode;
    Object *peer;
    uint32_t num_numbers;
    uint16_t *numbers;
    uint32_t num_names;
    char **names;

    /* State */
    int levels[TEST_LINES];
    unsigned sets; /* how often an input was set */
    qemu_irq out[TEST_LINES];
    qemu_irq extra_out[TEST_LINES];
};

struct TestPlug {
    DeviceState parent_obj;

    /* Properties */
    bool fail; /* realize fails */
    bool has_bus;

    BusState *bus;
};

struct TestHost {
    SysBusDevice parent_obj;

    /* Properties */
    uint64_t size;
    uint32_t num_irqs;
    uint32_t num_buses;
    uint32_t max_dev;  /* of each bus; at most 2 is told apart: 0, 1, 2 */
    bool fail;         /* realize fails */
    uint32_t fail_bus; /* this bus's realize fails; counted from 1 */
    bool hotplug;      /* the buses have a hotplug handler */

    MemoryRegion mmio;
    qemu_irq irqs[8];
    uint64_t last_write;
    TestHandler *handler;
};

struct TestHandler {
    Object parent_obj;

    bool fail_pre_plug;
    bool fail_plug;
    bool fail_unplug;
    bool fail_unplug_request;
};

/* Empties the journal. */
void test_journal_clear(void);

/* What was noted since, words apart by a space; valid until the next call of any of these. */
const char *test_journal(void);

/* Adds "NAME:WHAT", where the name is the device's id, else its type. */
void test_journal_note(DeviceState *dev, const char *what);

/* A machine of type "none", board built; @ready: ready too. */
MachineState *test_machine_new(bool ready);

/* machine_add_device() with text as on a command line ("test-plug,id=x"). */
DeviceState *test_add(MachineState *machine, const char *text, GError **error);

/* The same, and must succeed. */
DeviceState *test_must_add(MachineState *machine, const char *text);

/* That must fail, and say @message. */
void test_add_fails(MachineState *machine, const char *text, const char *message);

/* Asserts that @error is set and says @message, and clears it. */
void test_assert_error(GError **error, const char *message);

#endif
