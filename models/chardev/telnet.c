#include "models/chardev/telnet.h"

enum {
    IAC = 255,
    DONT = 254,
    DO = 253,
    WONT = 252,
    WILL = 251,
    SUBNEGOTIATION = 250,
    BREAK = 243,
    SUBNEGOTIATION_END = 240,

    OPT_BINARY = 0,
    OPT_ECHO = 1,
    OPT_SUPPRESS_GO_AHEAD = 3,
};

const uint8_t telnet_greeting[12] = {
    IAC, WILL, OPT_ECHO,   IAC, WILL, OPT_SUPPRESS_GO_AHEAD,
    IAC, WILL, OPT_BINARY, IAC, DO,   OPT_BINARY,
};

/* One byte after IAC. Returns whether it is data (a doubled IAC). */
static bool take_command(TelnetState *state, uint8_t byte, unsigned *breaks)
{
    state->in_command = false;
    switch (byte) {
    case IAC:
        return !state->in_subnegotiation;
    case DO:
    case DONT:
    case WILL:
    case WONT:
        state->in_option = true;
        break;
    case SUBNEGOTIATION:
        state->in_subnegotiation = true;
        break;
    case SUBNEGOTIATION_END:
        state->in_subnegotiation = false;
        break;
    case BREAK:
        (*breaks)++;
        break;
    default:
        break;
    }
    return false;
}

size_t telnet_filter(TelnetState *state, uint8_t *buf, size_t len, unsigned *breaks)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t byte = buf[i];
        bool data = false;

        if (state->in_option) {
            state->in_option = false;
        } else if (state->in_command) {
            data = take_command(state, byte, breaks);
        } else if (byte == IAC) {
            state->in_command = true;
        } else {
            data = !state->in_subnegotiation;
        }
        if (data) {
            buf[kept++] = byte;
        }
    }
    return kept;
}
