/*
 * The CPU: executes instructions, counts them, takes interrupts between them and exceptions at them.
 *
 * The translator runs blocks of instructions. Interrupts are taken, and runs end, between blocks, before the first instruction of
 * the next one, so nothing is executed twice or left out; the count of instructions is exact there. Within a block, as its loads
 * and stores see it, the count is that of the block's start.
 */
#ifndef QOSIM_COSIM_ISS_CPU_H
#define QOSIM_COSIM_ISS_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct Cpu Cpu;

#define CPU_REGISTERS 32

typedef struct CpuOps {
    /* A load or store of 1, 2 or 4 bytes outside of RAM. False: it faults. Must not call cpu_run(). */
    bool (*load)(void *opaque, uint64_t address, unsigned size, uint64_t *value);
    bool (*store)(void *opaque, uint64_t address, unsigned size, uint64_t value);
    /* A trap was taken at @pc; NULL: nobody wants to know. */
    void (*trapped)(void *opaque, uint64_t pc, uint64_t cause, uint64_t value);
    void *opaque;
} CpuOps;

typedef enum CpuStop {
    CPU_DONE,  /* the count was reached, or cpu_kick() was called */
    CPU_SLEEP, /* WFI was executed, and no interrupt that mie enables is pending */
    CPU_BREAK, /* the observer did not want the next instruction to be executed */
    CPU_STUCK, /* a trap whose handler traps at its first instruction: cpu_stuck_text() */
} CpuStop;

Cpu *cpu_new(bool rv64, const CpuOps *ops, GError **error);
void cpu_free(Cpu *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cpu, cpu_free)

/* @size bytes at @host are memory from @address on. All three are multiples of 4 KiB; @host must live as long as the CPU. */
bool cpu_add_ram(Cpu *cpu, uint64_t address, uint64_t size, void *host, GError **error);
/* Loads and stores from @address on go to the ops. The same rules. */
bool cpu_add_window(Cpu *cpu, uint64_t address, uint64_t size, GError **error);
/* Somebody else stored into RAM: instructions there may be others now. */
void cpu_ram_written(Cpu *cpu, uint64_t address, uint64_t size);

/*
 * Called before each instruction, with its address; false keeps it from being executed. Makes everything slower, and must be set
 * before the first cpu_run(). Does not change what the guest sees.
 */
typedef bool CpuObserver(void *opaque, uint64_t pc);
void cpu_observe(Cpu *cpu, CpuObserver *observer, void *opaque);

/* Runs until the first end of a block at which at least @until instructions have been executed since the start. */
CpuStop cpu_run(Cpu *cpu, uint64_t until);
/* Another @until, for the run that goes on or for the next one. */
void cpu_set_until(Cpu *cpu, uint64_t until);
uint64_t cpu_until(const Cpu *cpu);
/* Ends the run at the end of the block. */
void cpu_kick(Cpu *cpu);

/* Instructions executed. */
uint64_t cpu_count(const Cpu *cpu);
/* Levels of the interrupt lines: MIP_MSIP, MIP_MTIP, MIP_MEIP. */
void cpu_set_lines(Cpu *cpu, uint32_t lines);
/* Whether an interrupt that mie enables is pending, so that WFI does not sleep. */
bool cpu_is_awake(const Cpu *cpu);
/* mcycle goes on while the CPU sleeps. */
void cpu_add_sleep(Cpu *cpu, uint64_t cycles);

bool cpu_is_rv64(const Cpu *cpu);
uint64_t cpu_pc(const Cpu *cpu);
void cpu_set_pc(Cpu *cpu, uint64_t pc);
uint64_t cpu_register(const Cpu *cpu, unsigned n);
void cpu_set_register(Cpu *cpu, unsigned n, uint64_t value);
/* From within load() or store(): address of the instruction that does it. */
uint64_t cpu_access_pc(const Cpu *cpu, uint64_t address, bool is_store);

/* Bytes of RAM at @address, NULL if not all of @size bytes are in one piece of RAM. */
void *cpu_ram(const Cpu *cpu, uint64_t address, uint64_t size);
/* Why the CPU is stuck: the trap, its pc and its address. */
const char *cpu_stuck_text(const Cpu *cpu);

#endif
