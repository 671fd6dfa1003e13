/* Traps as the privileged manual has them (3.1.6 to 3.1.16). */
#include <inttypes.h>
#include <stdio.h>

#include "cosim/iss/cpu_internal.h"

static uint64_t interrupt_flag(const Cpu *cpu)
{
    return cpu->engine.rv64 ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
}

/* The engine shows the machine's registers only in machine mode. */
static uint32_t read_mie(const Cpu *cpu)
{
    const unsigned mode = engine_mode(&cpu->engine);
    uint32_t mie;

    if (mode != PRIVILEGE_MACHINE) {
        engine_set_mode(&cpu->engine, PRIVILEGE_MACHINE);
    }
    mie = (uint32_t)engine_get(&cpu->engine, UC_RISCV_REG_MIE);
    if (mode != PRIVILEGE_MACHINE) {
        engine_set_mode(&cpu->engine, mode);
    }
    return mie;
}

bool cpu_is_awake(const Cpu *cpu)
{
    return cpu->lines && (cpu->lines & read_mie(cpu));
}

/* Lower modes are interrupted whatever mstatus.MIE says. */
bool cpu_interrupt_is_due(const Cpu *cpu)
{
    return cpu->lines &&
           (engine_mode(&cpu->engine) != PRIVILEGE_MACHINE ||
            (engine_get(&cpu->engine, UC_RISCV_REG_MSTATUS) & MSTATUS_MIE)) &&
           cpu_is_awake(cpu);
}

/* Whether the handler of the last trap still runs: MRET changes mstatus, so until one is executed it is as the trap left it. */
static bool is_nested(const Cpu *cpu)
{
    return cpu->has_trapped && engine_mode(&cpu->engine) == PRIVILEGE_MACHINE &&
           engine_get(&cpu->engine, UC_RISCV_REG_MSTATUS) == cpu->trap_status;
}

/* Goes to the handler, whose address it returns. */
static uint64_t enter(Cpu *cpu, uint64_t pc, uint64_t cause, uint64_t value)
{
    const Engine *engine = &cpu->engine;
    const unsigned mode = engine_mode(engine);
    uint64_t status;
    uint64_t vector;

    cpu->nested = is_nested(cpu) ? cpu->nested + 1 : 0;
    engine_set_mode(engine, PRIVILEGE_MACHINE);
    status = engine_get(engine, UC_RISCV_REG_MSTATUS);
    status = (status & ~(uint64_t)(MSTATUS_MPIE | MSTATUS_MPP)) | (uint64_t)mode << 11 |
             (status & MSTATUS_MIE ? MSTATUS_MPIE : 0);
    engine_set(engine, UC_RISCV_REG_MSTATUS, status & ~(uint64_t)MSTATUS_MIE);
    cpu->trap_status = engine_get(engine, UC_RISCV_REG_MSTATUS);
    engine_set(engine, UC_RISCV_REG_MEPC, pc);
    engine_set(engine, UC_RISCV_REG_MCAUSE, cause);
    engine_set(engine, UC_RISCV_REG_MTVAL, value);

    vector = engine_get(engine, UC_RISCV_REG_MTVEC);
    if ((vector & 1) && (cause & interrupt_flag(cpu))) {
        vector += 4 * (cause & 0xff);
    }
    vector &= ~UINT64_C(3);
    cpu_set_pc(cpu, vector);
    cpu->has_trapped = true;
    if (cpu->ops.trapped) {
        cpu->ops.trapped(cpu->ops.opaque, pc, cause, value);
    }
    return vector;
}

void cpu_take_interrupt(Cpu *cpu, uint64_t pc)
{
    const uint32_t due = cpu->lines & read_mie(cpu);
    uint64_t code = 7;

    if (due & MIP_MEIP) {
        code = 11;
    } else if (due & MIP_MSIP) {
        code = 3;
    }
    (void)enter(cpu, pc, interrupt_flag(cpu) | code, 0);
}

static void describe_trap(Cpu *cpu)
{
    const char *what = cpu->event_cause == CAUSE_ILLEGAL ? "instruction" : "address";
    char value[48] = "";

    if (cpu->event_cause == CAUSE_ILLEGAL || cpu->event_cause == CAUSE_FETCH_FAULT ||
        cpu->event_cause == CAUSE_LOAD_FAULT || cpu->event_cause == CAUSE_STORE_FAULT) {
        snprintf(value, sizeof(value), ", %s 0x%" PRIx64, what, cpu->event_value);
    }
    snprintf(cpu->stuck, sizeof(cpu->stuck), "%s at pc 0x%" PRIx64 "%s",
             isa_cause_name(cpu->event_cause), cpu->event_pc, value);
}

/* A handler that traps at its first instruction does so for ever. One that traps later may know what it does, up to a limit. */
bool cpu_take_exception(Cpu *cpu)
{
    if (cpu->has_trapped && (cpu->nested >= MAX_NESTED || (cpu->trap_count == cpu->count &&
                                                           cpu->trap_vector == cpu->event_pc))) {
        return false;
    }
    if (!is_nested(cpu)) {
        describe_trap(cpu);
    }
    cpu->trap_vector = enter(cpu, cpu->event_pc, cpu->event_cause, cpu->event_value);
    cpu->trap_count = cpu->count;
    return true;
}
