/*
 * What coverage knows of a GPIO's state (FE310-G002 manual, chapter 17): followed from the operations, and put right by whatever
 * the reference is read to be. It is no second model to compare with: it only tells in which state something happened.
 */
#ifndef QOSIM_COSIM_REGRESS_COVERAGE_GPIO_STATE_H
#define QOSIM_COSIM_REGRESS_COVERAGE_GPIO_STATE_H

#include "cosim/regress/op.h"

#define GPIO_FUNCTIONS 2u

typedef enum GpioKind {
    GPIO_RISE,
    GPIO_FALL,
    GPIO_HIGH,
    GPIO_LOW,
    GPIO_KINDS,
} GpioKind;

/* What made pins change. */
typedef enum GpioCause {
    GPIO_BY_INPUT_EN,
    GPIO_BY_OUTPUT_EN,
    GPIO_BY_OUTPUT_VAL,
    GPIO_BY_PUE,
    GPIO_BY_IOF_EN,
    GPIO_BY_IOF_SEL,
    GPIO_BY_OUT_XOR,
    GPIO_BY_OUTSIDE,  /* somebody outside drives */
    GPIO_BY_RELEASE,  /* and lets go */
    GPIO_BY_FUNCTION, /* a hardware function's line */
    GPIO_BY_AGAIN,    /* the level lasts while its pending bit is cleared */
    GPIO_BY_RESET,
    GPIO_CAUSES,
} GpioCause;

typedef struct GpioFunction {
    uint32_t asked[3]; /* output value, output enable, input enable */
    uint32_t present;  /* pins that were seen to have the function */
    uint32_t absent;   /* pins that were seen not to */
} GpioFunction;

enum { GPIO_OVAL, GPIO_OE, GPIO_IE };

typedef struct GpioState {
    /* Registers */
    uint32_t input_en;
    uint32_t output_en;
    uint32_t output_val;
    uint32_t pue;
    uint32_t iof_en;
    uint32_t iof_sel;
    uint32_t out_xor;
    uint32_t enabled[GPIO_KINDS];
    uint32_t pending[GPIO_KINDS];

    /* Outside */
    uint32_t outside;
    uint32_t outside_en;
    GpioFunction function[GPIO_FUNCTIONS];

    /* What follows from them */
    uint32_t taken[GPIO_FUNCTIONS]; /* pins that belong to a function */
    uint32_t oe;
    uint32_t oval; /* with the inversion */
    uint32_t ie;
    uint32_t level; /* of the pin, whether its input is enabled or not */
    uint32_t value; /* input_val */
    uint32_t
        doubt; /* pins of which all this is not known: handed to a function that they may have or not */

    Levels levels;      /* of the reference, when all was settled last */
    unsigned corrected; /* reads that showed something else than was followed */
} GpioState;

/* The state after the device's prelude. Which pins have functions stays known. */
void gpio_state_begin(GpioState *state);

/*
 * Follows one operation, whose *@cause it tells; GPIO_CAUSES if it can change no pin. An access of 8 bytes is two operations, with
 * @ref the same for both.
 */
void gpio_state_follow(GpioState *state, const Op *op, const Outcome *ref, GpioCause *cause);

/* The register of the state at @offset, NULL when none is kept: of input_val, of ds, and of offsets without register. */
uint32_t *gpio_state_register(GpioState *state, uint32_t offset);

#endif
