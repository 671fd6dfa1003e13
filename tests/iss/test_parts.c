/* The parts of qosim-iss that need no server: decoding, interrupt controller, timer, and the CPU with memory alone. */
#include <string.h>

#include <glib.h>

#include "cosim/iss/clint.h"
#include "cosim/iss/cpu.h"
#include "cosim/iss/isa.h"
#include "cosim/iss/plic.h"

/* --- Decoding: encodings from the assembler --- */

static void check_access(uint32_t insn, bool rv64, unsigned base, int offset, unsigned size,
                         bool is_load, bool is_store)
{
    IsaAccess access;

    g_assert_true(isa_access(insn, rv64, &access));
    g_assert_cmpuint(access.base, ==, base);
    g_assert_cmpint(access.offset, ==, offset);
    g_assert_cmpuint(access.size, ==, size);
    g_assert_true(access.is_load == is_load);
    g_assert_true(access.is_store == is_store);
}

static void test_accesses(void)
{
    IsaAccess access;

    check_access(0xffc7a503, false, 15, -4, 4, true, false); /* lw a0, -4(a5) */
    check_access(0x0017c503, false, 15, 1, 1, true, false);  /* lbu a0, 1(a5) */
    check_access(0xfea79f23, false, 15, -2, 2, false, true); /* sh a0, -2(a5) */
    check_access(0x0fe7b023, true, 15, 224, 8, false, true); /* sd t5, 224(a5) */
    check_access(0x00a7a5af, false, 15, 0, 4, true, true);   /* amoadd.w a1, a0, (a5) */
    check_access(0x1007a5af, false, 15, 0, 4, true, false);  /* lr.w a1, (a5) */
    check_access(0x4788, false, 15, 8, 4, true, false);      /* c.lw a0, 8(a5) */
    check_access(0xdfe8, false, 15, 124, 4, false, true);    /* c.sw a0, 124(a5) */
    check_access(0x6788, true, 15, 8, 8, true, false);       /* c.ld a0, 8(a5) */
    check_access(0x50fe, false, 2, 252, 4, true, false);     /* c.lwsp ra, 252(sp) */
    check_access(0xdf86, false, 2, 252, 4, false, true);     /* c.swsp ra, 252(sp) */
    g_assert_false(isa_access(0x00a78533, false, &access));  /* add a0, a5, a0 */
    g_assert_false(isa_access(0x6788, false, &access));      /* on RV32: floating point */
    g_assert_false(isa_access(0x0001, false, &access));      /* c.nop */
}

static void test_csrs(void)
{
    IsaCsr csr;

    g_assert_true(isa_csr(0xb00024f3, &csr)); /* csrr s1, mcycle */
    g_assert_cmphex(csr.number, ==, 0xb00);
    g_assert_false(csr.is_write);
    g_assert_true(isa_csr(0x3200d7f3, &csr)); /* csrrwi a5, mcountinhibit, 1 */
    g_assert_true(csr.is_write && csr.is_immediate && csr.source == 1 && csr.destination == 15);
    g_assert_false(isa_csr(0x30200073, &csr)); /* mret */
    g_assert_cmpuint(isa_length(0x4788), ==, 2);
    g_assert_cmpuint(isa_length(0x0073), ==, 4);
}

/* --- Interrupt controller, timer --- */

static void test_plic(void)
{
    Plic plic = { 0 };

    plic_set_level(&plic, 0, true);
    plic_set_level(&plic, 64, true);
    plic_set_level(&plic, UINT32_MAX, true);
    g_assert_cmpuint(plic.pending, ==, 0);
    plic_write(&plic, 0xfc, 9);
    g_assert_cmpuint(plic_read(&plic, 0xfc), ==, 1); /* three bits */
    plic_write(&plic, 0x20, 1);
    plic_write(&plic, 0x2000, UINT32_MAX);
    plic_write(&plic, 0x2004, UINT32_MAX);
    g_assert_cmphex(plic_read(&plic, 0x2000), ==, 0xfffffffe);
    plic_set_level(&plic, 8, true);
    plic_set_level(&plic, 63, true);
    g_assert_true(plic_output(&plic));
    g_assert_cmpuint(plic_read(&plic, 0x200004), ==, 8);
    g_assert_cmpuint(plic_read(&plic, 0x200004), ==, 63);
    g_assert_false(plic_output(&plic));
    plic_set_level(&plic, 63, false);
    plic_write(&plic, 0x200004, 63);
    g_assert_false(plic_output(&plic));
    plic_write(&plic, 0x200004, 8);
    g_assert_true(plic_output(&plic)); /* its level is still high */
    plic_write(&plic, 0x200000, 7);
    g_assert_false(plic_output(&plic));
}

