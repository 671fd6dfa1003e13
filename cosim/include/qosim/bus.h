/*
 * libqosim for CPU simulators: a port through which a simulator sees the remote machine's devices as part of its own bus.
 *
 * The port knows the machine's regions, carries accesses, hands interrupt levels to the simulator, serves the devices' DMA from
 * the simulator's memory, and keeps both sides' virtual times together. An adapter makes a port, maps the regions, and calls
 * qosim_bus_sync() when qosim_bus_deadline() is reached:
 *
 *     qosim_bus_port *port;
 *     const qosim_bus_options options = { .irq = on_irq, .opaque = cpu };
 *
 *     if (qosim_bus_open("tcp://server:7000", &options, &port) != QOSIM_OK) {
 *         die(qosim_open_error());
 *     }
 *     qosim_bus_give_ram(port, 0x80000000, sizeof(ram), ram);
 *     for (;;) {
 *         run_cpu_until(qosim_bus_deadline(port)); // its loads and stores: qosim_bus_load(), qosim_bus_store()
 *         qosim_bus_set_time(port, cpu_time_ns());
 *         if (qosim_bus_sync(port) != QOSIM_OK) {
 *             die(qosim_bus_error(port));
 *         }
 *     }
 *
 * A port is used from one thread, like the session in it. Times are in ns and count from the opening of the port.
 */
#ifndef QOSIM_BUS_H
#define QOSIM_BUS_H

#include <qosim/qosim.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qosim_bus_port qosim_bus_port;

/* No deadline: the server has nothing to do by itself. */
#define QOSIM_BUS_NEVER UINT64_MAX

/*
 * The callbacks come from within calls on the port, in the order of the server's events, and must not call the port. None is
 * needed.
 */
typedef struct qosim_bus_options {
    const char *client;  /* what to call this client in the server's statistics */
    const char *machine; /* NULL: the server's first */
    const char *create;  /* as in qosim_options */
    int timeout_ms;      /* 0: 5000 */
    bool
        observe; /* another client drives the machine: this one leaves its time and its DMA alone */
    /*
     * Stores are sent and not waited for. What they cause, lines and deadlines, is known after the next load or sync, and a bus error
     * is only a note; so an adapter calls qosim_bus_sync() before its CPU sleeps. For servers that are far away.
     */
    bool posted;

    /* Level of line @line of the machine's interrupt sink; for the lines that are raised at the start, too. */
    void (*irq)(void *opaque, uint32_t line, bool level);
    /*
     * Memory that is not in one piece: where the bytes of bus address @address are; *@length, how many are wanted, becomes how many of
     * them are there. NULL: there is no memory. Asked by devices' DMA to what was not given by qosim_bus_give_ram().
     */
    void *(*memory)(void *opaque, uint64_t address, size_t *length);
    /* A device stored into the simulator's memory, at bus address @address: the place to drop translated code. */
    void (*written)(void *opaque, uint64_t address, size_t length);
    /* Something to tell a person: a guest error, another client's reset, lost events. */
    void (*note)(void *opaque, const char *text);
    void *opaque;
} qosim_bus_options;

/*
 * Opens a session at @url and learns the machine's map. @options may be NULL. On failure *@port is NULL and qosim_open_error()
 * has the text.
 */
QOSIM_API qosim_result qosim_bus_open(const char *url, const qosim_bus_options *options,
                                      qosim_bus_port **port);
/* Ends the session and unmaps what qosim_bus_take_ram() mapped; NULL is fine. */
QOSIM_API void qosim_bus_close(qosim_bus_port *port);

/* The session, for everything else that libqosim can do. Its event and DMA handlers belong to the port. */
QOSIM_API qosim_session *qosim_bus_session(qosim_bus_port *port);
/* The machine as it was when the port was opened: regions by address, number of lines. */
QOSIM_API const qosim_info *qosim_bus_info(const qosim_bus_port *port);
/* The region that answers at @address, NULL if none does. */
QOSIM_API const qosim_region *qosim_bus_region_at(const qosim_bus_port *port, uint64_t address);

/* Why the last call failed; lives until the next one. */
QOSIM_API const char *qosim_bus_error(const qosim_bus_port *port);
/* Whether the server is gone; then all accesses fail at once. */
QOSIM_API bool qosim_bus_is_lost(const qosim_bus_port *port);

/*
 * Memory of the simulator's: where the machine's RAM has its home with the driver (ram-home=client), the devices' DMA to these
 * addresses goes to the @size bytes at @host, which must live as long as the port. What is not given is a bus error to the device.
 */
QOSIM_API qosim_result qosim_bus_give_ram(qosim_bus_port *port, uint64_t address, uint64_t size,
                                          void *host);
/* Maps RAM that the server keeps in a file (ram-home=shm): *@host has region->size bytes until the port is closed. */
QOSIM_API qosim_result qosim_bus_take_ram(qosim_bus_port *port, const qosim_region *region,
                                          void **host);

/*
 * A load or store of 1, 2, 4 or 8 bytes, at the time that was set last. QOSIM_BUS_OK, or the bus error that the CPU is to see as an
 * access fault. When the access could not be made at all it is QOSIM_BUS_ERROR, with qosim_bus_error() and qosim_bus_is_lost().
 * A posted store is QOSIM_BUS_OK once it is on its way.
 */
QOSIM_API qosim_bus qosim_bus_load(qosim_bus_port *port, uint64_t address, unsigned size,
                                   uint64_t *data);
QOSIM_API qosim_bus qosim_bus_store(qosim_bus_port *port, uint64_t address, unsigned size,
                                    uint64_t data);

/* The simulator's virtual time. Free: it goes with the next message. A time before the last one is ignored. */
QOSIM_API void qosim_bus_set_time(qosim_bus_port *port, uint64_t now_ns);
/* Until when the simulator may run without a sync: the time at which the server has something to do. Accesses may change it. */
QOSIM_API uint64_t qosim_bus_deadline(const qosim_bus_port *port);
/* Brings the server to the time that was set, and takes what happens on the way. One message. */
QOSIM_API qosim_result qosim_bus_sync(qosim_bus_port *port);
/*
 * Takes events that other clients caused, without a message, waiting up to @timeout_ms for the first one. A CPU that sleeps waits
 * here. Returns how many there were, or < 0.
 */
QOSIM_API int qosim_bus_wait(qosim_bus_port *port, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
