/* Random sequences that only a GPIO needs: what takes several registers and lines to come together. */
#ifndef QOSIM_COSIM_REGRESS_STIMULUS_GPIO_H
#define QOSIM_COSIM_REGRESS_STIMULUS_GPIO_H

#include "cosim/regress/stimulus.h"

G_BEGIN_DECLS

#define STIMULUS_GPIO_PATTERNS 3u

/* For RegressDevice.patterns. */
extern void (*const stimulus_gpio_patterns[STIMULUS_GPIO_PATTERNS])(RegressStimulus *stimulus);

G_END_DECLS

#endif