static void test_clint(void)
{
    Clint clint;

    clint_init(&clint);
    g_assert_true(clint_deadline(&clint, 5) == UINT64_MAX);
    clint_write(&clint, 0x4000, 10, 0);
    clint_write(&clint, 0x4004, 0, 0);
    g_assert_cmpuint(clint_deadline(&clint, 0), ==, 1000);
    g_assert_cmpuint(clint_deadline(&clint, 950), ==, 1000);
    g_assert_false(clint_timer_output(&clint, 999));
    g_assert_true(clint_timer_output(&clint, 1000));
    g_assert_true(clint_deadline(&clint, 1000) == UINT64_MAX);
    clint_write(&clint, 0xbff8, 3, 1000); /* mtime goes back */
    g_assert_cmpuint(clint_read(&clint, 0xbff8, 1099), ==, 3);
    g_assert_cmpuint(clint_deadline(&clint, 1000), ==, 1700);
    clint_write(&clint, 0xbffc, UINT32_MAX, 1000);
    g_assert_true(clint_timer_output(&clint, 1000));
    clint_write(&clint, 0x4004, UINT32_MAX, 1000);
    clint_write(&clint, 0x4000, UINT32_MAX, 1000);
    g_assert_false(clint_timer_output(&clint, 1000));
    g_assert_cmpuint(clint_deadline(&clint, 1000), >, 1000);
}

/* --- CPU --- */

typedef struct Rig {
    Cpu *cpu;
    uint8_t *ram;
    GString *text; /* accesses */
    bool raise;    /* a store raises the external line */
} Rig;

static bool rig_load(void *opaque, uint64_t address, unsigned size, uint64_t *value)
{
    g_string_append_printf(((Rig *)opaque)->text, "r%u@%x ", size, (unsigned)address);
    *value = 0x80;
    return (address & 0xf00) == 0;
}

static bool rig_store(void *opaque, uint64_t address, unsigned size, uint64_t value)
{
    Rig *rig = opaque;

    g_string_append_printf(rig->text, "w%u@%x=%x ", size, (unsigned)address, (unsigned)value);
    cpu_set_lines(rig->cpu, rig->raise ? MIP_MEIP : 0);
    return (address & 0xf00) == 0;
}

/* A CPU with a page of RAM at 0x80000000, @code in it, and a page of devices at 0x10000000. */
static void rig_open(Rig *rig, bool rv64, const uint32_t *code, size_t size)
{
    const CpuOps ops = { rig_load, rig_store, NULL, rig };
    GError *error = NULL;

    *rig = (Rig){ .ram = g_aligned_alloc0(1, 4096, 4096), .text = g_string_new(NULL) };
    memcpy(rig->ram, code, size);
    rig->cpu = cpu_new(rv64, &ops, &error);
    g_assert_no_error(error);
    g_assert_true(cpu_add_ram(rig->cpu, 0x80000000, 4096, rig->ram, &error));
    g_assert_true(cpu_add_window(rig->cpu, 0x10000000, 4096, &error));
    g_assert_false(cpu_add_window(rig->cpu, 0x10000800, 4096, &error));
    g_clear_error(&error);
    cpu_set_pc(rig->cpu, 0x80000000);
}

static void rig_close(Rig *rig)
{
    cpu_free(rig->cpu);
    g_aligned_free(rig->ram);
    g_string_free(rig->text, TRUE);
}

