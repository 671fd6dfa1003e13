#include "cosim/iss/cpu.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/iss/cpu_internal.h"

/* No guest gets here: the engine would stop without a word. */
#define NO_ADDRESS UINT64_MAX

/* --- What the engine calls --- */

void cpu_stop_at(Cpu *cpu, CpuEvent event, uint64_t pc)
{
    if (cpu->event == EVENT_NONE) {
        cpu->event = event;
        cpu->event_pc = pc;
        (void)uc_emu_stop(cpu->engine.uc);
    }
}

void cpu_update_attention(Cpu *cpu)
{
    cpu->attention = cpu->kicked || cpu->lines || cpu->written->len ? 0 : cpu->until;
}

/* Before a block that has not been seen, or that may have to wait. Kept out of on_block(), which it would make slower. */
static G_GNUC_NO_INLINE void look_at_block(Cpu *cpu, uint64_t pc, uint32_t size)
{
    BlockLength *length = &cpu->blocks[pc / 2 % N_BLOCKS];

    cpu->block_n = 0;
    cpu->block_pc = pc;
    if (cpu->kicked || cpu->count >= cpu->until || cpu->written->len || cpu_interrupt_is_due(cpu)) {
        cpu_stop_at(cpu, EVENT_BOUNDARY, pc);
        return;
    }
    if (length->pc != pc) {
        if (cpu_find_csrs(cpu, pc, size)) {
            cpu_stop_at(cpu, EVENT_RENEW, pc);
            return;
        }
        *length = (BlockLength){ pc, cpu_count_block(cpu, pc, size) };
    }
    cpu->block_n = length->n;
}

/* Before each block. This is what a guest's speed depends on. */
static void on_block(uc_engine *uc, uint64_t pc, uint32_t size, void *opaque)
{
    Cpu *cpu = opaque;
    const BlockLength *length = &cpu->blocks[pc / 2 % N_BLOCKS];
    const uint64_t count = cpu->count + cpu->block_n;

    (void)uc;
    cpu->count = count;
    if (G_UNLIKELY(count >= cpu->attention || length->pc != pc)) {
        look_at_block(cpu, pc, size);
        return;
    }
    cpu->block_n = length->n;
    cpu->block_pc = pc;
}

/* A block was translated, perhaps again: its code may be another one. */
static void on_translated(uc_engine *uc, uc_tb *block, uc_tb *before, void *opaque)
{
    Cpu *cpu = opaque;

    (void)uc;
    (void)before;
    cpu->blocks[block->pc / 2 % N_BLOCKS].pc = NO_ADDRESS;
}

/* Before an instruction that uses a special CSR. */
static void on_csr(uc_engine *uc, uint64_t pc, uint32_t size, void *opaque)
{
    Cpu *cpu = opaque;

    (void)uc;
    (void)size;
    cpu_stop_at(cpu, EVENT_CSR, pc);
}

static void on_instruction(uc_engine *uc, uint64_t pc, uint32_t size, void *opaque)
{
    Cpu *cpu = opaque;

    (void)uc;
    (void)size;
    if (cpu->event == EVENT_NONE && !cpu->observer(cpu->observer_opaque, pc)) {
        cpu_stop_at(cpu, EVENT_BREAK, pc);
    }
}

static void fault(Cpu *cpu, uint64_t address, bool is_store)
{
    const uint64_t pc = cpu_access_pc(cpu, address, is_store);
    IsaAccess access;
    uint32_t insn;
    const bool stores =
        cpu_fetch(cpu, pc, &insn) && isa_access(insn, cpu->engine.rv64, &access) && access.is_store;

    if (cpu->event == EVENT_NONE) { /* a read of an atomic operation faults as a store */
        cpu->event_cause = is_store || stores ? CAUSE_STORE_FAULT : CAUSE_LOAD_FAULT;
        cpu->event_value = address;
        cpu_stop_at(cpu, EVENT_TRAP, pc);
    }
}

static uint64_t sign_extend(uint64_t value, unsigned size)
{
    const uint64_t sign = UINT64_C(1) << (8 * size - 1);

    return (value ^ sign) - sign;
}

/*
 * An access that raised an interrupt: the handler comes before the next instruction, not at the block's end. The engine leaves the
 * instruction undone, so what is left of it is done here. Where it is not certain which one it was, the handler comes later.
 */
