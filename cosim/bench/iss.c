/* qosim-bench iss: how fast qosim-iss executes, next to Unicorn alone, and how many accesses it makes over each transport. */
#include <stdio.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include "cosim/bench/target.h"
#include "cosim/iss/iss.h"

/* Part that is wanted of the speed of Unicorn with a callback at each block that looks for an interrupt. */
#define MIN_PART 0.9

/* Instructions of one turn of both loops. */
#define TURN 100u

#define REGISTER_COUNT 5u /* t0: turns that are left */

#define CODE_BASE ISS_RAM_BASE
#define CODE_WORDS (TURN + 8)

static const char *const transports[] = { "inproc", "shm", "tcp" };
#define N_TRANSPORTS G_N_ELEMENTS(transports)

enum { LOOP_BARE, LOOP_ISS, LOOP_ACCESSES, N_LOOPS = LOOP_ACCESSES + N_TRANSPORTS };

typedef struct Bare {
    uc_engine *uc;
    uint64_t blocks;
    volatile bool has_interrupt;
} Bare;

/* One simulator, as the program makes it. */
typedef struct Machine {
    BenchTarget *target; /* NULL: no server but the one in this process */
    IssOptions options;
    Iss iss;
    bool is_open;
} Machine;

typedef struct IssBench {
    BenchOptions options;
    char *directory;
    Bare bare;
    Machine machines[1 + N_TRANSPORTS]; /* the first does not access anything */
    BenchLoop loops[N_LOOPS];
} IssBench;

/* --- Code --- */

static uint32_t addi(unsigned rd, unsigned rs1, int value)
{
    return ((uint32_t)value & 0xfff) << 20 | rs1 << 15 | rd << 7 | 0x13;
}

/* bnez t0, @offset */
static uint32_t branch_back(int offset)
{
    const uint32_t o = (uint32_t)offset;

    return (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25 | REGISTER_COUNT << 15 | 1u << 12 |
           (o >> 1 & 0xf) << 8 | (o >> 11 & 1) << 7 | 0x63;
}

/*
 * A turn is TURN instructions in blocks of about ten, as compiled code has them: additions, and jumps to the next instruction; with
 * @access its first one is a load from a register of the GPIO. The program ends with WFI.
 */
static void write_code(uint32_t *code, bool access)
{
    unsigned at = 0;

    code[at++] = 0x10012337; /* lui t1, 0x10012 */
    for (unsigned i = 0; i < TURN - 2; i++) {
        if (i == 0 && access) {
            code[at++] = 0x00832383; /* lw t2, 8(t1) */
        } else if (i % 10 == 9) {
            code[at++] = 0x0040006f; /* j .+4 */
        } else {
            code[at++] = addi(28 + i % 3, 28 + (i + 1) % 3, 1);
        }
    }
    code[at++] = addi(REGISTER_COUNT, REGISTER_COUNT, -1);
    code[at] = branch_back(-4 * (int)(TURN - 1));
    code[at + 1] = 0x10500073; /* wfi */
}

/* --- Unicorn alone, with what interrupts at block ends need at least --- */

static void on_block(uc_engine *uc, uint64_t pc, uint32_t size, void *opaque)
{
    Bare *bare = opaque;

    (void)pc;
    (void)size;
    bare->blocks++;
    if (bare->has_interrupt) {
        (void)uc_emu_stop(uc);
    }
}

static bool open_bare(Bare *bare, GError **error)
{
    uint32_t code[CODE_WORDS] = { 0 };
    uc_hook hook;
    uc_err result = uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &bare->uc);

    write_code(code, false);
    if (result == UC_ERR_OK) {
        result = uc_mem_map(bare->uc, CODE_BASE, 4096, UC_PROT_ALL);
    }
    if (result == UC_ERR_OK) {
        result = uc_mem_write(bare->uc, CODE_BASE, code, sizeof(code));
    }
    if (result == UC_ERR_OK) {
        result = uc_hook_add(bare->uc, &hook, UC_HOOK_BLOCK, (void *)on_block, bare, 1, 0);
    }
    return result == UC_ERR_OK || bench_fail(error, "Unicorn: %s", uc_strerror(result));
}

