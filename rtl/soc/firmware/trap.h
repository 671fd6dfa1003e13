/*
 * The trap handler of the demo: hands interrupts on, and lets a program try an access that may fault.
 */
#ifndef QOSIM_SOC_FIRMWARE_TRAP_H
#define QOSIM_SOC_FIRMWARE_TRAP_H

#include <stdbool.h>
#include <stdint.h>

/* @expired is called once mtime has reached mtimecmp, with mtimecmp moved to the end of time. */
void trap_set_timer(void (*expired)(void));

/* Loads or stores the word at @address, which is aligned; false if that faults. */
bool try_read32(uint32_t address, uint32_t *value);
bool try_write32(uint32_t address, uint32_t value);

/* Takes the interrupts that are pending. Only here are interrupts on, so that nothing else is interrupted. */
void take_interrupts(void);

#endif
