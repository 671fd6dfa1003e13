/*
 * CSRs that the engine would take from the host or that the demo SoC's core has otherwise: the counters, which count instructions
 * and virtual time here, mcountinhibit, and the PMP's, which are not there.
 */
#include "cosim/iss/cpu_internal.h"

#define CSR_MCOUNTINHIBIT 0x320u
#define CSR_PMP_FIRST 0x3a0u
#define CSR_PMP_LAST 0x3efu
#define CSR_MCYCLE 0xb00u
#define CSR_MINSTRET 0xb02u
#define CSR_CYCLE 0xc00u
#define CSR_INSTRET 0xc02u
#define CSR_HIGH 0x80u /* mcycleh is mcycle + this, and so on */

#define INHIBIT_MASK 5u /* CY, IR */

static bool is_pmp(unsigned number)
{
    return number >= CSR_PMP_FIRST && number <= CSR_PMP_LAST;
}

bool cpu_is_special_csr(unsigned number, bool rv64)
{
    const unsigned low = number & ~CSR_HIGH;

    if (number == CSR_MCOUNTINHIBIT || is_pmp(number)) {
        return true;
    }
    return (low == CSR_MCYCLE || low == CSR_MINSTRET || low == CSR_CYCLE || low == CSR_INSTRET) &&
           !(rv64 && (number & CSR_HIGH));
}

/* --- Counters: index 0 is mcycle, 1 is minstret --- */

static bool is_inhibited(const Cpu *cpu, unsigned index)
{
    return (cpu->inhibit >> 2 * index & 1) != 0;
}

static uint64_t counter(const Cpu *cpu, unsigned index)
{
    return is_inhibited(cpu, index) ? cpu->counters[index] : cpu->counters[index] + cpu->count;
}

/* The instruction that does it is not counted, so that the next one reads what was written. */
static void set_counter(Cpu *cpu, unsigned index, uint64_t value)
{
    cpu->counters[index] = is_inhibited(cpu, index) ? value : value - (cpu->count + 1);
}

static void set_inhibit(Cpu *cpu, uint32_t value)
{
    const uint64_t now[] = { counter(cpu, 0), counter(cpu, 1) };

    cpu->inhibit = value & INHIBIT_MASK;
    set_counter(cpu, 0, now[0]);
    set_counter(cpu, 1, now[1]);
}

void cpu_add_sleep(Cpu *cpu, uint64_t cycles)
{
    if (!is_inhibited(cpu, 0)) {
        cpu->counters[0] += cycles;
    }
}

/* --- Instructions --- */

static uint64_t read_csr(const Cpu *cpu, unsigned number)
{
    uint64_t value;

    if (number == CSR_MCOUNTINHIBIT) {
        return cpu->inhibit;
    }
    value = counter(cpu, number >> 1 & 1);
    if (cpu->engine.rv64) {
        return value;
    }
    return number & CSR_HIGH ? value >> 32 : (uint32_t)value;
}

static void write_csr(Cpu *cpu, unsigned number, uint64_t value)
{
    const unsigned index = number >> 1 & 1;

    if (number == CSR_MCOUNTINHIBIT) {
        set_inhibit(cpu, (uint32_t)value);
    } else if (cpu->engine.rv64) {
        set_counter(cpu, index, value);
    } else if (number & CSR_HIGH) {
        set_counter(cpu, index, (counter(cpu, index) & UINT32_MAX) | value << 32);
    } else {
        set_counter(cpu, index, (counter(cpu, index) & ~(uint64_t)UINT32_MAX) | (uint32_t)value);
    }
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

bool cpu_emulate_csr(Cpu *cpu)
{
    uint64_t old;
    uint64_t value;
    uint32_t insn;
    IsaCsr csr;

    if (!cpu_fetch(cpu, cpu->event_pc, &insn) || !isa_csr(insn, &csr)) {
        cpu_set_pc(cpu, cpu->event_pc); /* other code is there by now */
        return true;
    }
    if (is_pmp(csr.number) || (csr.number >= CSR_CYCLE && csr.is_write)) {
        cpu->event_cause = CAUSE_ILLEGAL;
        cpu->event_value = insn;
        return cpu_take_exception(cpu);
    }
    old = read_csr(cpu, csr.number);
    value = new_value(cpu, &csr, old);
    cpu_set_register(cpu, csr.destination, cpu->engine.rv64 ? old : (uint32_t)old);
    if (csr.is_write) {
        write_csr(cpu, csr.number, value);
    }
    cpu_set_pc(cpu, cpu->event_pc + 4);
    cpu->count++;
    return true;
}
