#include "cosim/iss/iss.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cosim/iss/isa.h"

#define PAGE 4096u
#define MAX_NOTES 10

G_DEFINE_QUARK(qosim - iss - error, iss_error)

void iss_say(const Iss *iss, const char *format, ...)
{
    va_list args;

    if (iss->options->quiet) {
        return;
    }
    fflush(stdout);
    fputs("qosim-iss: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

uint64_t iss_now(const Iss *iss)
{
    return cpu_count(iss->cpu) * iss->options->insn_ns + iss->sleep_ns;
}

void iss_add_sleep(Iss *iss, uint64_t ns)
{
    iss->sleep_ns += ns;
    cpu_add_sleep(iss->cpu, ns / iss->options->insn_ns);
}

/* --- What the port and the CPU tell --- */

static void on_irq(void *opaque, uint32_t line, bool level)
{
    Iss *iss = opaque;

    plic_set_level(&iss->plic, line, level);
    if (iss->trace) {
        trace_line(iss->trace, iss, line, level);
    }
}

static void on_written(void *opaque, uint64_t address, size_t length)
{
    Iss *iss = opaque;

    cpu_ram_written(iss->cpu, address, length);
}

/* Things that a firmware may do on purpose, and many times. */
static void note(Iss *iss, const char *text)
{
    if (iss->n_notes < MAX_NOTES) {
        iss_say(iss, "%s", text);
    } else if (iss->n_notes == MAX_NOTES) {
        iss_say(iss, "further messages of this kind are not shown");
    }
    iss->n_notes++;
}

static void on_note(void *opaque, const char *text)
{
    note(opaque, text);
}

static void on_trap(void *opaque, uint64_t pc, uint64_t cause, uint64_t value)
{
    Iss *iss = opaque;

    if (iss->trace) {
        trace_trap(iss->trace, iss, pc, cause, value);
    }
    if (cause == CAUSE_FETCH_FAULT || cause == CAUSE_LOAD_FAULT || cause == CAUSE_STORE_FAULT ||
        cause == CAUSE_ILLEGAL) {
        g_autofree char *text =
            g_strdup_printf("%s at pc 0x%" PRIx64 ", %s 0x%" PRIx64, isa_cause_name(cause), pc,
                            cause == CAUSE_ILLEGAL ? "instruction" : "address", value);

        note(iss, text);
    }
}

static bool observe(void *opaque, uint64_t pc)
{
    Iss *iss = opaque;

    if (iss->gdb && !gdb_allows(iss->gdb, pc)) {
        return false;
    }
    if (iss->trace) {
        trace_instruction(iss->trace, iss, pc);
    }
    return true;
}

/* --- Memory --- */

static bool fail_port(Iss *iss, const char *what, GError **error)
{
    g_set_error(error, ISS_ERROR, 0, "%s: %s", what, qosim_bus_error(iss->port));
    return false;
}

/* Memory of this process for the guest, which takes no space before it is used. */
static uint8_t *allocate(uint64_t size, GError **error)
{
    void *host = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (host == MAP_FAILED) {
        g_set_error(error, ISS_ERROR, 0, "RAM of %" PRIu64 " bytes: %s", size, g_strerror(errno));
        return NULL;
    }
    return host;
}

static bool refuse_ram(const Iss *iss, const qosim_region *region, GError **error)
{
    const char *type = qosim_bus_info(iss->port)->machine_type;

    if (region && region->ram) {
        g_set_error(error, ISS_ERROR, 0,
                    "the RAM of machine '%s' at 0x%" PRIx64
                    " is in the server, out of this CPU's reach; make the machine with "
                    "ram-home=shm or ram-home=client",
                    type, ISS_RAM_BASE);
    } else {
        g_set_error(error, ISS_ERROR, 0,
                    "machine '%s' has no RAM at 0x%" PRIx64
                    ", where the firmware goes; give --ram SIZE",
                    type, ISS_RAM_BASE);
    }
    return false;
}

/* The machine's own RAM, where it can be had here, else some of ours. */
static bool find_ram(Iss *iss, GError **error)
{
    const qosim_region *region = qosim_bus_region_at(iss->port, ISS_RAM_BASE);
    const bool is_ram = region && region->ram && region->address == ISS_RAM_BASE;
    void *host;

    iss->ram.address = ISS_RAM_BASE;
    if (is_ram && region->home == QOSIM_RAM_SHM) {
        iss->ram.size = region->size;
        if (qosim_bus_take_ram(iss->port, region, &host) != QOSIM_OK) {
            return fail_port(iss, "the machine's RAM", error);
        }
        iss->ram.host = host;
        return true;
    }
    if (is_ram && region->home == QOSIM_RAM_CLIENT && !iss->options->observe) {
        iss->ram.size = region->size;
    } else if (iss->options->ram_size == 0) {
        return refuse_ram(iss, region, error);
    } else {
        iss->ram.size = iss->options->ram_size;
    }
    iss->ram.host = allocate(iss->ram.size, error);
    iss->ram_is_own = iss->ram.host != NULL;
    if (!iss->ram.host) {
        return false;
    }
    return qosim_bus_give_ram(iss->port, iss->ram.address, iss->ram.size, iss->ram.host) ==
               QOSIM_OK ||
           fail_port(iss, "the RAM", error);
}

/* --- The map --- */

static gint by_address(gconstpointer a, gconstpointer b)
{
    const BoardPages *one = a;
    const BoardPages *other = b;

    return (one->address > other->address) - (one->address < other->address);
}

/* Whole pages around a range, as far as the CPU can reach; of no size if it cannot. */
static BoardPages pages_around(const Iss *iss, uint64_t address, uint64_t size)
{
    const uint64_t top = iss->options->rv64 ? UINT64_C(1) << 56 : UINT64_C(1) << 32;
    uint64_t end = size == 0 || size > top || address > top - size ? top : address + size;

    if (address >= top) {
        return (BoardPages){ 0, 0 };
    }
    end = (end + PAGE - 1) / PAGE * PAGE;
    address = address / PAGE * PAGE;
    return (BoardPages){ address, end - address };
}

static void add_pages(GArray *list, BoardPages pages)
{
    if (pages.size) {
        g_array_append_val(list, pages);
    }
}

/* Everything that is not memory: the board's devices and the machine's regions, in order. */
static GArray *collect(const Iss *iss)
{
    const qosim_info *info = qosim_bus_info(iss->port);
    GArray *list = g_array_new(FALSE, FALSE, sizeof(BoardPages));
    size_t n;
    const BoardPages *own = board_pages(&n);

    for (size_t i = 0; i < n; i++) {
        add_pages(list, own[i]);
    }
    for (size_t i = 0; i < info->n_regions; i++) {
        add_pages(list, pages_around(iss, info->regions[i].address, info->regions[i].size));
    }
    g_array_sort(list, by_address);
    return list;
}

/* Maps [@begin, @end) but for the RAM. */
static bool map_around_ram(Iss *iss, uint64_t begin, uint64_t end, GError **error)
{
    const uint64_t ram = iss->ram.address;
    const uint64_t ram_end = ram + iss->ram.size;

    if (begin < ram_end && end > ram) {
        return (begin >= ram || cpu_add_window(iss->cpu, begin, ram - begin, error)) &&
               (end <= ram_end || cpu_add_window(iss->cpu, ram_end, end - ram_end, error));
    }
    return cpu_add_window(iss->cpu, begin, end - begin, error);
}

static bool map_windows(Iss *iss, GError **error)
{
    g_autoptr(GArray) list = collect(iss);
    uint64_t begin = 0;
    uint64_t end = 0;

    for (guint i = 0; i < list->len; i++) {
        const BoardPages *next = &g_array_index(list, BoardPages, i);

        if (next->address > end) {
            if (end > begin && !map_around_ram(iss, begin, end, error)) {
                return false;
            }
            begin = next->address;
            end = begin;
        }
        end = MAX(end, next->address + next->size);
    }
    return map_around_ram(iss, begin, end, error);
}

/* --- Making it --- */

static bool open_port(Iss *iss, GError **error)
{
    const IssOptions *o = iss->options;
    const qosim_bus_options options = {
        .client = "qosim-iss",
        .machine = o->machine,
        .create = o->create,
        .timeout_ms = o->timeout_ms,
        .observe = o->observe,
        .posted = o->posted,
        .irq = on_irq,
        .written = on_written,
        .note = on_note,
        .opaque = iss,
    };

    if (qosim_bus_open(o->url, &options, &iss->port) != QOSIM_OK) {
        g_set_error(error, ISS_ERROR, 0, "cannot open '%s': %s", o->url, qosim_open_error());
        return false;
    }
    return true;
}

static bool make_cpu(Iss *iss, GError **error)
{
    const CpuOps ops = { board_load, board_store, on_trap, iss };

    iss->cpu = cpu_new(iss->options->rv64, &ops, error);
    if (!iss->cpu) {
        return false;
    }
    return true;
}

static bool load_firmware(Iss *iss, GError **error)
{
    uint64_t entry;

    if (!firmware_load(iss->options->firmware, iss->options->rv64, &iss->ram, &entry, error)) {
        return false;
    }
    cpu_set_pc(iss->cpu, entry);
    return true;
}

static bool open_helpers(Iss *iss, GError **error)
{
    const IssOptions *o = iss->options;

    if ((o->trace && !(iss->trace = trace_open(o->trace, error))) ||
        (o->script && !(iss->script = script_open(o->script, error))) ||
        (o->gdb_port && !(iss->gdb = gdb_open(o->gdb_port, error)))) {
        return false;
    }
    if (iss->trace || iss->gdb) {
        cpu_observe(iss->cpu, observe, iss);
    }
    return true;
}

bool iss_init(Iss *iss, const IssOptions *options, GError **error)
{
    *iss = (Iss){ .options = options, .next_sync = options->quantum };
    iss->console.out = stdout;
    clint_init(&iss->clint);
    return make_cpu(iss, error) && open_port(iss, error) && find_ram(iss, error) &&
           cpu_add_ram(iss->cpu, iss->ram.address, iss->ram.size, iss->ram.host, error) &&
           map_windows(iss, error) && load_firmware(iss, error) && open_helpers(iss, error);
}

void iss_clear(Iss *iss)
{
    if (iss->gdb) {
        gdb_close(iss->gdb);
    }
    if (iss->script) {
        script_free(iss->script);
    }
    if (iss->trace) {
        trace_close(iss->trace);
    }
    if (iss->cpu) {
        cpu_free(iss->cpu);
    }
    qosim_bus_close(iss->port);
    if (iss->ram_is_own) {
        munmap(iss->ram.host, iss->ram.size);
    }
}