/* @n instructions. */
static bool run_bare(void *opaque, uint64_t n, GError **error)
{
    Bare *bare = opaque;
    const uint64_t turns = n / TURN;
    uc_err result;

    (void)uc_reg_write(bare->uc, UC_RISCV_REG_X0 + (int)REGISTER_COUNT, &turns);
    result = uc_emu_start(bare->uc, CODE_BASE, UINT64_MAX, 0, 0);
    return result == UC_ERR_OK || bench_fail(error, "Unicorn: %s", uc_strerror(result));
}

/* --- qosim-iss --- */

static char *write_firmware(const char *directory, bool access, GError **error)
{
    g_autofree char *path =
        g_build_filename(directory, access ? "accesses.bin" : "computes.bin", NULL);
    uint32_t code[CODE_WORDS] = { 0 };

    write_code(code, access);
    if (!g_file_set_contents(path, (const char *)code, sizeof(code), error)) {
        return NULL;
    }
    return g_steal_pointer(&path);
}

static bool open_machine(IssBench *bench, Machine *machine, const char *transport, GError **error)
{
    IssOptions *options = &machine->options;

    *options = (IssOptions){
        .ram_size = 64u << 10, .max_insns = UINT64_MAX, .insn_ns = 10, .quiet = true
    };
    options->firmware = write_firmware(bench->directory, transport != NULL, error);
    if (!options->firmware) {
        return false;
    }
    if (transport) {
        machine->target =
            bench_target_open(bench_find_transport(transport), &bench->options, error);
        if (!machine->target) {
            return false;
        }
    }
    options->url = g_strdup(machine->target ? machine->target->url : "inproc:sifive_e");
    machine->is_open = true;
    return iss_init(&machine->iss, options, error);
}

static void close_machine(Machine *machine)
{
    if (machine->is_open) {
        iss_clear(&machine->iss);
    }
    bench_target_close(machine->target);
    iss_options_clear(&machine->options);
}

static bool run_turns(Iss *iss, uint64_t turns, GError **error)
{
    CpuStop stop = CPU_DONE;

    cpu_set_register(iss->cpu, REGISTER_COUNT, turns);
    cpu_set_pc(iss->cpu, CODE_BASE);
    while (stop == CPU_DONE) {
        if (!iss_catch_up(iss)) {
            return bench_fail(error, "%s", qosim_bus_error(iss->port));
        }
        board_update(iss);
        stop = cpu_run(iss->cpu, cpu_until(iss->cpu));
    }
    return stop == CPU_SLEEP || bench_fail(error, "the CPU stopped: %s", cpu_stuck_text(iss->cpu));
}

static bool run_iss(void *opaque, uint64_t n, GError **error)
{
    return run_turns(&((Machine *)opaque)->iss, n / TURN, error);
}

/* @n accesses. */
static bool run_accesses(void *opaque, uint64_t n, GError **error)
{
    return run_turns(&((Machine *)opaque)->iss, n, error);
}

/* --- The command --- */

static bool start(IssBench *bench, GError **error)
{
    bench->directory = g_dir_make_tmp("qosim-bench-XXXXXX", error);
    if (!bench->directory || !open_bare(&bench->bare, error) ||
        !open_machine(bench, &bench->machines[0], NULL, error)) {
        return false;
    }
    bench->loops[LOOP_BARE] = (BenchLoop){
        .name = "unicorn", .run = run_bare, .opaque = &bench->bare, .unit = TURN * UINT64_C(1000)
    };
    bench->loops[LOOP_ISS] = (BenchLoop){
        .name = "iss", .run = run_iss, .opaque = &bench->machines[0], .unit = TURN * UINT64_C(1000)
    };
    for (guint i = 0; i < N_TRANSPORTS; i++) {
        Machine *machine = &bench->machines[1 + i];

        if (!open_machine(bench, machine, transports[i], error)) {
            return false;
        }
        bench->loops[LOOP_ACCESSES + i] =
            (BenchLoop){ .name = transports[i],
                         .run = run_accesses,
                         .opaque = machine,
                         .peer = machine->target->process ? machine->target->process->pid : 0 };
    }
    return true;
}

