/*
 * Text: printf's conversions that firmware needs, numbers the other way, and comparison of words.
 */
#ifndef QOSIM_SOC_FIRMWARE_FORMAT_H
#define QOSIM_SOC_FIRMWARE_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

typedef void PutChar(void *opaque, char c);

/* Formats to @put. %u, %x, %s, %c and %% are known, and %0Nu, %0Nx with N from 1 to 9. */
void format(PutChar *put, void *opaque, const char *text, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Reads all of @text as a decimal number, or a hexadecimal one after 0x. False if it is none, or needs more than 32 bits. */
bool parse_number(const char *text, uint32_t *value);

bool same_text(const char *a, const char *b);

#endif
