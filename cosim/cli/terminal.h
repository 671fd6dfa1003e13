/*
 * A terminal in raw mode: every key goes through as it is typed. Whatever ends the program, the terminal is put back: leaving,
 * exit(), signals that end it, and those that stop it (which make it raw again when it goes on).
 */
#ifndef QOSIM_COSIM_CLI_TERMINAL_H
#define QOSIM_COSIM_CLI_TERMINAL_H

#include <stdbool.h>

/* Makes the terminal at descriptor @fd raw. False with errno when that fails, also when it is no terminal. One at a time. */
bool cli_terminal_enter(int fd);

/* Puts it back; nothing happens when that was done. */
void cli_terminal_leave(void);

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT only show in cli_interrupted(), and SIGPIPE nowhere. */
void cli_catch_signals(void);
bool cli_interrupted(void);

#endif
