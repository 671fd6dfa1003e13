/* The target rtl: of qosim-regress: rtl:BUS[,pins=32,stages=3][,irq=...]; BUS: axil, apb, wishbone, tilelink. */
#ifndef QOSIM_COSIM_REGRESS_RTL_GPIO_TARGET_H
#define QOSIM_COSIM_REGRESS_RTL_GPIO_TARGET_H

#include "cosim/regress/target.h"

G_BEGIN_DECLS

/* What --help says behind "rtl:". */
extern const char gpio_rtl_help[];

Target *gpio_rtl_open(const char *name, const char *rest, const RegressDevice *device,
                      GError **error);

G_END_DECLS

#endif
