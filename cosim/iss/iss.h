/* The machine that qosim-iss is: the CPU, the devices of its own, and the port to the server. */
#ifndef QOSIM_COSIM_ISS_ISS_H
#define QOSIM_COSIM_ISS_ISS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <qosim/bus.h>

#include "cosim/iss/clint.h"
#include "cosim/iss/console.h"
#include "cosim/iss/cpu.h"
#include "cosim/iss/firmware.h"
#include "cosim/iss/options.h"
#include "cosim/iss/plic.h"

#define ISS_RAM_BASE UINT64_C(0x80000000)

/* As long as posted stores are on their way, DMA and lines that they cause are looked for after so many instructions. */
#define ISS_SLICE_POSTED 8192u

/* How a run ended. */
enum {
    ISS_STATUS_MISTAKE = 2,
    ISS_STATUS_MAX_INSNS = 3,
    ISS_STATUS_STUCK = 4,
};

typedef struct Trace Trace;
typedef struct Script Script;
typedef struct Gdb Gdb;

typedef struct Iss {
    const IssOptions *options;
    Cpu *cpu;
    qosim_bus_port *port;
    Trace *trace;   /* NULL: none */
    Script *script; /* NULL: none */
    Gdb *gdb;       /* NULL: none */

    /* The RAM that firmware is loaded to. */
    FirmwareRam ram;
    bool ram_is_own; /* else it is the machine's, mapped */

    Plic plic;
    Clint clint;
    Console console;
    bool has_posted; /* a store that was not waited for, since the last load or sync */
    bool has_exited;
    unsigned exit_code;

    uint64_t sleep_ns;  /* virtual time spent asleep */
    uint64_t next_sync; /* of the quantum: at this count of instructions */
    uint64_t
        slice_end; /* at this count somebody looks for signals and for events of other clients */

    /* What the summary tells. */
    uint64_t n_accesses;
    uint64_t n_syncs;
    unsigned n_notes;
    char loss[512]; /* the access in which the server was lost, "" outside of one */
} Iss;

/* iss.c */

/* Opens the server, makes the CPU and maps everything. On failure iss_clear() is still needed. */
bool iss_init(Iss *iss, const IssOptions *options, GError **error);
void iss_clear(Iss *iss);
/* Virtual time since the start. */
uint64_t iss_now(const Iss *iss);
void iss_add_sleep(Iss *iss, uint64_t ns);
/* One line to standard error, unless it was asked to be quiet. */
void iss_say(const Iss *iss, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define ISS_ERROR (iss_error_quark())
GQuark iss_error_quark(void);

/* board.c */

bool board_load(void *opaque, uint64_t address, unsigned size, uint64_t *value);
bool board_store(void *opaque, uint64_t address, unsigned size, uint64_t value);
/* Lines to the CPU, and how far it may run, as things are now. */
void board_update(Iss *iss);
/* The next time at which something is due, UINT64_MAX if nothing is. */
uint64_t board_due(const Iss *iss);
/* Whether a device of the board or the machine is there. */
bool board_is_mapped(const Iss *iss, uint64_t address);
/* The pages that the board's own devices are in. */
typedef struct BoardPages {
    uint64_t address;
    uint64_t size;
} BoardPages;
const BoardPages *board_pages(size_t *n);

/* run.c */

/* Runs until the end, and gives the exit status; says what it came to. */
int iss_run(Iss *iss);
/* Ends iss_run() soon. Async-signal-safe. */
void iss_interrupt(int signal);
/* The signal that came, 0: none. */
int iss_signal(void);
/* Brings server and script up to the CPU's time. False: the server is lost. */
bool iss_catch_up(Iss *iss);

/* trace.c */

Trace *trace_open(const char *path, GError **error);
void trace_close(Trace *trace);
void trace_instruction(Trace *trace, const Iss *iss, uint64_t pc);
void trace_trap(Trace *trace, const Iss *iss, uint64_t pc, uint64_t cause, uint64_t value);
void trace_access(Trace *trace, const Iss *iss, bool is_store, uint64_t address, unsigned size,
                  uint64_t value, bool ok);
void trace_line(Trace *trace, const Iss *iss, uint32_t line, bool level);

/* script.c */

/* Reads a script: lines "TIME line PATH INDEX LEVEL" and "TIME chardev ID TEXT", times in ns and in order. */
Script *script_open(const char *path, GError **error);
void script_free(Script *script);
/* When the next line is due, UINT64_MAX if there is none. */
uint64_t script_due(const Script *script);
/* Carries out what is due. */
bool script_run(Script *script, Iss *iss, GError **error);

/* gdb.c */

/* Listens on @port of the loopback. */
Gdb *gdb_open(unsigned port, GError **error);
void gdb_close(Gdb *gdb);
/* Whether the instruction at @pc may be executed. */
bool gdb_allows(Gdb *gdb, uint64_t pc);
/* Looks whether the debugger wants the CPU to stop. */
bool gdb_wants_stop(Gdb *gdb);
/* The CPU stands still: talks with the debugger until it is to go on. False: the run is to end. */
bool gdb_halt(Gdb *gdb, Iss *iss);
/* Tells the debugger how the run ended. */
void gdb_tell_end(Gdb *gdb, int status);

#endif
