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

struct RegressStimulus;

typedef struct RegressDevice {
    const char *name;
    uint32_t size;                    /* of the region in bytes */
    const RegressRegister *registers; /* by offset, 32 bits each */
    size_t n_registers;
    unsigned
        n_lines; /* inputs, outputs and interrupts: as many of each, 1 to 32; a target may have fewer */

    /* Lists of further inputs, n_lines each, which other blocks drive; with the names that the model's lists have */
    const char *const *inputs;
    size_t n_inputs;

    /* On the reference machine */
    const char *type; /* of properties: TYPE.PROPERTY=VALUE */
    const char *
        machine; /* both ours and QEMU's; NULL: it is on none, and has targets of the program's own */
    uint64_t base;
    const char *lines_path; /* object that has the input and output lines */
    const char
        *inputs_path; /* object that has the lists of further inputs; NULL where there are none */
    uint32_t first_interrupt; /* line 0's input of the interrupt sink */
    const char *qemu_sink;    /* QEMU's type of the interrupt sink */

    /*
     * Brings the device to one state, whatever was before; runs before every sequence, after all input lines were released and all of
     * the lists set to 0.
     */
    const Op *prelude;
    size_t n_prelude;

    /* Random sequences that are about what the device does with its lines (stimulus.h), beside those for all devices; may be none */
    void (*const *patterns)(struct RegressStimulus *stimulus);
    size_t n_patterns;

    /* Functional coverage beyond what the register table tells, and the goals (coverage.h, goals.h); NULL: none, every bin once */
    const struct CoverageClass *coverage;
    const char *goals;
} RegressDevice;

/* The register that holds @offset; NULL when there is none. */
const RegressRegister *regress_register_at(const RegressDevice *device, uint32_t offset);

/* The register called @name; NULL when there is none. */
const RegressRegister *regress_register_named(const RegressDevice *device, const char *name);

/* The name that was most likely meant by @name, NULL when none is near. */
const char *regress_register_near(const RegressDevice *device, const char *name);

/* Mask of the lowest @n lines. */
uint32_t regress_lines(unsigned n);

G_END_DECLS

#endif
