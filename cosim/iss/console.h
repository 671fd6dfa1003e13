/*
 * The console: the transmit half of a 16550 that is never busy. A byte stored to offset 0 goes to standard output. Its interrupt
 * (transmitter empty) is there for programs that want one; the demo SoC's console has none.
 */
#ifndef QOSIM_COSIM_ISS_CONSOLE_H
#define QOSIM_COSIM_ISS_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Console {
    FILE *out;
    uint8_t interrupt_enable;
    bool interrupt_pending;
} Console;

uint32_t console_read(Console *console, uint64_t offset, unsigned size);
void console_write(Console *console, uint64_t offset, unsigned size, uint32_t value);
bool console_output(const Console *console);

#endif
