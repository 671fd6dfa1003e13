#ifndef TIMER_H
#define TIMER_H

#include "cosim/regress/target.h"

G_BEGIN_DECLS

/* Time between two ticks, in which the RTL's bench has one clock. */
#define TIMER_TICK_NS 10u

extern const RegressDevice timer_device;

/* The reference: a target of kind "c". */
Target *timer_model_open(const char *name, const char *rest, const RegressDevice *device,
                         GError **error);

/* The RTL: a target of kind "rtl". */
Target *timer_rtl_open(const char *name, const char *rest, const RegressDevice *device,
                       GError **error);

G_END_DECLS

#endif
