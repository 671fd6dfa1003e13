/* What the CPU's files share: cpu.c (runs), cpu_blocks.c (counting, finding instructions), cpu_trap.c, cpu_csr.c. */
#ifndef QOSIM_COSIM_ISS_CPU_INTERNAL_H
#define QOSIM_COSIM_ISS_CPU_INTERNAL_H

#include "cosim/iss/cpu.h"
#include "cosim/iss/engine.h"
#include "cosim/iss/isa.h"

/* Traps within traps that are taken before the CPU is thought stuck. */
#define MAX_NESTED 100u

#define N_BLOCKS 16384u /* a power of two */

/* How many instructions the block at @pc has; blocks share places, the last one counts. */
typedef struct BlockLength {
    uint64_t pc;
    uint32_t n;
} BlockLength;

typedef struct CpuRam {
    uint64_t address;
    uint64_t size;
    uint8_t *host;
    uint8_t *has_code; /* of each page: something of it was executed */
} CpuRam;

#define PAGE_BYTES 4096u

typedef struct CpuRange {
    uint64_t address;
    uint64_t size;
} CpuRange;

typedef struct CpuWindow {
    Cpu *cpu;
    uint64_t address;
} CpuWindow;

/* Why a callback stopped the engine. */
typedef enum CpuEvent {
    EVENT_NONE,
    EVENT_BOUNDARY, /* before the block at event_pc: an interrupt, the end of the run */
    EVENT_TRAP,     /* an exception of the instruction at event_pc */
    EVENT_CSR,      /* the instruction at event_pc is for cpu_emulate_csr() */
    EVENT_ACCESSED, /* after the instruction before event_pc, whose access raised an interrupt */
    EVENT_RENEW,    /* the block at event_pc has to be translated again */
    EVENT_BREAK,    /* before the instruction at event_pc */
} CpuEvent;

struct Cpu {
    /* Counting, at the start for speed. @count is without the block that is being executed. */
    uint64_t count;
    uint32_t block_n;   /* its instructions */
    uint64_t block_pc;  /* where it begins */
    uint64_t attention; /* at this count, the next block is looked at before it runs; 0: each is */
    uint64_t until;
    bool kicked;
    BlockLength blocks[N_BLOCKS];

    Engine engine;
    CpuOps ops;
    uint32_t lines;

    CpuEvent event;
    uint64_t event_pc;
    uint64_t event_cause;
    uint64_t event_value; /* for mtval */

    /* mcycle and minstret: what is to be added to the count, or themselves when they are inhibited. */
    uint64_t counters[2];
    uint32_t inhibit; /* mcountinhibit */

    /* The last trap, to see that its handler cannot run. */
    uint64_t trap_count;
    uint64_t trap_vector;
    uint64_t trap_status; /* mstatus as it left it */
    unsigned nested;      /* traps since the last MRET, less one */
    bool has_trapped;
    char stuck[256];

    GArray *rams; /* of CpuRam */
    GPtrArray *windows;
    GHashTable *csr_sites; /* addresses of instructions that have a hook */
    GArray *written;       /* of CpuRange: translations to drop */

    CpuObserver *observer;
    void *observer_opaque;
};

/* cpu.c */

/* Has the engine stop because of @event at @pc; the first one counts. */
void cpu_stop_at(Cpu *cpu, CpuEvent event, uint64_t pc);
void cpu_update_attention(Cpu *cpu);

/* cpu_blocks.c */

/* The instruction at @pc, its low half only if it has 2 bytes. False: it is not in RAM. */
bool cpu_fetch(const Cpu *cpu, uint64_t pc, uint32_t *insn);
/* Instructions in the @size bytes of the block at @pc. */
uint32_t cpu_count_block(Cpu *cpu, uint64_t pc, uint32_t size);
/* Instructions of the current block before the one at @pc. */
uint32_t cpu_progress(const Cpu *cpu, uint64_t pc);
/* Whether the @size bytes at @pc use a special CSR where there is no hook yet; files the place in csr_sites. */
bool cpu_find_csrs(Cpu *cpu, uint64_t pc, uint32_t size);

/* The only instruction of the block that can have made this access. False: there is none, or more than one. */
bool cpu_find_access(const Cpu *cpu, uint64_t address, unsigned size, bool is_store, uint64_t value,
                     uint64_t *pc, IsaAccess *access);
/* Whether anything in the range was executed. */
bool cpu_has_code(const Cpu *cpu, uint64_t address, uint64_t size);

/* cpu_trap.c */

/* Whether an interrupt is to be taken before the next instruction. */
bool cpu_interrupt_is_due(const Cpu *cpu);
/* Takes it: the guest is then at its handler. */
void cpu_take_interrupt(Cpu *cpu, uint64_t pc);
/* Takes the exception that the event tells of. False: the handler cannot run. */
bool cpu_take_exception(Cpu *cpu);

/* cpu_csr.c */

/* Whether instructions that use CSR @number are emulated here. */
bool cpu_is_special_csr(unsigned number, bool rv64);
/* Executes the instruction of EVENT_CSR. False: it is illegal, and the handler cannot run. */
bool cpu_emulate_csr(Cpu *cpu);

#endif
