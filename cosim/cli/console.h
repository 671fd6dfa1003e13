/*
 * A console: bytes between two descriptors and a chardev of backend "rpc", both ways at once. No byte is lost: input that the
 * guest does not take is kept and offered again, output is asked for only as fast as it is written.
 */
#ifndef QOSIM_COSIM_CLI_CONSOLE_H
#define QOSIM_COSIM_CLI_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qosim/qosim.h>

#define CONSOLE_BUFFER 65536u

typedef struct Console {
    /* To be set */
    qosim_session *session;
    const char *id;
    int in;
    int out;
    int escape;       /* the byte of the input that ends the console; -1: none */
    int64_t for_ms;   /* ends after that time; 0: no limit */
    int64_t quiet_ms; /* without a limit: ends when the input has, and nothing moved for so long */
    bool (*interrupted)(void); /* ends when true */

    /* State, zeroed */
    uint8_t input
        [CONSOLE_BUFFER]; /* read and not taken by the guest: n_input bytes from first_input on */
    size_t first_input;
    size_t n_input;
    bool input_ended;
    bool refused;     /* the guest did not take all, and has not said since that it will */
    bool drained;     /* there is no output, and the server has not said since that there is */
    int64_t moved_ms; /* when bytes moved last */
    int64_t asked_ms; /* when the server was last asked for output */
    int error;        /* errno of a descriptor that failed */
} Console;

/* Why a console ended. */
typedef enum ConsoleEnd {
    CONSOLE_GOES_ON,
    CONSOLE_ESCAPED,
    CONSOLE_INTERRUPTED,
    CONSOLE_TIME_IS_UP,
    CONSOLE_QUIET,
    CONSOLE_INPUT_FAILED,  /* errno in error */
    CONSOLE_OUTPUT_FAILED, /* errno in error */
    CONSOLE_CALL_FAILED,   /* *result, qosim_last_error() */
} ConsoleEnd;

/* Runs it to its end. Takes the session's event handler. */
ConsoleEnd console_run(Console *console, qosim_result *result);

#endif
