/*
 * Unicorn, the translator that executes the instructions, and what it does not offer by itself: levels in mip that it will not
 * set, and the privilege mode. Everything that is only so in Unicorn 2.0 is here and in cpu.c.
 */
#ifndef QOSIM_COSIM_ISS_ENGINE_H
#define QOSIM_COSIM_ISS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <unicorn/unicorn.h>

typedef struct Engine {
    uc_engine *uc;
    bool rv64;
    uc_context *context; /* scratch: the engine's state as a block of bytes */
    size_t mip_offset;   /* where in it mip and the mode are */
    size_t mode_offset;
} Engine;

/* Opens RV32IMAC or RV64IMAC in machine mode. Fails if this Unicorn's state is not laid out as any that is known. */
bool engine_open(Engine *engine, bool rv64, GError **error);
void engine_close(Engine *engine);

/* A register, UC_RISCV_REG_…; of RV32 zero-extended. */
uint64_t engine_get(const Engine *engine, int reg);
void engine_set(const Engine *engine, int reg, uint64_t value);

/* The pending bits that the guest reads. The engine takes no interrupt because of them. */
void engine_set_pending(const Engine *engine, uint32_t mip);
/* Privilege mode, 0 to 3. */
unsigned engine_mode(const Engine *engine);
void engine_set_mode(const Engine *engine, unsigned mode);

/*
 * Drops what was translated from these addresses, so that hooks added since take effect. Not from within a callback. (To drop
 * everything, as uc_ctl_flush_tlb() does, takes up to seconds.)
 */
void engine_forget(const Engine *engine, uint64_t address, uint64_t size);

#define ENGINE_ERROR (engine_error_quark())
GQuark engine_error_quark(void);

#endif