static void print_results(IssBench *bench, double part)
{
    static const char *const headings[] = { "loop", "per second", "ns each", NULL };
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < N_LOOPS; i++) {
        const BenchSummary summary = bench_loop_summary(&bench->loops[i]);

        bench_table_add(table, i < LOOP_ACCESSES ? "%s, instructions" : "%s, accesses",
                        bench->loops[i].name);
        bench_table_add_number(table, summary.per_second);
        bench_table_add_number(table, summary.mean_ns);
    }
    bench_table_print(table);
    printf("\nqosim-iss has %.2f of Unicorn's speed with a callback at each block (goal: %.2f)\n",
           part, MIN_PART);
}

static bool measure(IssBench *bench, GError **error)
{
    BenchJson *json;
    double part;

    if (!bench_placement_begin(&bench->options, error)) {
        return false;
    }
    bench_print_heading(&bench_iss, &bench->options);
    if (!start(bench, error) || !bench_measure(bench->loops, N_LOOPS, &bench->options, error)) {
        return false;
    }
    part = bench_loop_summary(&bench->loops[LOOP_BARE]).own_cpu_ns /
           bench_loop_summary(&bench->loops[LOOP_ISS]).own_cpu_ns;
    print_results(bench, part);
    json = bench_json_new(&bench_iss, &bench->options);
    bench_json_number(json, "part_of_unicorn", part);
    for (guint i = 0; i < N_LOOPS; i++) {
        bench_json_loop(json, bench->loops[i].name, &bench->loops[i]);
    }
    return bench_json_finish(json, &bench->options, error);
}

static void remove_directory(IssBench *bench)
{
    for (guint i = 0; bench->directory && i < G_N_ELEMENTS(bench->machines); i++) {
        if (bench->machines[i].options.firmware) {
            (void)remove(bench->machines[i].options.firmware);
        }
    }
    if (bench->directory) {
        (void)remove(bench->directory);
    }
}

static void iss_bench_clear(IssBench *bench)
{
    remove_directory(bench);
    for (guint i = 0; i < G_N_ELEMENTS(bench->machines); i++) {
        close_machine(&bench->machines[i]);
    }
    for (guint i = 0; i < N_LOOPS; i++) {
        bench_loop_clear(&bench->loops[i]);
    }
    if (bench->bare.uc) {
        uc_close(bench->bare.uc);
    }
    g_free(bench->directory);
    bench_options_clear(&bench->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IssBench, iss_bench_clear)

static BenchExit run_iss_bench(int argc, char **argv)
{
    g_auto(IssBench) bench = { .directory = NULL };
    g_autoptr(GError) error = NULL;

    if (!bench_options_parse(&bench_iss, NULL, argc, argv, &bench.options)) {
        return BENCH_USAGE;
    }
    return measure(&bench, &error) ? BENCH_OK : bench_complain(&bench_iss, error);
}

const BenchCommand bench_iss = {
    .name = "iss",
    .summary = "Instructions of qosim-iss next to Unicorn's, and accesses per second",
    .details =
        "The first two loops only compute, in blocks of ten instructions: Unicorn with a callback "
        "at each block that looks for an interrupt,\nand qosim-iss. The others read a register of "
        "a device every 100 instructions, in this process, through shared memory\nand over TCP.",
    .has_rounds = true,
    .run = run_iss_bench,
};
