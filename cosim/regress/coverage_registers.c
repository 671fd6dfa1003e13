/*
 * What the register table alone tells: which accesses there were, which bits were written and seen with either value, what
 * clearing did, and what was read after a reset.
 */
#include "cosim/regress/coverage.h"

#define WORD 4u
#define ALL_LANES 0xfu

/* Bin of a set of byte lanes: the set itself. */
static const char *const lane_labels[16] = {
    "0000", "0001", "0010", "0011", "0100", "0101", "0110", "0111",
    "1000", "1001", "1010", "1011", "1100", "1101", "1110", "1111",
};

/* Bytes, halves and the word; and for writes any other set, where the bus has strobes. */
#define READ_LANES 0x911eu
#define WRITE_LANES 0xffffu

/* Indices of points. */
typedef struct RegisterPoints {
    size_t read_lanes;
    size_t write_lanes;
    size_t seen_up;
    size_t seen_down;
    size_t after_reset;
    /* REGISTER_READ_WRITE */
    size_t written_up;
    size_t written_down;
    /* REGISTER_WRITE_1_CLEAR */
    size_t cleared;
    size_t kept;
    /* REGISTER_READ_ONLY */
    size_t ignored;
} RegisterPoints;

typedef struct RegisterState {
    uint32_t seen; /* by the last read of the whole register */
    bool is_seen;  /* that there was, since the reset */

    /* Bits of writes of the whole register since then */
    uint32_t wrote_0;
    uint32_t wrote_1;

    uint32_t held; /* REGISTER_READ_WRITE: what was written or read last */
    bool is_held;

    uint32_t before_reset; /* bits that were set */
    bool was_reset;        /* and neither read nor written since */
} RegisterState;

typedef struct Registers {
    Coverage *coverage;
    const RegressDevice *device;
    RegisterPoints *points;
    RegisterState *states;
    /* Points of what is between and beyond the registers; bin n of an address: bit n is set */
    size_t hole_read;
    size_t hole_write;
    size_t hole_read_address;
    size_t hole_write_address;
} Registers;

static void add_points(Coverage *coverage, const RegressRegister *reg, RegisterPoints *points)
{
    const char *name = reg->name;

    points->read_lanes =
        coverage_add_point(coverage, READ_LANES, lane_labels, "%s.read.lanes", name);
    points->write_lanes =
        coverage_add_point(coverage, WRITE_LANES, lane_labels, "%s.write.lanes", name);
    points->seen_up = coverage_add_point(coverage, reg->mask, NULL, "%s.read.0-1", name);
    points->seen_down = coverage_add_point(coverage, reg->mask, NULL, "%s.read.1-0", name);
    points->after_reset =
        coverage_add_point(coverage, reg->mask, NULL, "%s.read.after-reset", name);
    switch (reg->kind) {
    case REGISTER_READ_WRITE:
        points->written_up = coverage_add_point(coverage, reg->mask, NULL, "%s.write.0-1", name);
        points->written_down = coverage_add_point(coverage, reg->mask, NULL, "%s.write.1-0", name);
        break;
    case REGISTER_WRITE_1_CLEAR:
        points->cleared = coverage_add_point(coverage, reg->mask, NULL, "%s.write.cleared", name);
        points->kept = coverage_add_point(coverage, reg->mask, NULL, "%s.write.kept", name);
        break;
    default:
        points->ignored = coverage_add_point(coverage, reg->mask, NULL, "%s.write.ignored", name);
        break;
    }
}

/* Address bits that offsets without register have. */
static uint32_t hole_bits(const RegressDevice *device)
{
    uint32_t bits = 0;

    for (uint32_t offset = 0; offset < device->size; offset += WORD) {
        bits |= regress_register_at(device, offset) ? 0 : offset;
    }
    return bits;
}

static void add_hole_points(Registers *registers)
{
    Coverage *coverage = registers->coverage;
    uint32_t bits = hole_bits(registers->device);

    if (bits) {
        registers->hole_read =
            coverage_add_point(coverage, READ_LANES, lane_labels, "no-register.read.lanes");
        registers->hole_write =
            coverage_add_point(coverage, WRITE_LANES, lane_labels, "no-register.write.lanes");
        registers->hole_read_address =
            coverage_add_point(coverage, bits, NULL, "no-register.read.address");
        registers->hole_write_address =
            coverage_add_point(coverage, bits, NULL, "no-register.write.address");
    }
}

static void *registers_create(Coverage *coverage)
{
    Registers *registers = g_new0(Registers, 1);
    const RegressDevice *device = coverage_device(coverage);

    registers->coverage = coverage;
    registers->device = device;
    registers->points = g_new0(RegisterPoints, device->n_registers);
    registers->states = g_new0(RegisterState, device->n_registers);
    for (size_t i = 0; i < device->n_registers; i++) {
        add_points(coverage, &device->registers[i], &registers->points[i]);
    }
    add_hole_points(registers);
    return registers;
}

