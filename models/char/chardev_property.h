/*
 * The property that gives a device its chardev: its value is the id of a chardev of the same machine.
 *
 *     DEFINE_PROP_CHR("chardev", VirtConsole, chr),
 *
 * Setting it attaches the CharFrontend, "" leaves it without a chardev. It reads as the chardev's id, or "". The front end
 * is detached when the device is finalized, if the device did not do so itself.
 */
#ifndef QOSIM_MODELS_CHAR_CHARDEV_PROPERTY_H
#define QOSIM_MODELS_CHAR_CHARDEV_PROPERTY_H

#include "models/chardev/chardev_fe.h"
#include "models/core/qdev_properties.h"

extern const PropertyInfo qdev_prop_chr;

#define DEFINE_PROP_CHR(name, state, field)                                                        \
    DEFINE_PROP(name, state, field, qdev_prop_chr, CharFrontend)

#endif