static void finish_access(Cpu *cpu, uint64_t address, unsigned size, bool is_store, uint64_t value)
{
    IsaAccess access;
    uint64_t pc;
    uint32_t insn;

    if (cpu->event != EVENT_NONE || !cpu_interrupt_is_due(cpu) ||
        !cpu_find_access(cpu, address, size, is_store, value, &pc, &access) || access.is_atomic ||
        !cpu_fetch(cpu, pc, &insn)) {
        return;
    }
    if (!is_store) {
        cpu_set_register(cpu, access.data, access.is_unsigned ? value : sign_extend(value, size));
    }
    cpu_stop_at(cpu, EVENT_ACCESSED, pc + isa_length((uint16_t)insn));
}

static uint64_t on_load(uc_engine *uc, uint64_t offset, unsigned size, void *opaque)
{
    const CpuWindow *window = opaque;
    Cpu *cpu = window->cpu;
    uint64_t value = 0;

    (void)uc;
    if (cpu->event != EVENT_NONE) {
        return 0;
    }
    if (cpu->ops.load(cpu->ops.opaque, window->address + offset, size, &value)) {
        finish_access(cpu, window->address + offset, size, false, value);
    } else {
        fault(cpu, window->address + offset, false);
    }
    return value;
}

static void on_store(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *opaque)
{
    const CpuWindow *window = opaque;
    Cpu *cpu = window->cpu;

    (void)uc;
    if (cpu->event != EVENT_NONE) {
        return;
    }
    if (cpu->ops.store(cpu->ops.opaque, window->address + offset, size, value)) {
        finish_access(cpu, window->address + offset, size, true, value);
    } else {
        fault(cpu, window->address + offset, true);
    }
}

/* Nothing is mapped there, or no instructions may come from there. */
static bool on_hole(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                    void *opaque)
{
    Cpu *cpu = opaque;

    (void)uc;
    (void)size;
    (void)value;
    if (type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT) {
        if (cpu->event == EVENT_NONE) {
            /* The block before has been executed to its end: it jumped here. */
            cpu->count += cpu->block_n;
            cpu->block_n = 0;
            cpu->block_pc = address;
            cpu->event_cause = CAUSE_FETCH_FAULT;
            cpu->event_value = address;
            cpu_stop_at(cpu, EVENT_TRAP, engine_get(&cpu->engine, UC_RISCV_REG_PC));
        }
    } else {
        fault(cpu, address, type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT);
    }
    return false;
}

static void exception(Cpu *cpu, uint64_t pc, uint64_t cause, uint64_t value)
{
    if (cpu->event == EVENT_NONE) {
        cpu->event_cause = cause;
        cpu->event_value = value;
        cpu_stop_at(cpu, EVENT_TRAP, pc);
    }
}

/* The engine has moved pc on by 4, whatever the instruction's length. */
static void on_exception(uc_engine *uc, uint32_t number, void *opaque)
{
    Cpu *cpu = opaque;
    const uint64_t pc = engine_get(&cpu->engine, UC_RISCV_REG_PC) - 4;
    uint32_t insn = 0;

    (void)uc;
    (void)cpu_fetch(cpu, pc, &insn);
    if (number == CAUSE_ECALL_U && engine_mode(&cpu->engine) == PRIVILEGE_MACHINE) {
        number = CAUSE_ECALL_M;
    }
    exception(cpu, pc, number, number == CAUSE_ILLEGAL ? insn : 0);
}

static bool on_ebreak(uc_engine *uc, void *opaque)
{
    Cpu *cpu = opaque;

    (void)uc;
    exception(cpu, engine_get(&cpu->engine, UC_RISCV_REG_PC), CAUSE_BREAKPOINT, 0);
    return false;
}

/* --- Running --- */

/* Puts hooks before the uses of special CSRs that were found, and drops the code that was made without them. */
static void renew(Cpu *cpu)
{
    GHashTableIter iter;
    gpointer key;
    gpointer is_hooked;

    g_hash_table_iter_init(&iter, cpu->csr_sites);
    while (g_hash_table_iter_next(&iter, &key, &is_hooked)) {
        const uint64_t pc = *(uint64_t *)key;
        uc_hook hook;

        if (is_hooked == key) { /* as g_hash_table_add() leaves it */
            (void)uc_hook_add(cpu->engine.uc, &hook, UC_HOOK_CODE, (void *)on_csr, cpu, pc, pc);
            g_hash_table_iter_replace(&iter, NULL);
            engine_forget(&cpu->engine, pc, 4);
        }
    }
}

