/* Traps as the privileged manual has them (3.1.6 to 3.1.16), and the counters, which must not be those of the host. */
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

/* Goes to the handler, whose address it returns. */
static uint64_t enter(Cpu *cpu, uint64_t pc, uint64_t cause, uint64_t value)
{
    const Engine *engine = &cpu->engine;
    const unsigned mode = engine_mode(engine);
    uint64_t status;
    uint64_t vector;

    engine_set_mode(engine, PRIVILEGE_MACHINE);
    status = engine_get(engine, UC_RISCV_REG_MSTATUS);
    cpu->nested = cpu->has_trapped && status == cpu->trap_status ? cpu->nested + 1 : 0;
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

/*
 * A handler that traps at its first instruction does so for ever. One that traps later may know what it does, up to a limit: MRET
 * changes mstatus, so without one between them two traps find it as the first one left it.
 */
bool cpu_take_exception(Cpu *cpu)
{
    if (cpu->has_trapped && (cpu->nested >= MAX_NESTED || (cpu->trap_count == cpu->count &&
                                                           cpu->trap_vector == cpu->event_pc))) {
        return false;
    }
    if (!cpu->has_trapped || cpu->nested == 0) {
        describe_trap(cpu);
    }
    cpu->trap_vector = enter(cpu, cpu->event_pc, cpu->event_cause, cpu->event_value);
    cpu->trap_count = cpu->count;
    return true;
}

/* --- Counters --- */

#define CSR_MCYCLE 0xb00u
#define CSR_MINSTRET 0xb02u
#define CSR_CYCLE 0xc00u
#define CSR_INSTRET 0xc02u
#define CSR_HIGH 0x80u /* mcycleh is mcycle + this, and so on */

bool cpu_is_counter(unsigned number, bool rv64)
{
    const unsigned low = number & ~CSR_HIGH;

    return (low == CSR_MCYCLE || low == CSR_MINSTRET || low == CSR_CYCLE || low == CSR_INSTRET) &&
           !(rv64 && (number & CSR_HIGH));
}

static uint64_t new_value(const Cpu *cpu, const IsaCsr *csr, uint64_t old)
{
    const uint64_t operand = csr->is_immediate ? csr->source : cpu_register(cpu, csr->source);

    switch (csr->how) {
    case CSR_SET:
        return old | operand;
    case CSR_CLEAR:
        return old & ~operand;
    default:
        return operand;
    }
}

/* One half of a 64-bit counter, or all of it. */
static uint64_t read_part(const Cpu *cpu, unsigned number, uint64_t counter)
{
    if (cpu->engine.rv64) {
        return counter;
    }
    return number & CSR_HIGH ? counter >> 32 : (uint32_t)counter;
}

static uint64_t write_part(const Cpu *cpu, unsigned number, uint64_t counter, uint64_t value)
{
    if (cpu->engine.rv64) {
        return value;
    }
    if (number & CSR_HIGH) {
        return (counter & UINT32_MAX) | value << 32;
    }
    return (counter & ~(uint64_t)UINT32_MAX) | (uint32_t)value;
}

/* An instruction that writes a counter is not counted in it, so that the next one reads what was written. */
void cpu_emulate_counter(Cpu *cpu)
{
    uint64_t *offset;
    uint64_t counter;
    uint64_t old;
    uint32_t insn;
    IsaCsr csr;

    if (!cpu_fetch(cpu, cpu->event_pc, &insn) || !isa_csr(insn, &csr)) {
        cpu_set_pc(cpu, cpu->event_pc); /* other code is there by now */
        return;
    }
    if (csr.number >= CSR_CYCLE && csr.is_write) {
        cpu->event_cause = CAUSE_ILLEGAL;
        cpu->event_value = insn;
        (void)cpu_take_exception(cpu);
        return;
    }
    offset = (csr.number & 2) ? &cpu->instret_offset : &cpu->cycle_offset;
    counter = cpu->count + *offset;
    old = read_part(cpu, csr.number, counter);
    if (csr.is_write) {
        counter = write_part(cpu, csr.number, counter, new_value(cpu, &csr, old));
        *offset = counter - (cpu->count + 1);
    }
    cpu_set_register(cpu, csr.destination, old);
    cpu_set_pc(cpu, cpu->event_pc + 4);
    cpu->count++;
}