static void registers_begin(void *part)
{
    Registers *registers = part;

    for (size_t i = 0; i < registers->device->n_registers; i++) {
        registers->states[i] = (RegisterState){ .seen = 0 };
    }
}

/* The whole register was read. */
static void read_word(Registers *registers, size_t i, uint32_t data)
{
    const RegisterPoints *points = &registers->points[i];
    RegisterState *state = &registers->states[i];
    Coverage *coverage = registers->coverage;
    uint32_t both = state->wrote_0 & state->wrote_1;

    if (state->is_seen) {
        uint32_t same = ~(state->seen ^ data);

        coverage_hit(coverage, points->seen_up, ~state->seen & data);
        coverage_hit(coverage, points->seen_down, state->seen & ~data);
        if (registers->device->registers[i].kind == REGISTER_WRITE_1_CLEAR) {
            coverage_hit(coverage, points->cleared, state->seen & ~data & state->wrote_1);
            coverage_hit(coverage, points->kept, state->seen & data & state->wrote_0 & ~both);
        } else if (registers->device->registers[i].kind == REGISTER_READ_ONLY) {
            coverage_hit(coverage, points->ignored,
                         same & ((state->wrote_1 & ~data) | (state->wrote_0 & data)));
        }
    }
    if (state->was_reset) {
        coverage_hit(coverage, points->after_reset, state->before_reset);
    }
    *state = (RegisterState){ .seen = data, .is_seen = true, .held = data, .is_held = true };
}

/* The whole register was written. */
static void write_word(Registers *registers, size_t i, uint32_t value)
{
    const RegisterPoints *points = &registers->points[i];
    RegisterState *state = &registers->states[i];

    state->was_reset = false;
    state->wrote_1 |= value;
    state->wrote_0 |= ~value;
    if (registers->device->registers[i].kind == REGISTER_READ_WRITE) {
        if (state->is_held) {
            coverage_hit(registers->coverage, points->written_up, ~state->held & value);
            coverage_hit(registers->coverage, points->written_down, state->held & ~value);
        }
        state->held = value & registers->device->registers[i].mask;
        state->is_held = true;
    }
}

static void access_hole(Registers *registers, bool is_write, uint32_t offset, unsigned lanes)
{
    Coverage *coverage = registers->coverage;

    coverage_hit(coverage, is_write ? registers->hole_write : registers->hole_read,
                 UINT32_C(1) << lanes);
    coverage_hit(coverage, is_write ? registers->hole_write_address : registers->hole_read_address,
                 offset);
}

/* The part of an access that is in the word at @offset. */
static void access_word(Registers *registers, const Op *op, uint32_t offset, unsigned lanes,
                        uint32_t data)
{
    const RegressRegister *reg = regress_register_at(registers->device, offset);
    bool is_write = op->kind == OP_WRITE;
    size_t i = reg ? (size_t)(reg - registers->device->registers) : 0;

    if (!reg) {
        access_hole(registers, is_write, offset, lanes);
        return;
    }
    coverage_hit(registers->coverage,
                 is_write ? registers->points[i].write_lanes : registers->points[i].read_lanes,
                 UINT32_C(1) << lanes);
    if (lanes == ALL_LANES && is_write) {
        write_word(registers, i, data);
    } else if (lanes == ALL_LANES) {
        read_word(registers, i, data);
    } else if (is_write) {
        registers->states[i].is_held = registers->states[i].was_reset = false;
    }
}

static void access_words(Registers *registers, const Op *op, const Outcome *ref)
{
    uint64_t data = op->kind == OP_WRITE ? op->value : ref->data;
    unsigned shift = op->offset % WORD;

    if (op->size <= WORD) {
        unsigned lanes = (op->by_strobes ? op->strobes : (1u << op->size) - 1) << shift;

        access_word(registers, op, op->offset - shift, lanes, (uint32_t)data);
        return;
    }
    for (unsigned i = 0; i < op->size; i += WORD) {
        access_word(registers, op, op->offset + i, ALL_LANES, (uint32_t)(data >> (8 * i)));
    }
}

static void reset_registers(Registers *registers)
{
    for (size_t i = 0; i < registers->device->n_registers; i++) {
        RegisterState *state = &registers->states[i];
        uint32_t before = (state->is_seen ? state->seen : 0) | (state->is_held ? state->held : 0);

        *state = (RegisterState){ .before_reset = before, .was_reset = true };
    }
}

static void registers_ran(void *part, const Op *op, const Outcome *ref)
{
    Registers *registers = part;

    if (op->kind == OP_RESET) {
        reset_registers(registers);
    } else if ((op->kind == OP_READ || op->kind == OP_WRITE) && ref->bus == QOSIM_BUS_OK) {
        access_words(registers, op, ref);
    }
}

static void registers_destroy(void *part)
{
    Registers *registers = part;

    g_free(registers->points);
    g_free(registers->states);
    g_free(registers);
}

const CoverageClass coverage_registers = {
    .create = registers_create,
    .begin = registers_begin,
    .ran = registers_ran,
    .destroy = registers_destroy,
};