static void drop_written(Cpu *cpu)
{
    for (guint i = 0; i < cpu->written->len; i++) {
        const CpuRange *range = &g_array_index(cpu->written, CpuRange, i);

        engine_forget(&cpu->engine, range->address, range->size);
    }
    g_array_set_size(cpu->written, 0);
}

/* What the engine stopped for, if it did not for a WFI: whether the run goes on, else why not in *@stop. */
static bool handle_event(Cpu *cpu, CpuStop *stop)
{
    const uint64_t pc = cpu->event_pc;

    switch (cpu->event) {
    case EVENT_BOUNDARY:
    case EVENT_ACCESSED:
        if (cpu_interrupt_is_due(cpu)) {
            cpu_take_interrupt(cpu, pc);
            return true;
        }
        cpu_set_pc(cpu, pc);
        *stop = CPU_DONE;
        return !cpu->kicked && cpu->count < cpu->until;
    case EVENT_RENEW:
        cpu_set_pc(cpu, pc);
        renew(cpu);
        return true;
    case EVENT_CSR:
        *stop = CPU_STUCK;
        return cpu_emulate_csr(cpu);
    case EVENT_BREAK:
        cpu_set_pc(cpu, pc);
        *stop = CPU_BREAK;
        return false;
    default:
        *stop = CPU_STUCK;
        return cpu_take_exception(cpu);
    }
}

/* Lets the engine run until something stops it. */
static void run_engine(Cpu *cpu)
{
    const uint64_t pc = cpu_pc(cpu);
    uc_err result;

    cpu->event = EVENT_NONE;
    cpu->block_n = 0;
    cpu->block_pc = pc;
    result = uc_emu_start(cpu->engine.uc, pc, NO_ADDRESS, 0, 0);
    if (cpu->event == EVENT_NONE && result != UC_ERR_OK) {
        /* Nothing of ours has noticed: let the guest see it as what it looks most like. */
        exception(cpu, cpu_pc(cpu), CAUSE_FETCH_FAULT, cpu_pc(cpu));
    }
    /* Instructions of a block that was left in its middle. */
    switch (cpu->event) {
    case EVENT_NONE: /* WFI, which is no end of a block */
        cpu->count += cpu_progress(cpu, cpu_pc(cpu));
        break;
    case EVENT_TRAP:
    case EVENT_CSR:
    case EVENT_BREAK:
    case EVENT_ACCESSED:
        cpu->count += cpu_progress(cpu, cpu->event_pc);
        break;
    default:
        break;
    }
    cpu->block_n = 0;
}

CpuStop cpu_run(Cpu *cpu, uint64_t until)
{
    CpuStop stop = CPU_DONE;
    bool goes_on = true;

    cpu->until = until;
    cpu->kicked = false;
    cpu_update_attention(cpu);
    while (goes_on) {
        drop_written(cpu);
        cpu_update_attention(cpu);
        run_engine(cpu);
        if (cpu->event != EVENT_NONE) {
            goes_on = handle_event(cpu, &stop);
        } else if (!cpu_is_awake(cpu)) {
            return CPU_SLEEP;
        }
    }
    return stop;
}

void cpu_set_until(Cpu *cpu, uint64_t until)
{
    cpu->until = until;
    cpu_update_attention(cpu);
}

uint64_t cpu_until(const Cpu *cpu)
{
    return cpu->until;
}

void cpu_kick(Cpu *cpu)
{
    cpu->kicked = true;
    cpu_update_attention(cpu);
}

void cpu_set_lines(Cpu *cpu, uint32_t lines)
{
    if (lines != cpu->lines) {
        cpu->lines = lines;
        engine_set_pending(&cpu->engine, lines);
        cpu_update_attention(cpu);
    }
}

uint64_t cpu_count(const Cpu *cpu)
{
    return cpu->count;
}

/* --- Making it --- */

bool cpu_add_ram(Cpu *cpu, uint64_t address, uint64_t size, void *host, GError **error)
{
    CpuRam ram = { address, size, host, NULL };
    const uc_err result = uc_mem_map_ptr(cpu->engine.uc, address, size, UC_PROT_ALL, host);

    if (result != UC_ERR_OK) {
        g_set_error(error, ENGINE_ERROR, 0, "RAM of 0x%" PRIx64 " bytes at 0x%" PRIx64 ": %s", size,
                    address, uc_strerror(result));
        return false;
    }
    ram.has_code = g_malloc0(size / PAGE_BYTES);
    g_array_append_val(cpu->rams, ram);
    return true;
}

