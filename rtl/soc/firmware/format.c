#include "format.h"

static void put_number(PutChar *put, void *opaque, uint32_t value, uint32_t base, unsigned width)
{
    char digits[10];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n < width) {
        digits[n++] = '0';
    }
    while (n) {
        put(opaque, digits[--n]);
    }
}

static void put_text(PutChar *put, void *opaque, const char *text)
{
    for (; *text; text++) {
        put(opaque, *text);
    }
}

void format(PutChar *put, void *opaque, const char *text, va_list args)
{
    for (; *text; text++) {
        unsigned width = 0;

        if (*text != '%') {
            put(opaque, *text);
            continue;
        }
        if (text[1] == '0' && text[2] >= '1' && text[2] <= '9') {
            width = (unsigned)(text[2] - '0');
            text += 2;
        }
        switch (*++text) {
        case 'u':
            put_number(put, opaque, va_arg(args, unsigned), 10, width);
            break;
        case 'x':
            put_number(put, opaque, va_arg(args, unsigned), 16, width);
            break;
        case 'c':
            put(opaque, (char)va_arg(args, int));
            break;
        case 's':
            put_text(put, opaque, va_arg(args, const char *));
            break;
        case '\0':
            return;
        default:
            put(opaque, *text);
            break;
        }
    }
}

/* The value of a digit in any base up to 16; at least 16 if it is none. */
static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0');
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

bool parse_number(const char *text, uint32_t *value)
{
    const uint32_t base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
    uint32_t result = 0;

    text += base == 16 ? 2 : 0;
    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        const uint32_t digit = digit_value(*text);

        if (digit >= base || result > (UINT32_MAX - digit) / base) {
            return false;
        }
        result = result * base + digit;
    }
    *value = result;
    return true;
}

bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}
