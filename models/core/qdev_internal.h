/* What the files that make up the device core share, and nobody else needs. */
#ifndef QOSIM_MODELS_CORE_QDEV_INTERNAL_H
#define QOSIM_MODELS_CORE_QDEV_INTERNAL_H

#include "models/core/qdev.h"

/* Takes @dev off its bus, if it is on one. */
void qdev_leave_bus(DeviceState *dev);

/* Accessors of the property "realized". */
bool device_get_realized(Object *obj, GError **error);
bool device_set_realized(Object *obj, bool value, GError **error);

/* False, with the reason in @error, when @obj is a realized device, whose properties are locked. */
bool qdev_prop_check_unlocked(const Object *obj, const char *name, GError **error);

/* Frees a GlobalProperty. */
void qdev_prop_free_global(void *data);

typedef struct LineWatch LineWatch;

/* One list of lines. */
struct NamedGPIOList {
    char *name;          /* NULL: the unnamed list */
    GPtrArray *in;       /* of qemu_irq; references are held */
    GPtrArray *out;      /* of qemu_irq *, the pins in the device's memory */
    LineWatch *watch_in; /* NULL: not watched; references are held */
    LineWatch *watch_out;
};

/* The list called @name, or NULL. */
NamedGPIOList *qdev_find_gpio_list(DeviceState *dev, const char *name);

/* The lines of a watch are gone: forgets their levels and drops the list's reference; NULL is ignored. */
void line_watch_close(LineWatch *watch);

/* Frees the lists of lines that are @dev's; its inputs do nothing from now on. */
void gpio_lines_finalize(DeviceState *dev);

#endif
