/* The SiFive GPIO on sifive_e, for the program qosim-regress and tests. */
#ifndef QOSIM_COSIM_REGRESS_DEVICE_GPIO_H
#define QOSIM_COSIM_REGRESS_DEVICE_GPIO_H

#include "cosim/regress/device.h"

G_BEGIN_DECLS

extern const RegressDevice regress_gpio;

/* goals/sifive_gpio.goals, as text. */
extern const char regress_gpio_goals[];

G_END_DECLS

#endif
