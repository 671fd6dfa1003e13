/*
 * What the shell on a virtio console can do.
 */
#ifndef QOSIM_SOC_FIRMWARE_COMMANDS_H
#define QOSIM_SOC_FIRMWARE_COMMANDS_H

#include "shell.h"

/* Runs a line; the shell's opaque is its ConsolePort. */
void commands_run(Shell *shell, char *line);

/* Whether somebody said "exit". */
bool commands_want_exit(void);

#endif
