#include "soc.h"

#include <stdarg.h>
#include <stddef.h>

#include "format.h"

uint64_t mtime(void)
{
    uint32_t high, low;

    do {
        high = read32(CLINT_MTIME + 4);
        low = read32(CLINT_MTIME);
    } while (high != read32(CLINT_MTIME + 4));
    return (uint64_t)high << 32 | low;
}

void set_mtimecmp(uint64_t when)
{
    /* No time in between is earlier than both the old and the new one. */
    write32(CLINT_MTIMECMP + 4, 0xffffffff);
    write32(CLINT_MTIMECMP, (uint32_t)when);
    write32(CLINT_MTIMECMP + 4, (uint32_t)(when >> 32));
}

static void print_char(void *opaque, char c)
{
    (void)opaque;
    while (!(read8(CONSOLE_STATUS) & CONSOLE_READY)) {
    }
    write8(CONSOLE, (uint8_t)c);
}

void print(const char *text, ...)
{
    va_list args;

    va_start(args, text);
    format(print_char, NULL, text, args);
    va_end(args);
}

void soc_exit(unsigned code)
{
    write32(FINISHER, code ? (code << 16 | 0x3333) : 0x5555);
    for (;;) {
    }
}

void fail(unsigned code, const char *what)
{
    print("FAIL: %s\n", what);
    soc_exit(code);
}

__attribute__((weak)) void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    print("FAIL: unexpected trap: mcause 0x%x at 0x%x, mtval 0x%x\n", (unsigned)mcause,
          (unsigned)*mepc, (unsigned)mtval);
    soc_exit(99);
}
