#include "models/char/chardev_property.h"

#include "models/core/machine.h"

static GVariant *get_chr(const Property *prop, const void *field)
{
    const CharFrontend *fe = field;

    (void)prop;
    return qom_value_new_str(fe->chr ? fe->chr->label : "");
}

static bool set_chr(Object *obj, const Property *prop, const char *name, void *field,
                    GVariant *value, GError **error)
{
    CharFrontend *fe = field;
    MachineState *machine = qdev_get_machine(DEVICE(obj));
    const char *type = object_get_typename(obj);
    const char *id;
    Chardev *chr;

    (void)prop;
    if (!qom_value_get_str(value, name, &id, error)) {
        return false;
    }
    if (fe->chr) {
        /* What was set before an option of the device itself is a global. */
        return qom_error_set(error, "-global %s.%s=... conflicts with %s=%s", type, name, name, id);
    }
    if (!*id) {
        return true;
    }
    chr = machine ? chardev_find(machine->root, id) : NULL;
    if (!chr) {
        return qom_error_set(error, "Property '%s.%s' can't find value '%s'", type, name, id);
    }
    if (!qemu_chr_fe_init(fe, chr, error)) {
        g_prefix_error(error, "Property '%s.%s' can't take value '%s': ", type, name, id);
        return false;
    }
    return true;
}

static void release_chr(const Property *prop, void *field)
{
    (void)prop;
    qemu_chr_fe_deinit(field, false);
}

const PropertyInfo qdev_prop_chr = {
    .type = "str",
    .description = "ID of a chardev to use as a backend",
    .get = get_chr,
    .set = set_chr,
    .release = release_chr,
};
