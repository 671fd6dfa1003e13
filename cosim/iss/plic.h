/* The demo SoC's interrupt controller (docs/soc.md), in C: one context, level-triggered sources, words only. */
#ifndef QOSIM_COSIM_ISS_PLIC_H
#define QOSIM_COSIM_ISS_PLIC_H

#include <stdbool.h>
#include <stdint.h>

#define PLIC_SOURCES 64u /* 0 is none */

typedef struct Plic {
    uint64_t level;
    uint64_t pending;
    uint64_t serving;
    uint64_t enable;
    uint8_t priority[PLIC_SOURCES];
    uint8_t threshold;
} Plic;

/* @offset is a multiple of 4. A read of the claim register claims. */
uint32_t plic_read(Plic *plic, uint64_t offset);
void plic_write(Plic *plic, uint64_t offset, uint32_t value);

/* Sources that do not exist are ignored. */
void plic_set_level(Plic *plic, uint32_t source, bool level);
/* The line to the CPU. */
bool plic_output(const Plic *plic);

#endif
