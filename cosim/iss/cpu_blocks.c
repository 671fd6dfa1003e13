/* The guest's code as bytes: how many instructions a block has, and which of them did what the engine tells. */
#include <string.h>

#include "cosim/iss/cpu_internal.h"

/* No block is longer. The engine tells a nonsensical size for one that ends with an illegal instruction. */
#define MAX_BLOCK_BYTES 4096u
#define MAX_UNKNOWN_INSNS 512u

static CpuRam *find_ram(const Cpu *cpu, uint64_t address, uint64_t size)
{
    for (guint i = 0; i < cpu->rams->len; i++) {
        CpuRam *ram = &g_array_index(cpu->rams, CpuRam, i);

        if (address >= ram->address && address - ram->address < ram->size &&
            size <= ram->size - (address - ram->address)) {
            return ram;
        }
    }
    return NULL;
}

void *cpu_ram(const Cpu *cpu, uint64_t address, uint64_t size)
{
    const CpuRam *ram = find_ram(cpu, address, size);

    return ram ? ram->host + (address - ram->address) : NULL;
}

bool cpu_has_code(const Cpu *cpu, uint64_t address, uint64_t size)
{
    const CpuRam *ram = find_ram(cpu, address, size);

    if (!ram || size == 0) {
        return false;
    }
    for (uint64_t page = (address - ram->address) / PAGE_BYTES;
         page <= (address - ram->address + size - 1) / PAGE_BYTES; page++) {
        if (ram->has_code[page]) {
            return true;
        }
    }
    return false;
}

/* Blocks end with their page at the latest, but for an instruction that crosses into the next one. */
static void note_code(const Cpu *cpu, uint64_t pc, uint32_t size)
{
    CpuRam *ram = find_ram(cpu, pc, 2);

    if (ram) {
        const uint64_t first = pc - ram->address;
        const uint64_t last = MIN(first + MAX(size, 4) - 1, ram->size - 1);

        ram->has_code[first / PAGE_BYTES] = 1;
        ram->has_code[last / PAGE_BYTES] = 1;
    }
}

bool cpu_fetch(const Cpu *cpu, uint64_t pc, uint32_t *insn)
{
    const uint8_t *at = cpu_ram(cpu, pc, 2);
    uint16_t low;
    uint16_t high;

    if (!at) {
        return false;
    }
    memcpy(&low, at, sizeof(low));
    *insn = low;
    if (isa_length(low) == 4) {
        at = cpu_ram(cpu, pc + 2, 2);
        if (!at) {
            return false;
        }
        memcpy(&high, at, sizeof(high));
        *insn |= (uint32_t)high << 16;
    }
    return true;
}

uint32_t cpu_count_block(Cpu *cpu, uint64_t pc, uint32_t size)
{
    uint32_t n = 0;
    uint32_t insn;

    note_code(cpu, pc, size);
    if (size > MAX_BLOCK_BYTES) {
        return 0; /* it ends with a trap, which counts what came before */
    }
    for (uint32_t at = 0; at < size && cpu_fetch(cpu, pc + at, &insn);
         at += isa_length((uint16_t)insn)) {
        n++;
    }
    return n;
}

uint32_t cpu_progress(const Cpu *cpu, uint64_t pc)
{
    uint64_t at = cpu->block_pc;
    uint32_t n = 0;
    uint32_t insn;

    while (at < pc && pc - cpu->block_pc <= MAX_BLOCK_BYTES && cpu_fetch(cpu, at, &insn)) {
        at += isa_length((uint16_t)insn);
        n++;
    }
    return at == pc ? n : 0;
}

bool cpu_find_csrs(Cpu *cpu, uint64_t pc, uint32_t size)
{
    bool found = false;
    uint32_t insn;
    IsaCsr csr;

    for (uint64_t at = pc; at - pc < MIN(size, MAX_BLOCK_BYTES) && cpu_fetch(cpu, at, &insn);
         at += isa_length((uint16_t)insn)) {
        if (isa_csr(insn, &csr) && cpu_is_special_csr(csr.number, cpu->engine.rv64) &&
            g_hash_table_add(cpu->csr_sites, g_memdup2(&at, sizeof(at)))) {
            found = true;
        }
    }
    return found;
}

/* Whether the access goes to @address with the registers as they are now. */
static bool is_at(const Cpu *cpu, const IsaAccess *access, uint64_t address, bool is_store)
{
    uint64_t begin = cpu_register(cpu, access->base) + (uint64_t)(int64_t)access->offset;

    if (!cpu->engine.rv64) {
        begin = (uint32_t)begin;
    }
    return (is_store ? access->is_store : access->is_load) && address - begin < access->size;
}

/* Of a block that ends with an illegal instruction the length is not known. */
static uint32_t known_length(const Cpu *cpu)
{
    return cpu->block_n ? cpu->block_n : MAX_UNKNOWN_INSNS;
}

/*
 * While a block runs the engine does not know where it is in it. It does know the registers, so the access is that of the first
 * instruction in the block that would reach this address with them.
 */
uint64_t cpu_access_pc(const Cpu *cpu, uint64_t address, bool is_store)
{
    uint64_t pc = cpu->block_pc;
    uint32_t insn;
    IsaAccess access;

    for (uint32_t i = 0; i < known_length(cpu) && cpu_fetch(cpu, pc, &insn); i++) {
        if (isa_access(insn, cpu->engine.rv64, &access) && is_at(cpu, &access, address, is_store)) {
            return pc;
        }
        pc += isa_length((uint16_t)insn);
    }
    return cpu->block_pc;
}

static uint64_t low_bytes(uint64_t value, unsigned size)
{
    return size < 8 ? value & ((UINT64_C(1) << 8 * size) - 1) : value;
}

bool cpu_find_access(const Cpu *cpu, uint64_t address, unsigned size, bool is_store, uint64_t value,
                     uint64_t *pc, IsaAccess *access)
{
    uint64_t at = cpu->block_pc;
    unsigned found = 0;
    uint32_t insn;
    IsaAccess candidate;

    for (uint32_t i = 0; i < cpu->block_n && cpu_fetch(cpu, at, &insn); i++) {
        if (isa_access(insn, cpu->engine.rv64, &candidate) &&
            is_at(cpu, &candidate, address, is_store) && candidate.size == size &&
            (!is_store || candidate.is_atomic ||
             low_bytes(cpu_register(cpu, candidate.data), size) == low_bytes(value, size))) {
            found++;
            *pc = at;
            *access = candidate;
        }
        at += isa_length((uint16_t)insn);
    }
    return found == 1;
}
