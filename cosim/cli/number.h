/* Numbers as people and scripts write them: 16, 0x10, 020. */
#ifndef QOSIM_COSIM_CLI_NUMBER_H
#define QOSIM_COSIM_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole of @text as a number. A sign or blanks before it are refused. */
bool cli_number(const char *text, uint64_t *value);

/* As cli_number(), or with a minus sign the two's complement of a value that 64 bits hold. */
bool cli_register_value(const char *text, uint64_t *value);

/* As C's strtol() reads it, within int. */
bool cli_int(const char *text, int *value);

/* Access width: b, w, l, q or 1, 2, 4, 8. Returns the bytes, or 0. */
unsigned cli_width(const char *text);

#endif
