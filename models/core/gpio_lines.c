/* Named lists of lines between devices. */
#include "models/core/machine.h"
#include "models/core/qdev.h"
#include "models/core/qdev_internal.h"

#define UNNAMED_IN "unnamed-gpio-in"
#define UNNAMED_OUT "unnamed-gpio-out"

NamedGPIOList *qdev_find_gpio_list(DeviceState *dev, const char *name)
{
    for (GList *item = dev->gpios; item; item = item->next) {
        NamedGPIOList *list = item->data;

        if (g_strcmp0(list->name, name) == 0) {
            return list;
        }
    }
    return NULL;
}

static NamedGPIOList *find_or_make_list(DeviceState *dev, const char *name)
{
    NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    if (!list) {
        list = g_new0(NamedGPIOList, 1);
        list->name = g_strdup(name);
        list->in = g_ptr_array_new_with_free_func(object_unref);
        list->out = g_ptr_array_new();
        dev->gpios = g_list_prepend(dev->gpios, list);
    }
    return list;
}

/* Whoever still holds an input must not reach the device through it any more. */
static void disconnect_input(void *data, void *unused)
{
    (void)unused;
    qemu_irq_disconnect(data);
}

static void free_list(void *data)
{
    NamedGPIOList *list = data;

    g_ptr_array_foreach(list->in, disconnect_input, NULL);
    g_ptr_array_unref(list->in);
    g_ptr_array_unref(list->out);
    line_watch_close(list->watch_in);
    line_watch_close(list->watch_out);
    g_free(list->name);
    g_free(list);
}

void gpio_lines_finalize(DeviceState *dev)
{
    g_list_free_full(g_steal_pointer(&dev->gpios), free_list);
}

/* --- Inputs --- */

void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                                         const char *name, int n)
{
    NamedGPIOList *list = find_or_make_list(dev, name);

    for (int i = 0; i < n; i++) {
        unsigned index = list->in->len;
        qemu_irq irq = qemu_allocate_irq(handler, opaque, (int)index);
        g_autofree char *property = g_strdup_printf("%s[%u]", name ? name : UNNAMED_IN, index);

        g_ptr_array_add(list->in, irq);
        object_property_add_child(OBJECT(dev), property, OBJECT(irq));
    }
}

void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler, const char *name, int n)
{
    qdev_init_gpio_in_named_with_opaque(dev, handler, dev, name, n);
}

void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n)
{
    qdev_init_gpio_in_named(dev, handler, NULL, n);
}

qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n)
{
    const NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    g_assert(list && n >= 0 && (unsigned)n < list->in->len);
    return g_ptr_array_index(list->in, n);
}

qemu_irq qdev_get_gpio_in(DeviceState *dev, int n)
{
    return qdev_get_gpio_in_named(dev, NULL, n);
}

int qdev_count_gpio_in(DeviceState *dev, const char *name)
{
    const NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    return list ? (int)list->in->len : 0;
}

/* --- Outputs --- */

void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name, int n)
{
    NamedGPIOList *list = find_or_make_list(dev, name);

    for (int i = 0; i < n; i++) {
        g_autofree char *property =
            g_strdup_printf("%s[%u]", name ? name : UNNAMED_OUT, list->out->len);

        pins[i] = NULL;
        g_ptr_array_add(list->out, &pins[i]);
        /* Not writable: a user's loop of lines would have no end. */
        object_property_add_link(OBJECT(dev), property, TYPE_IRQ, (Object **)&pins[i], NULL,
                                 OBJ_PROP_LINK_STRONG);
    }
}

void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n)
{
    qdev_init_gpio_out_named(dev, pins, NULL, n);
}

static qemu_irq *find_pin(DeviceState *dev, const char *name, int n)
{
    const NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    g_assert(list && n >= 0 && (unsigned)n < list->out->len);
    return g_ptr_array_index(list->out, n);
}

static void adopt_loose_input(DeviceState *dev, qemu_irq input)
{
    MachineState *machine = qdev_get_machine(dev);

    if (input && machine && !object_get_parent(OBJECT(input))) {
        object_property_add_child(container_get(machine->root, "/machine/unattached"),
                                  "non-qdev-gpio[*]", OBJECT(input));
    }
}

static qemu_irq innermost_intercept(qemu_irq irq)
{
    while (qemu_irq_is_intercept(qemu_irq_intercept_target(irq))) {
        irq = qemu_irq_intercept_target(irq);
    }
    return irq;
}

void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n, qemu_irq input)
{
    qemu_irq *pin = find_pin(dev, name, n);
    qemu_irq old = *pin;

    adopt_loose_input(dev, input);
    if (qemu_irq_is_intercept(old)) {
        qemu_irq_intercept_retarget(innermost_intercept(old), input);
        return;
    }
    object_ref(input);
    *pin = input;
    object_unref(old);
}

void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq input)
{
    qdev_connect_gpio_out_named(dev, NULL, n, input);
}

qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n)
{
    qemu_irq irq = *find_pin(dev, name, n);

    return qemu_irq_is_intercept(irq) ? qemu_irq_intercept_target(innermost_intercept(irq)) : irq;
}

void qdev_intercept_gpio_out(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                             const char *name, int n)
{
    qemu_irq *pin = find_pin(dev, name, n);
    qemu_irq old = *pin;

    *pin = qemu_allocate_intercept(handler, opaque, n, old);
    object_unref(old);
}

int qdev_count_gpio_out(DeviceState *dev, const char *name)
{
    const NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    return list ? (int)list->out->len : 0;
}

/* --- Passing on --- */

static void alias_lines(DeviceState *dev, DeviceState *container, const char *base, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *property = g_strdup_printf("%s[%u]", base, i);

        object_property_add_alias(OBJECT(container), property, OBJECT(dev), property);
    }
}

void qdev_pass_gpios(DeviceState *dev, DeviceState *container, const char *name)
{
    NamedGPIOList *list = qdev_find_gpio_list(dev, name);

    g_assert(list && !qdev_find_gpio_list(container, name));
    alias_lines(dev, container, name ? name : UNNAMED_IN, list->in->len);
    alias_lines(dev, container, name ? name : UNNAMED_OUT, list->out->len);
    dev->gpios = g_list_remove(dev->gpios, list);
    container->gpios = g_list_prepend(container->gpios, list);
}
