#include "cosim/iss/gdb_target.h"

#include <string.h>

#include "cosim/iss/cpu_internal.h"
#include "cosim/iss/gdb_packet.h"

#define PC_NUMBER 32u

/* The machine's registers that are shown, in the order of their numbers from PC_NUMBER + 1 on. */
static const struct {
    const char *name;
    int reg;
} machine_registers[] = {
    { "mstatus", UC_RISCV_REG_MSTATUS }, { "mie", UC_RISCV_REG_MIE },
    { "mip", UC_RISCV_REG_MIP },         { "mtvec", UC_RISCV_REG_MTVEC },
    { "mepc", UC_RISCV_REG_MEPC },       { "mcause", UC_RISCV_REG_MCAUSE },
    { "mtval", UC_RISCV_REG_MTVAL },     { "mscratch", UC_RISCV_REG_MSCRATCH },
};

char *gdb_target_description(bool rv64)
{
    static const char *const names[] = { "zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                         "fp",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                         "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                         "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6" };
    const int bits = rv64 ? 64 : 32;
    GString *xml =
        g_string_new("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">");

    g_string_append_printf(xml,
                           "<target><architecture>riscv:rv%d</architecture>"
                           "<feature name=\"org.gnu.gdb.riscv.cpu\">",
                           bits);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_string_append_printf(xml, "<reg name=\"%s\" bitsize=\"%d\" regnum=\"%u\"/>", names[i],
                               bits, i);
    }
    g_string_append_printf(xml,
                           "<reg name=\"pc\" bitsize=\"%d\" type=\"code_ptr\"/></feature>"
                           "<feature name=\"org.gnu.gdb.riscv.csr\">",
                           bits);
    for (guint i = 0; i < G_N_ELEMENTS(machine_registers); i++) {
        g_string_append_printf(xml, "<reg name=\"%s\" bitsize=\"%d\" regnum=\"%u\"/>",
                               machine_registers[i].name, bits, PC_NUMBER + 1 + i);
    }
    g_string_append(xml, "</feature></target>");
    return g_string_free(xml, FALSE);
}

/* --- Hexadecimal --- */

static void put_bytes(GString *text, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        g_string_append_printf(text, "%02x", bytes[i]);
    }
}

/* Takes @length bytes off @text; false if it has fewer. */
static bool get_bytes(const char *text, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const int high = g_ascii_xdigit_value(text[2 * i]);
        const int low = high < 0 ? -1 : g_ascii_xdigit_value(text[2 * i + 1]);

        if (low < 0) {
            return false;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* --- Registers --- */

static unsigned width(const Iss *iss)
{
    return cpu_is_rv64(iss->cpu) ? 8 : 4;
}

bool gdb_read_register(const Iss *iss, unsigned n, GString *text)
{
    uint64_t value;

    if (n < CPU_REGISTERS) {
        value = cpu_register(iss->cpu, n);
    } else if (n == PC_NUMBER) {
        value = cpu_pc(iss->cpu);
    } else if (n - PC_NUMBER - 1 < G_N_ELEMENTS(machine_registers)) {
        value = engine_get(&iss->cpu->engine, machine_registers[n - PC_NUMBER - 1].reg);
    } else {
        return false;
    }
    put_bytes(text, (const uint8_t *)&value, width(iss));
    return true;
}

bool gdb_write_register(Iss *iss, unsigned n, const char *text)
{
    uint64_t value = 0;

    if (!get_bytes(text, (uint8_t *)&value, width(iss))) {
        return false;
    }
    if (n < CPU_REGISTERS) {
        cpu_set_register(iss->cpu, n, value);
    } else if (n == PC_NUMBER) {
        cpu_set_pc(iss->cpu, value & ~UINT64_C(1));
    } else if (n - PC_NUMBER - 1 < G_N_ELEMENTS(machine_registers)) {
        engine_set(&iss->cpu->engine, machine_registers[n - PC_NUMBER - 1].reg, value);
    } else {
        return false;
    }
    return true;
}

void gdb_read_registers(const Iss *iss, GString *text)
{
    for (unsigned n = 0; n <= PC_NUMBER; n++) {
        (void)gdb_read_register(iss, n, text);
    }
}

bool gdb_write_registers(Iss *iss, const char *text)
{
    const size_t digits = 2 * (size_t)width(iss);

    if (strlen(text) < digits * (PC_NUMBER + 1)) {
        return false;
    }
    for (unsigned n = 0; n <= PC_NUMBER; n++) {
        if (!gdb_write_register(iss, n, text + n * digits)) {
            return false;
        }
    }
    return true;
}

/* --- Memory --- */

/* Whether it is one access, to something that is there. A debugger reads a lot to draw its pictures. */
static bool is_access(const Iss *iss, uint64_t address, uint64_t length)
{
    return (length == 1 || length == 2 || length == 4) && address % length == 0 &&
           board_is_mapped(iss, address);
}

bool gdb_read_memory(Iss *iss, uint64_t address, uint64_t length, GString *text)
{
    uint64_t value;
    const uint8_t *at;

    if (length > GDB_PACKET_BYTES / 2 - 8) {
        return false;
    }
    at = cpu_ram(iss->cpu, address, length);
    if (at) {
        put_bytes(text, at, length);
        return true;
    }
    if (!is_access(iss, address, length) || !board_load(iss, address, (unsigned)length, &value)) {
        return false;
    }
    put_bytes(text, (const uint8_t *)&value, length);
    return true;
}

bool gdb_write_memory(Iss *iss, uint64_t address, uint64_t length, const char *text)
{
    uint64_t value = 0;
    uint8_t *at;

    if (length > GDB_PACKET_BYTES / 2 || strlen(text) < 2 * length) {
        return false;
    }
    at = cpu_ram(iss->cpu, address, length);
    if (at) {
        cpu_ram_written(iss->cpu, address, length);
        return get_bytes(text, at, length);
    }
    return is_access(iss, address, length) && get_bytes(text, (uint8_t *)&value, length) &&
           board_store(iss, address, (unsigned)length, value);
}
