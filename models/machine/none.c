/* The empty machine: system memory with nothing in it, for devices that a user adds. */
#include "models/core/machine.h"

static void none_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    MACHINE_CLASS(klass)->desc = "empty machine";
}

static const TypeInfo none_types[] = {
    {
        .name = MACHINE_TYPE_NAME("none"),
        .parent = TYPE_MACHINE,
        .class_init = none_class_init,
    },
};

DEFINE_TYPES(none_types)