/* Three stores in one block; the second raises an interrupt, which is taken behind it. Nothing is done twice. */
static void test_interrupt_behind_access(gconstpointer data)
{
    static const uint32_t code[] = {
        0x00000297, /* auipc t0, 0 */
        0x02828293, /* addi t0, t0, 40: the handler */
        0x30529073, /* csrw mtvec, t0 */
        0x000012b7, /* lui t0, 1 */
        0x80028293, /* addi t0, t0, -2048: MEIE */
        0x30429073, /* csrw mie, t0 */
        0x100002b7, /* lui t0, 0x10000 */
        0x30046073, /* csrsi mstatus, 8 */
        0x0002a023, /* sw zero, 0(t0) */
        0x0052a223, /* sw t0, 4(t0) */
        0x10500073, /* handler: wfi */
    };
    const bool rv64 = GPOINTER_TO_INT(data) != 0;
    Rig rig;

    rig_open(&rig, rv64, code, sizeof(code));
    rig.raise = true;
    /* With the line still up the WFI of the handler does not sleep. */
    g_assert_cmpint(cpu_run(rig.cpu, 10), ==, CPU_DONE);
    g_assert_cmpstr(rig.text->str, ==, "w4@10000000=0 ");
    g_assert_cmpuint(cpu_count(rig.cpu), ==, 10);
    rig_close(&rig);
}

static void test_fault_is_precise(gconstpointer data)
{
    static const uint32_t code[] = {
        0x10000337, /* lui t1, 0x10000 */
        0x00800393, /* li t2, 8 */
        0x00732023, /* sw t2, 0(t1) */
        0x00138393, /* addi t2, t2, 1 */
        0x10732023, /* sw t2, 256(t1): refused */
        0x00138393, /* addi t2, t2, 1 */
    };
    const bool rv64 = GPOINTER_TO_INT(data) != 0;
    Rig rig;

    rig_open(&rig, rv64, code, sizeof(code));
    g_assert_cmpint(cpu_run(rig.cpu, 100), ==, CPU_STUCK);
    g_assert_cmpstr(cpu_stuck_text(rig.cpu), ==,
                    "store access fault at pc 0x80000010, address 0x10000100");
    g_assert_cmpstr(rig.text->str, ==, "w4@10000000=8 w4@10000100=9 ");
    g_assert_cmpuint(cpu_register(rig.cpu, 7), ==, 9);
    g_assert_cmpuint(cpu_count(rig.cpu), ==, 4);
    rig_close(&rig);
}

/* Code that the CPU, and somebody else, changes is executed as it then is. */
static void test_changed_code(void)
{
    static const uint32_t code[] = {
        0x00100513, /* li a0, 1 */
        0x10500073, /* wfi */
        0xff9ff06f, /* j -8 */
    };
    const uint32_t other = 0x00700513; /* li a0, 7 */
    Rig rig;

    rig_open(&rig, false, code, sizeof(code));
    g_assert_cmpint(cpu_run(rig.cpu, 100), ==, CPU_SLEEP);
    g_assert_cmpuint(cpu_register(rig.cpu, 10), ==, 1);
    memcpy(rig.ram, &other, sizeof(other));
    cpu_ram_written(rig.cpu, 0x80000000, sizeof(other));
    g_assert_cmpint(cpu_run(rig.cpu, 100), ==, CPU_SLEEP);
    g_assert_cmpuint(cpu_register(rig.cpu, 10), ==, 7);
    g_assert_cmpuint(cpu_count(rig.cpu), ==, 5);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iss/isa/loads-and-stores-tell-their-address", test_accesses);
    g_test_add_func("/iss/isa/csr-instructions", test_csrs);
    g_test_add_func("/iss/plic/claims-completes-and-keeps-to-its-sources", test_plic);
    g_test_add_func("/iss/clint/deadline-is-when-the-output-rises", test_clint);
    for (int rv64 = 0; rv64 < 2; rv64++) {
        g_autofree char *behind = g_strdup_printf(
            "/iss/cpu/rv%d/an-interrupt-comes-right-behind-its-access", rv64 ? 64 : 32);
        g_autofree char *precise =
            g_strdup_printf("/iss/cpu/rv%d/a-refused-store-is-a-precise-fault", rv64 ? 64 : 32);

        g_test_add_data_func(behind, GINT_TO_POINTER(rv64), test_interrupt_behind_access);
        g_test_add_data_func(precise, GINT_TO_POINTER(rv64), test_fault_is_precise);
    }
    g_test_add_func("/iss/cpu/changed-code-is-executed-as-it-is", test_changed_code);
    return g_test_run();
}
