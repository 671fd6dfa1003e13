/* The SiFive GPIO on sifive_e: docs/devices/sifive_gpio.md; FE310-G002 manual, chapter 17. */
#include "cosim/regress/device_gpio.h"

#include "cosim/regress/coverage.h"
#include "cosim/regress/stimulus_gpio.h"

#define PINS 32
#define ALL UINT32_MAX

#define ROW(name_, offset_, kind_, weight_)                                                        \
    {                                                                                              \
        .name = (name_), .offset = (offset_), .kind = (kind_), .mask = ALL, .hot = ALL,            \
        .weight = (weight_),                                                                       \
    }

static const RegressRegister registers[] = {
    ROW("input_val", 0x00, REGISTER_READ_ONLY, 2),  ROW("input_en", 0x04, REGISTER_READ_WRITE, 3),
    ROW("output_en", 0x08, REGISTER_READ_WRITE, 3), ROW("output_val", 0x0c, REGISTER_READ_WRITE, 3),
    ROW("pue", 0x10, REGISTER_READ_WRITE, 2),       ROW("ds", 0x14, REGISTER_READ_WRITE, 1),
    ROW("rise_ie", 0x18, REGISTER_READ_WRITE, 2),   ROW("rise_ip", 0x1c, REGISTER_WRITE_1_CLEAR, 3),
    ROW("fall_ie", 0x20, REGISTER_READ_WRITE, 2),   ROW("fall_ip", 0x24, REGISTER_WRITE_1_CLEAR, 3),
    ROW("high_ie", 0x28, REGISTER_READ_WRITE, 2),   ROW("high_ip", 0x2c, REGISTER_WRITE_1_CLEAR, 3),
    ROW("low_ie", 0x30, REGISTER_READ_WRITE, 2),    ROW("low_ip", 0x34, REGISTER_WRITE_1_CLEAR, 3),
    ROW("iof_en", 0x38, REGISTER_READ_WRITE, 1),    ROW("iof_sel", 0x3c, REGISTER_READ_WRITE, 1),
    ROW("out_xor", 0x40, REGISTER_READ_WRITE, 2),
};

#define WRITE(offset_, value_)                                                                     \
    {                                                                                              \
        .kind = OP_WRITE, .size = 4, .offset = (offset_), .value = (value_),                       \
    }
/* With some variants a reset alone leaves what is outside as it is. */
static const Op prelude[] = {
    { .kind = OP_RESET },
    WRITE(0x08, ALL),
    WRITE(0x08, 0),
    { .kind = OP_RESET },
};

/* What the hardware functions ask of a pin. */
static const char *const inputs[] = { "iof0-oval", "iof0-oe", "iof0-ie",
                                      "iof1-oval", "iof1-oe", "iof1-ie" };

const RegressDevice regress_gpio = {
    .name = "gpio",
    .size = 0x100,
    .registers = registers,
    .n_registers = G_N_ELEMENTS(registers),
    .n_lines = PINS,
    .inputs = inputs,
    .n_inputs = G_N_ELEMENTS(inputs),
    .type = "sifive_soc.gpio",
    .machine = "sifive_e",
    .base = UINT64_C(0x10012000),
    .lines_path = "/machine/soc",
    .inputs_path = "/machine/soc/riscv.sifive.e.gpio0",
    .first_interrupt = 8,
    .qemu_sink = "riscv.sifive.plic",
    .prelude = prelude,
    .n_prelude = G_N_ELEMENTS(prelude),
    .patterns = stimulus_gpio_patterns,
    .n_patterns = STIMULUS_GPIO_PATTERNS,
    .coverage = &coverage_gpio,
    .goals = regress_gpio_goals,
};