bool cpu_add_window(Cpu *cpu, uint64_t address, uint64_t size, GError **error)
{
    CpuWindow *window = g_new(CpuWindow, 1);
    uc_err result;

    *window = (CpuWindow){ cpu, address };
    g_ptr_array_add(cpu->windows, window);
    result = uc_mmio_map(cpu->engine.uc, address, size, on_load, window, on_store, window);
    if (result != UC_ERR_OK) {
        g_set_error(error, ENGINE_ERROR, 0, "devices in 0x%" PRIx64 " bytes at 0x%" PRIx64 ": %s",
                    size, address, uc_strerror(result));
        return false;
    }
    return true;
}

void cpu_ram_written(Cpu *cpu, uint64_t address, uint64_t size)
{
    const CpuRange range = { address, size };

    if (cpu_has_code(cpu, address, size)) {
        g_array_append_val(cpu->written, range);
        cpu_update_attention(cpu);
    }
}

static bool add_hook(Cpu *cpu, int type, void *callback)
{
    uc_hook hook;

    return uc_hook_add(cpu->engine.uc, &hook, type, callback, cpu, 1, 0) == UC_ERR_OK;
}

void cpu_observe(Cpu *cpu, CpuObserver *observer, void *opaque)
{
    if (!cpu->observer) {
        (void)add_hook(cpu, UC_HOOK_CODE, (void *)on_instruction);
    }
    cpu->observer = observer;
    cpu->observer_opaque = opaque;
}

static bool add_hooks(Cpu *cpu)
{
    return add_hook(cpu, UC_HOOK_BLOCK, (void *)on_block) &&
           add_hook(cpu, UC_HOOK_EDGE_GENERATED, (void *)on_translated) &&
           add_hook(cpu, UC_HOOK_MEM_INVALID, (void *)on_hole) &&
           add_hook(cpu, UC_HOOK_INTR, (void *)on_exception) &&
           add_hook(cpu, UC_HOOK_INSN_INVALID, (void *)on_ebreak);
}

Cpu *cpu_new(bool rv64, const CpuOps *ops, GError **error)
{
    Cpu *cpu = g_new0(Cpu, 1);

    cpu->ops = *ops;
    cpu->rams = g_array_new(FALSE, FALSE, sizeof(CpuRam));
    cpu->written = g_array_new(FALSE, FALSE, sizeof(CpuRange));
    cpu->windows = g_ptr_array_new_with_free_func(g_free);
    cpu->csr_sites = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (size_t i = 0; i < N_BLOCKS; i++) {
        cpu->blocks[i].pc = NO_ADDRESS;
    }
    if (!engine_open(&cpu->engine, rv64, error)) {
        cpu_free(cpu);
        return NULL;
    }
    if (!add_hooks(cpu)) {
        g_set_error(error, ENGINE_ERROR, 0, "Unicorn: a hook is missing in this version");
        cpu_free(cpu);
        return NULL;
    }
    /* A return from a trap that never was stays in machine mode. */
    engine_set(&cpu->engine, UC_RISCV_REG_MSTATUS, MSTATUS_MPP);
    return cpu;
}

void cpu_free(Cpu *cpu)
{
    engine_close(&cpu->engine);
    for (guint i = 0; i < cpu->rams->len; i++) {
        g_free(g_array_index(cpu->rams, CpuRam, i).has_code);
    }
    g_array_free(cpu->rams, TRUE);
    g_array_free(cpu->written, TRUE);
    g_ptr_array_free(cpu->windows, TRUE);
    g_hash_table_destroy(cpu->csr_sites);
    g_free(cpu);
}

bool cpu_is_rv64(const Cpu *cpu)
{
    return cpu->engine.rv64;
}

uint64_t cpu_pc(const Cpu *cpu)
{
    return engine_get(&cpu->engine, UC_RISCV_REG_PC);
}

void cpu_set_pc(Cpu *cpu, uint64_t pc)
{
    engine_set(&cpu->engine, UC_RISCV_REG_PC, pc);
}

uint64_t cpu_register(const Cpu *cpu, unsigned n)
{
    return n == 0 ? 0 : engine_get(&cpu->engine, UC_RISCV_REG_X0 + (int)n);
}

void cpu_set_register(Cpu *cpu, unsigned n, uint64_t value)
{
    if (n != 0) {
        engine_set(&cpu->engine, UC_RISCV_REG_X0 + (int)n, value);
    }
}

const char *cpu_stuck_text(const Cpu *cpu)
{
    return cpu->stuck;
}
