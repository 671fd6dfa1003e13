/* A bus to try regions on, and a device that writes down what it is asked. */
#ifndef TESTS_UNIT_CORE_MEMORY_BUS_H
#define TESTS_UNIT_CORE_MEMORY_BUS_H

#include "models/core/log.h"
#include "models/core/memory.h"

#define ANY MEMTXATTRS_UNSPECIFIED

/* A tree of objects with an address space of 2^64 bytes, whose guest errors are kept. */
typedef struct Bus {
    Object *root;
    MemoryRegion system;
    AddressSpace as;
    GString *errors; /* each line ended by "\n" */
} Bus;

void bus_init(Bus *bus);
void bus_free(Bus *bus);

/* The guest errors since the last call must be @expected. */
void bus_expect_errors(Bus *bus, const char *expected);

#define TYPE_RECORDER "test-recorder"
OBJECT_DECLARE_SIMPLE_TYPE(Recorder, RECORDER)

/*
 * A device whose byte at offset n reads as n + 0x10, in its own byte order. Each call of a callback
 * adds to the trace: "r4@8 " for a read of 4 bytes at offset 8, "w2@6=1234 " for a write.
 */
struct Recorder {
    Object parent_obj;

    MemoryRegion mr;
    MemoryRegionOps ops;
    GString *trace;
    MemTxResult result;        /* what the callbacks with attrs end with */
    void (*hook)(Recorder *r); /* runs in every callback */
    void *hook_data;
    MemReentrancyGuard guard;
};

/*
 * A recorder as child @name of the bus's root, with a region of @size bytes called @name; change
 * its ops before use.
 */
Recorder *recorder_new(Bus *bus, const char *name, uint64_t size);

/* The trace since the last call must be @expected. */
void recorder_expect(Recorder *r, const char *expected);

/* Gives @r callbacks that see the attributes and report @result. */
void recorder_use_attrs(Recorder *r, MemTxResult result);

/* CPU accesses that must end as told. */
uint64_t expect_read(Bus *bus, hwaddr addr, unsigned size, MemTxResult result);
void expect_write(Bus *bus, hwaddr addr, uint64_t value, unsigned size, MemTxResult result);

/*
 * The flat view as text, one "first-last name+offset[ ro]" per line, hexadecimal; free with
 * g_free().
 */
char *bus_dump(AddressSpace *as);
void bus_expect_map(AddressSpace *as, const char *expected);

/* g_test_init(), the types, g_test_run(). */
int run_tests(int argc, char **argv, void (*add)(void));

#endif
