/*
 * The interrupt controller: who handles which source.
 */
#ifndef QOSIM_SOC_FIRMWARE_PLIC_H
#define QOSIM_SOC_FIRMWARE_PLIC_H

#include <stdbool.h>
#include <stdint.h>

/* Sources 1 to PLIC_SOURCES - 1. */
#define PLIC_SOURCES 64u

typedef void PlicHandler(unsigned source, void *opaque);

/* From now on @handler is called for each interrupt of @source. It runs with interrupts off. */
void plic_connect(unsigned source, PlicHandler *handler, void *opaque);

/* Whether @source may interrupt; it may once connected. */
void plic_enable(unsigned source, bool enable);

/* Takes all interrupts that are pending; one that nobody connected ends the program. */
void plic_dispatch(void);

/* How many interrupts of @source were taken. */
uint32_t plic_count(unsigned source);

#endif
