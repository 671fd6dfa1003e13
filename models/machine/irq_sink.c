/* Interrupt sink: the lines' levels are kept by the machine's watch MACHINE_WATCH_IRQ, so there is nothing to store. */
#include "models/machine/irq_sink.h"

#include "models/core/qdev_properties.h"

static void irq_sink_set(void *opaque, int n, int level)
{
    (void)opaque, (void)n, (void)level;
}

static bool irq_sink_realize(DeviceState *dev, GError **error)
{
    const IRQSinkState *s = IRQ_SINK(dev);

    if (s->num_sources == 0 || s->num_sources > IRQ_SINK_MAX_SOURCES) {
        return qom_error_set(error, "Property 'num-sources' of '%s' must be 1 to %d, not %u",
                             TYPE_IRQ_SINK, IRQ_SINK_MAX_SOURCES, s->num_sources);
    }
    qdev_init_gpio_in(dev, irq_sink_set, (int)s->num_sources);
    for (int i = 0; i < (int)s->num_sources; i++) {
        qemu_irq_ignore_repeats(qdev_get_gpio_in(dev, i));
    }
    return true;
}

static const Property irq_sink_properties[] = {
    DEFINE_PROP_UINT32("num-sources", IRQSinkState, num_sources, 32),
    DEFINE_PROP_END_OF_LIST(),
};

static void irq_sink_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    device_class_set_props(dc, irq_sink_properties);
    dc->desc = "Interrupt lines to the co-simulating CPU";
    dc->user_creatable = false; /* a machine has one, as /machine/plic */
    dc->hotpluggable = false;
    dc->realize = irq_sink_realize;
}

static const TypeInfo irq_sink_types[] = {
    {
        .name = TYPE_IRQ_SINK,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(IRQSinkState),
        .class_init = irq_sink_class_init,
    },
};

DEFINE_TYPES(irq_sink_types)
