#include "cosim/iss/console.h"

#define UART_THR 0u
#define UART_IER 1u
#define UART_IIR 2u
#define UART_LSR 5u
#define IER_THRI 0x02u
#define IIR_NONE 0x01u
#define IIR_THRI 0x02u
#define LSR_EMPTY 0x60u

bool console_output(const Console *console)
{
    return (console->interrupt_enable & IER_THRI) && console->interrupt_pending;
}

static uint8_t read_byte(Console *console, uint64_t offset)
{
    switch (offset) {
    case UART_IER:
        return console->interrupt_enable;
    case UART_IIR:
        if (!console_output(console)) {
            return IIR_NONE;
        }
        console->interrupt_pending = false; /* to read the cause is to acknowledge it */
        return IIR_THRI;
    case UART_LSR:
        return LSR_EMPTY;
    default:
        return 0;
    }
}

static void write_byte(Console *console, uint64_t offset, uint8_t value)
{
    switch (offset) {
    case UART_THR:
        fputc(value, console->out);
        if (value == '\n') {
            fflush(console->out);
        }
        console->interrupt_pending = true;
        break;
    case UART_IER:
        if ((value & ~console->interrupt_enable) & IER_THRI) {
            console->interrupt_pending = true;
        }
        console->interrupt_enable = value & 0x0f;
        break;
    default:
        break;
    }
}

uint32_t console_read(Console *console, uint64_t offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned lane = 0; lane < size; lane++) {
        value |= (uint32_t)read_byte(console, offset + lane) << 8 * lane;
    }
    return value;
}

void console_write(Console *console, uint64_t offset, unsigned size, uint32_t value)
{
    for (unsigned lane = 0; lane < size; lane++) {
        write_byte(console, offset + lane, (uint8_t)(value >> 8 * lane));
    }
}
