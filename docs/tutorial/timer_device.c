/* What qosim-regress is to know of the timer: its registers. Names in files and reports, masks and random values come from here. */
#include "timer.h"

static const RegressRegister registers[] = {
    /* name      offset  kind                 bits         worth most      weight */
    { "ctrl", 0x0, REGISTER_READ_WRITE, 0x00000103, 0x00000103, 3 },
    { "count", 0x4, REGISTER_READ_WRITE, 0xffffffff, 0x00000007, 2 },
    { "compare", 0x8, REGISTER_READ_WRITE, 0xffffffff, 0x00000007, 2 },
};

static const Op prelude[] = { { .kind = OP_RESET } };

const RegressDevice timer_device = {
    .name = "timer",
    .size = 0x10,
    .registers = registers,
    .n_registers = G_N_ELEMENTS(registers),
    .n_lines = 1, /* the interrupt */
    .prelude = prelude,
    .n_prelude = G_N_ELEMENTS(prelude),
};
