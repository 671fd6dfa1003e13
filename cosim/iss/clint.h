/* The demo SoC's timer and software interrupt (docs/soc.md), in C. mtime counts at 10 MHz of virtual time. */
#ifndef QOSIM_COSIM_ISS_CLINT_H
#define QOSIM_COSIM_ISS_CLINT_H

#include <stdbool.h>
#include <stdint.h>

#define CLINT_TICK_NS 100u

typedef struct Clint {
    bool msip;
    uint64_t mtimecmp;
    uint64_t offset; /* mtime is the time in ticks and this */
} Clint;

void clint_init(Clint *clint);

/* @offset is a multiple of 4. */
uint32_t clint_read(const Clint *clint, uint64_t offset, uint64_t now_ns);
void clint_write(Clint *clint, uint64_t offset, uint32_t value, uint64_t now_ns);

bool clint_timer_output(const Clint *clint, uint64_t now_ns);
/* When the timer's interrupt is due, UINT64_MAX if it is now or never is. */
uint64_t clint_deadline(const Clint *clint, uint64_t now_ns);

#endif
