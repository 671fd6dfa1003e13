/*
 * What the regression knows of a device: its registers, its lines and where they are on the reference machine. Stimulus, masks,
 * names in files and reports derive from the table.
 */
#ifndef QOSIM_COSIM_REGRESS_DEVICE_H
#define QOSIM_COSIM_REGRESS_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "cosim/regress/op.h"

G_BEGIN_DECLS

typedef enum RegisterKind {
    REGISTER_READ_ONLY,
    REGISTER_READ_WRITE,
    REGISTER_WRITE_1_CLEAR,
} RegisterKind;

typedef struct RegressRegister {
    const char *name;
    uint32_t offset;
    RegisterKind kind;
    uint32_t mask;   /* bits that there are */
    uint32_t hot;    /* bits that are worth most of the stimulus */
    unsigned weight; /* how often it is accessed, relative to the others */
} RegressRegister;

typedef struct RegressDevice {
    const char *name;
    uint32_t size;                    /* of the region in bytes */
    const RegressRegister *registers; /* by offset, 32 bits each */
    size_t n_registers;
    unsigned n_lines; /* inputs, outputs and interrupts: as many of each, 1 to 32 */

    /* On the reference machine */
    const char *type;    /* of properties: TYPE.PROPERTY=VALUE */
    const char *machine; /* both ours and QEMU's */
    uint64_t base;
    const char *lines_path;   /* object that has the input and output lines */
    uint32_t first_interrupt; /* line 0's input of the interrupt sink */
    const char *qemu_sink;    /* QEMU's type of the interrupt sink */

    /* Brings lines and registers to one state, whatever they were; runs before every sequence. */
    const Op *prelude;
    size_t n_prelude;
} RegressDevice;

extern const RegressDevice regress_gpio;

/* The register that holds @offset; NULL when there is none. */
const RegressRegister *regress_register_at(const RegressDevice *device, uint32_t offset);

/* The register called @name; NULL when there is none. */
const RegressRegister *regress_register_named(const RegressDevice *device, const char *name);

/* The name that was most likely meant by @name, NULL when none is near. */
const char *regress_register_near(const RegressDevice *device, const char *name);

/* Mask of the lines that there are. */
uint32_t regress_lines(const RegressDevice *device);

G_END_DECLS

#endif
