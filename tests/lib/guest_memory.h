/*
 * The guest's memory as the program that plays the guest reaches it, whatever its home: by block operations on a session, as a
 * mapped file, or as bytes of its own that it serves to the machine.
 *
 *     GuestMemory *memory = guest_memory_new(base, size);
 *     options.dma = guest_memory_dma;
 *     options.dma_opaque = memory;
 *     qosim_open(url, &options, &session);
 *     guest_memory_attach(memory, session);
 */
#ifndef QOSIM_TESTS_LIB_GUEST_MEMORY_H
#define QOSIM_TESTS_LIB_GUEST_MEMORY_H

#include <glib.h>
#include <qosim/qosim.h>

typedef struct GuestMemory GuestMemory;

/* Names of homes as the machine's property "ram-home" has them, by qosim_ram_home: "ram", "shm", "client". */
extern const char *const guest_memory_homes[QOSIM_RAM_CLIENT + 1];

/* The first @size bytes of the machine's RAM at @base. */
GuestMemory *guest_memory_new(uint64_t base, uint64_t size);
void guest_memory_free(GuestMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestMemory, guest_memory_free)

/* Answers the machine; an access outside the memory fails the test. */
int guest_memory_dma(void *memory, uint64_t address, void *data, size_t length, bool is_write);

/* Looks where the machine of @session has its RAM. @session outlives the memory's use. */
void guest_memory_attach(GuestMemory *memory, qosim_session *session);
qosim_ram_home guest_memory_home(const GuestMemory *memory);

/* Each access is ordered with those before and after it, as a driver's barriers would do. */
void guest_memory_read(GuestMemory *memory, uint64_t addr, void *buf, size_t len);
void guest_memory_write(GuestMemory *memory, uint64_t addr, const void *buf, size_t len);

#endif
