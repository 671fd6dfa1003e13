/*
 * A line of input, edited as one types, and the words of it. What the lines mean is somebody else's.
 */
#ifndef QOSIM_SOC_FIRMWARE_SHELL_H
#define QOSIM_SOC_FIRMWARE_SHELL_H

#include <stdbool.h>

#include "format.h"

#define SHELL_PROMPT "soc> "
#define SHELL_LINE_BYTES 128u
#define SHELL_WORDS 8u

typedef struct Shell Shell;

struct Shell {
    PutChar *put;
    void *opaque; /* put's */
    /* A line that is not empty has come, without its end; it may be changed. */
    void (*run)(Shell *shell, char *line);

    char line[SHELL_LINE_BYTES];
    unsigned length;
    bool after_return;    /* a line feed now ends no line */
    unsigned char escape; /* bytes of an escape sequence so far */
    bool ended;           /* set by a command: no more prompts, no more input */
};

/* Forgets what was typed, and prompts. */
void shell_start(Shell *shell);

/*
 * Takes one byte. CR, LF and both together end a line; backspace and delete take back a character, Ctrl-U the line; Ctrl-C
 * drops the line; escape sequences (arrow keys) do nothing, nor do other control characters. What does not fit rings.
 */
void shell_input(Shell *shell, char c);

void shell_print(Shell *shell, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* Cuts @line into words at its spaces; returns how many there are, SHELL_WORDS + 1 for more than fit. */
unsigned shell_split(char *line, char *words[SHELL_WORDS]);

#endif
