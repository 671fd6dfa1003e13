/* The board's own devices, where the demo SoC has them, and the way to the server for everything else. */
#include <inttypes.h>
#include <stdio.h>

#include "cosim/iss/isa.h"
#include "cosim/iss/iss.h"

#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u

/* As in run.c's slices: an access takes longer than an instruction. */
#define SLICE_ACCESSES 1024u

typedef enum Device {
    DEVICE_FINISHER,
    DEVICE_CLINT,
    DEVICE_PLIC,
    DEVICE_CONSOLE,
    N_DEVICES
} Device;

static const BoardPages pages[N_DEVICES] = {
    [DEVICE_FINISHER] = { 0x00100000, 0x1000 },
    [DEVICE_CLINT] = { 0x02000000, 0x10000 },
    [DEVICE_PLIC] = { 0x0c000000, 0x4000000 },
    [DEVICE_CONSOLE] = { 0x10000000, 0x1000 },
};

const BoardPages *board_pages(size_t *n)
{
    *n = N_DEVICES;
    return pages;
}

/* N_DEVICES: none of the board's. */
static Device device_at(uint64_t address)
{
    Device device = DEVICE_FINISHER;

    while (device < N_DEVICES && address - pages[device].address >= pages[device].size) {
        device++;
    }
    return device;
}

bool board_is_mapped(const Iss *iss, uint64_t address)
{
    return device_at(address) < N_DEVICES || qosim_bus_region_at(iss->port, address);
}

/* --- Time and lines --- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t board_due(const Iss *iss)
{
    uint64_t due = least(clint_deadline(&iss->clint, iss_now(iss)), qosim_bus_deadline(iss->port));

    return iss->script ? least(due, script_due(iss->script)) : due;
}

/* The count of instructions at which it is @ns. */
static uint64_t count_at(const Iss *iss, uint64_t ns)
{
    const uint64_t now = iss_now(iss);
    const uint64_t left = ns > now ? ns - now : 0;
    const uint64_t insn_ns = iss->options->insn_ns;
    const uint64_t insns = left / insn_ns + (left % insn_ns != 0);
    const uint64_t count = cpu_count(iss->cpu);

    return insns < UINT64_MAX - count ? count + insns : UINT64_MAX;
}

void board_update(Iss *iss)
{
    const uint64_t now = iss_now(iss);
    uint64_t until = least(iss->slice_end, iss->options->max_insns);

    until = least(until, count_at(iss, board_due(iss)));
    if (iss->options->quantum) {
        until = least(until, iss->next_sync);
    }
    cpu_set_lines(iss->cpu, (iss->clint.msip ? MIP_MSIP : 0) |
                                (clint_timer_output(&iss->clint, now) ? MIP_MTIP : 0) |
                                (plic_output(&iss->plic) ? MIP_MEIP : 0));
    cpu_set_until(iss->cpu, until);
}

/* --- Accesses --- */

/* The first verdict stays. */
static void finish(Iss *iss, uint32_t value)
{
    const uint32_t verdict = value & 0xffff;

    if (iss->has_exited || (verdict != FINISHER_PASS && verdict != FINISHER_FAIL)) {
        return;
    }
    iss->has_exited = true;
    iss->exit_code = verdict == FINISHER_PASS ? 0 : MAX(value >> 16, 1);
    cpu_kick(iss->cpu);
}

static bool load_own(Iss *iss, Device device, uint64_t offset, unsigned size, uint64_t *value)
{
    if (device == DEVICE_CONSOLE) {
        *value = console_read(&iss->console, offset, size);
        return true;
    }
    if (size != 4) {
        return false;
    }
    switch (device) {
    case DEVICE_CLINT:
        *value = clint_read(&iss->clint, offset, iss_now(iss));
        return true;
    case DEVICE_PLIC:
        *value = plic_read(&iss->plic, offset);
        return true;
    default:
        *value = 0;
        return true;
    }
}

static bool store_own(Iss *iss, Device device, uint64_t offset, unsigned size, uint32_t value)
{
    if (device == DEVICE_CONSOLE) {
        console_write(&iss->console, offset, size, value);
        return true;
    }
    if (size != 4) {
        return false;
    }
    switch (device) {
    case DEVICE_CLINT:
        clint_write(&iss->clint, offset, value, iss_now(iss));
        return true;
    case DEVICE_PLIC:
        plic_write(&iss->plic, offset, value);
        return true;
    default:
        if (offset == 0) {
            finish(iss, value);
        }
        return true;
    }
}

/* The server could not be asked; if it is gone, the run ends here, and the guest sees no fault. */
static bool explain_failure(Iss *iss, bool is_store, uint64_t address, unsigned size)
{
    const uint64_t pc = cpu_access_pc(iss->cpu, address, is_store);

    if (!qosim_bus_is_lost(iss->port)) {
        return false;
    }
    if (!*iss->loss) {
        snprintf(iss->loss, sizeof(iss->loss),
                 " during the %s of %u bytes at 0x%" PRIx64 ", pc 0x%" PRIx64,
                 is_store ? "store" : "load", size, address, pc);
    }
    cpu_kick(iss->cpu);
    return true;
}

static void finish_access(Iss *iss, bool is_store, uint64_t address, unsigned size, uint64_t value,
                          bool ok)
{
    if (iss->options->console_irq) {
        plic_set_level(&iss->plic, iss->options->console_irq, console_output(&iss->console));
    }
    if (iss->trace) {
        trace_access(iss->trace, iss, is_store, address, size, value, ok);
    }
    board_update(iss);
    if (iss->has_exited || qosim_bus_is_lost(iss->port) || iss_signal() ||
        iss->n_accesses % SLICE_ACCESSES == SLICE_ACCESSES - 1) {
        cpu_kick(iss->cpu);
    }
}

static void note_posted(Iss *iss)
{
    if (iss->options->posted) {
        iss->has_posted = true;
        iss->slice_end = least(iss->slice_end, cpu_count(iss->cpu) + ISS_SLICE_POSTED);
    }
}

bool board_load(void *opaque, uint64_t address, unsigned size, uint64_t *value)
{
    Iss *iss = opaque;
    const Device device = device_at(address);
    bool ok;

    if (device < N_DEVICES) {
        ok = load_own(iss, device, address - pages[device].address, size, value);
    } else {
        iss->n_accesses++;
        qosim_bus_set_time(iss->port, iss_now(iss));
        iss->has_posted = false;
        ok = qosim_bus_load(iss->port, address, size, value) == QOSIM_BUS_OK ||
             explain_failure(iss, false, address, size);
    }
    finish_access(iss, false, address, size, *value, ok);
    return ok;
}

bool board_store(void *opaque, uint64_t address, unsigned size, uint64_t value)
{
    Iss *iss = opaque;
    const Device device = device_at(address);
    bool ok;

    if (device < N_DEVICES) {
        ok = store_own(iss, device, address - pages[device].address, size, (uint32_t)value);
    } else {
        iss->n_accesses++;
        qosim_bus_set_time(iss->port, iss_now(iss));
        note_posted(iss);
        ok = qosim_bus_store(iss->port, address, size, value) == QOSIM_BUS_OK ||
             explain_failure(iss, true, address, size);
    }
    finish_access(iss, true, address, size, value, ok);
    return ok;
}
