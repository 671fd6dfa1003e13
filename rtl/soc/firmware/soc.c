#include "soc.h"

#include <stdarg.h>

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

static void print_char(char c)
{
    write8(CONSOLE, (uint8_t)c);
}

static void print_number(uint32_t value, uint32_t base)
{
    char digits[10];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n) {
        print_char(digits[--n]);
    }
}

void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            print_char(*format);
            continue;
        }
        switch (*++format) {
        case 'u':
            print_number(va_arg(args, unsigned), 10);
            break;
        case 'x':
            print_number(va_arg(args, unsigned), 16);
            break;
        case 'c':
            print_char((char)va_arg(args, int));
            break;
        case 's':
            for (const char *s = va_arg(args, const char *); *s; s++) {
                print_char(*s);
            }
            break;
        default:
            print_char(*format);
            break;
        }
    }
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
