/*
 * A client library that talks to nobody: it stands in for libqosim under the real DPI functions and writes down what
 * they ask for. Memory is two spaces of 64 KiB, told apart by address bit 32; in each, what an access comes to depends
 * on bits 15:12 of the address (FAKE_*_PAGE).
 */
#ifndef TESTS_RTL_BRIDGE_FAKE_QOSIM_H
#define TESTS_RTL_BRIDGE_FAKE_QOSIM_H

#include <qosim/qosim.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAKE_DMA_PAGE 0xa /* the device does the DMA of fake_want() before it answers */
#define FAKE_MIXED_PAGE                                                                            \
    0xb /* lane 1 of a word is an error, lane 2 a decode error, the others are fine */
#define FAKE_REFUSED_PAGE 0xc /* the call itself fails, the server is there */
#define FAKE_ACCESS_ERROR_PAGE 0xd
#define FAKE_ERROR_PAGE 0xe
#define FAKE_DECODE_ERROR_PAGE 0xf

typedef struct FakeAccess {
    bool is_write;
    unsigned size;
    uint64_t address;
    uint64_t data;
    uint64_t time_ns;
} FakeAccess;

/* Forgets everything. */
void fake_reset(void);
size_t fake_count(void);
const FakeAccess *fake_access(size_t i);
unsigned fake_sessions_open(void);
unsigned fake_sessions_opened(void);

/* A level that the client sees with its next access or poll. */
void fake_set_irq(unsigned line, bool level);
/* The server is gone after @accesses more. */
void fake_lose_after(size_t accesses);
/* The server's time when a session is opened. */
void fake_set_now(uint64_t ns);
/* The server's next deadline, and how far the client let it advance since. */
void fake_set_deadline(uint64_t ns);
uint64_t fake_advanced_to(void);
/* Queues a guest error for the client's event handler. */
void fake_guest_error(const char *text);

/*
 * DMA that the fake's device does with the next access to its page, or with the next poll if @on_poll; several are done in
 * order. Only the session at @url does it. A write's bytes are copied from @data.
 */
void fake_want(const char *url, bool is_write, uint64_t address, const void *data, size_t length,
               bool on_poll);

typedef struct FakeTransfer {
    char url[32];
    bool is_write;
    bool on_poll;
    bool begun;
    bool done;
    uint64_t address;
    size_t length;
    uint8_t *data; /* of a read that is done: what came */
    int result;    /* a qosim_bus */
    size_t ended;  /* how many had ended with it */
} FakeTransfer;

size_t fake_transfers(void);
size_t fake_transfers_ended(void);
const FakeTransfer *fake_transfer(size_t i);

/* The RAM that the fake's machine has; by default 64 KiB of the client's at 0x80000000. */
void fake_set_ram(uint64_t base, uint64_t size, qosim_ram_home home);

#ifdef __cplusplus
}
#endif

#endif
