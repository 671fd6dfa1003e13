/* The little of the telnet protocol that a terminal server needs: RFC 854, 857, 858, 856. */
#ifndef QOSIM_MODELS_CHARDEV_TELNET_H
#define QOSIM_MODELS_CHARDEV_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the server says first: it echoes, suppresses go-ahead, and wants binary both ways. */
extern const uint8_t telnet_greeting[12];

/* Where a stream stands between two reads. Zero-initialised at the start of a connection. */
typedef struct TelnetState {
    bool in_command; /* IAC was seen */
    bool in_option;  /* IAC and WILL, WONT, DO or DONT: the option follows */
    bool in_subnegotiation;
} TelnetState;

/* Takes the commands out of @buf in place: how many bytes of data are left. *@breaks counts the breaks among them. */
size_t telnet_filter(TelnetState *state, uint8_t *buf, size_t len, unsigned *breaks);

#endif
