/* The bugs that a GPIO may have. */
#include "models/gpio/sifive_gpio.h"
#include "tests/regress/faulty_target.h"

#define BIT(n) (UINT32_C(1) << (n))

static bool is_access(const Op *op, OpKind kind, uint32_t offset)
{
    return op->kind == kind && op->offset == offset && op->size == 4;
}

static Op write_op(uint32_t offset, uint32_t value)
{
    return (Op){ .kind = OP_WRITE, .size = 4, .offset = offset, .value = value };
}

/* --- Registers --- */

static void wrong_reset_value(Faulty *faulty, const Op *op, Outcome *outcome)
{
    if (op->kind == OP_RESET) {
        faulty->memory[0] = 0;
    } else if (op->kind == OP_WRITE && op->offset == SIFIVE_GPIO_REG_DS) {
        faulty->memory[0] = 1;
    } else if (is_access(op, OP_READ, SIFIVE_GPIO_REG_DS) && !faulty->memory[0]) {
        outcome->data |= BIT(4);
    }
}

static void bit_not_stored(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_IOF_SEL)) {
        op->value &= ~BIT(31);
    }
}

static void swapped_halves(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_PUE)) {
        op->value = (op->value >> 16 | op->value << 16) & UINT32_MAX;
    }
}

static void reads_late(Faulty *faulty, const Op *op, Outcome *outcome)
{
    if (is_access(op, OP_READ, SIFIVE_GPIO_REG_OUT_XOR)) {
        uint64_t now = outcome->data;

        outcome->data = faulty->memory[0];
        faulty->memory[0] = now;
    }
}

static void aliased(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (is_access(op, OP_READ, 0x80)) {
        op->offset = SIFIVE_GPIO_REG_INPUT_EN;
    }
}

static void error_on_the_bus(Faulty *faulty, const Op *op, Outcome *outcome)
{
    (void)faulty;
    if (op->kind == OP_READ && op->offset == SIFIVE_GPIO_REG_IOF_EN) {
        outcome->bus = QOSIM_BUS_ERROR;
    }
}

static void third_write_is_lost(Faulty *faulty, Op *op)
{
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_HIGH_IE)) {
        if (++faulty->memory[0] == 3) {
            faulty->memory[0] = 0;
            op->offset = SIFIVE_GPIO_REG_VALUE;
        }
    } else if (op->kind == OP_RESET) {
        faulty->memory[0] = 0;
    }
}

/* --- Pending bits --- */

static void clears_neighbours(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_RISE_IP)) {
        op->value |= (op->value << 1) & UINT32_MAX;
    }
}

static void cleared_by_unrelated_write(Faulty *faulty, Op *op)
{
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_FALL_IE)) {
        faulty_inject(faulty, write_op(SIFIVE_GPIO_REG_FALL_IP, UINT32_MAX));
    }
}

static void cleared_by_read(Faulty *faulty, const Op *op, Outcome *outcome)
{
    (void)outcome;
    if (is_access(op, OP_READ, SIFIVE_GPIO_REG_RISE_IP)) {
        faulty_inject(faulty, write_op(SIFIVE_GPIO_REG_RISE_IP, UINT32_MAX));
    }
}

/* --- Interrupts --- */

static void interrupt_stuck(Faulty *faulty, const Op *op, Outcome *outcome)
{
    (void)faulty;
    (void)op;
    outcome->levels.irq &= ~BIT(17);
}

static void interrupts_swapped(Faulty *faulty, const Op *op, Outcome *outcome)
{
    uint32_t irq = outcome->levels.irq;

    (void)faulty;
    (void)op;
    outcome->levels.irq = (irq & ~(BIT(0) | BIT(1))) | (irq & BIT(0)) << 1 | (irq & BIT(1)) >> 1;
}

/* What was enabled while an interrupt was pending is told one operation late. */
static void interrupt_late(Faulty *faulty, const Op *op, Outcome *outcome)
{
    uint32_t irq = outcome->levels.irq;

    (void)op;
    outcome->levels.irq = (uint32_t)faulty->memory[0];
    faulty->memory[0] = irq;
}

/* --- Pins --- */

static void output_stuck(Faulty *faulty, const Op *op, Outcome *outcome)
{
    (void)faulty;
    (void)op;
    outcome->levels.out &= ~BIT(9);
}

static void no_inversion(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_OUT_XOR)) {
        op->value &= ~BIT(7);
    }
}

static void high_is_not_seen(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (op->kind == OP_LINE && op->line == 30 && op->level > 0) {
        op->level = OP_RELEASED;
    }
}

static void stays_driven(Faulty *faulty, Op *op)
{
    (void)faulty;
    if (op->kind == OP_LINE && op->level == OP_RELEASED && op->line == 12) {
        op->level = 1;
    }
}

/* --- Combinations --- */

/* Only while all of high_ie is set does a write to low_ie go astray. */
static void rare_combination(Faulty *faulty, Op *op)
{
    if (op->kind == OP_RESET) {
        faulty->memory[0] = 0;
    } else if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_HIGH_IE)) {
        faulty->memory[0] = op->value;
    } else if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_LOW_IE) && faulty->memory[0] == UINT32_MAX) {
        op->value &= ~UINT64_C(0xff);
    }
}

/* The reset does not reach one register. */
static void survives_reset(Faulty *faulty, const Op *op, Outcome *outcome)
{
    if (is_access(op, OP_WRITE, SIFIVE_GPIO_REG_DS)) {
        faulty->memory[0] = op->value;
    } else if (op->kind == OP_RESET) {
        faulty->memory[1] = faulty->memory[0] & BIT(3);
        faulty->memory[0] = 0;
    } else if (is_access(op, OP_READ, SIFIVE_GPIO_REG_DS)) {
        outcome->data |= faulty->memory[1];
        faulty->memory[1] = 0;
    }
}

const Fault faults[] = {
    { "wrong-reset-value", NULL, wrong_reset_value, 10 },
    { "bit-not-stored", bit_not_stored, NULL, 10 },
    { "swapped-halves", swapped_halves, NULL, 10 },
    { "reads-late", NULL, reads_late, 10 },
    { "aliased", aliased, NULL, 10 },
    { "error-on-the-bus", NULL, error_on_the_bus, 10 },
    { "third-write-is-lost", third_write_is_lost, NULL, 10 },
    { "clears-neighbours", clears_neighbours, NULL, 10 },
    { "cleared-by-unrelated-write", cleared_by_unrelated_write, NULL, 10 },
    { "cleared-by-read", NULL, cleared_by_read, 10 },
    { "interrupt-stuck", NULL, interrupt_stuck, 10 },
    { "interrupts-swapped", NULL, interrupts_swapped, 10 },
    { "interrupt-late", NULL, interrupt_late, 10 },
    { "output-stuck", NULL, output_stuck, 10 },
    { "no-inversion", no_inversion, NULL, 10 },
    { "high-is-not-seen", high_is_not_seen, NULL, 10 },
    { "stays-driven", stays_driven, NULL, 10 },
    { "rare-combination", rare_combination, NULL, 10 },
    { "survives-reset", NULL, survives_reset, 10 },
};
const size_t n_faults = G_N_ELEMENTS(faults);
