#include "tests/unit/server/harness.h"

#include <string.h>

#include "models/core/log.h"
#include "models/core/machine.h"
#include "models/core/sysbus.h"
#include "server/dispatch.h"

#define LINES 4
#define MANY 100000 /* of what is done at once */

typedef struct Prober {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    qemu_irq irq[LINES];
    qemu_irq out[LINES];
    VirtualTimer *timer;
    uint32_t kept;
    uint32_t writes;
    uint32_t reads;
    MemTxResult nested;
} Prober;

DECLARE_INSTANCE_CHECKER(Prober, PROBER, TYPE_PROBER)

static MemTxResult prober_read(void *opaque, hwaddr addr, uint64_t *data,
                               unsigned size G_GNUC_UNUSED, MemTxAttrs attrs G_GNUC_UNUSED)
{
    Prober *p = opaque;

    switch (addr) {
    case 0x00:
        *data = p->kept;
        return MEMTX_OK;
    case 0x04:
        *data = p->writes;
        return MEMTX_OK;
    case 0x08:
        return MEMTX_ERROR;
    case 0x18:
        *data = ++p->reads;
        return MEMTX_OK;
    case 0x1c:
        *data = p->nested;
        return MEMTX_OK;
    default:
        return MEMTX_DECODE_ERROR;
    }
}

static void read_self(Prober *p)
{
    uint64_t data;
    MachineState *machine = machine_of(OBJECT(p));

    p->nested = memory_access_read(machine->system_as, p->parent_obj.mmio[0].addr, &data, 4,
                                   MEMTXATTRS_UNSPECIFIED);
}

static MemTxResult prober_write(void *opaque, hwaddr addr, uint64_t data,
                                unsigned size G_GNUC_UNUSED, MemTxAttrs attrs G_GNUC_UNUSED)
{
    Prober *p = opaque;
    MachineState *machine = machine_of(OBJECT(p));

    switch (addr) {
    case 0x00:
        p->kept = (uint32_t)data;
        return MEMTX_OK;
    case 0x04:
        p->writes++;
        return MEMTX_OK;
    case 0x08:
        return MEMTX_ERROR;
    case 0x0c:
        for (uint64_t i = 0; i < MIN(data, MANY); i++) {
            qemu_irq_pulse(p->irq[0]);
        }
        return MEMTX_OK;
    case 0x10:
        for (uint64_t i = 0; i < MIN(data, MANY); i++) {
            log_guest_error(OBJECT(p), "mistake %" PRIu64, i);
        }
        return MEMTX_OK;
    case 0x14:
        virtual_timer_mod(p->timer, virtual_clock_now(machine->clock) + (int64_t)data);
        return MEMTX_OK;
    case 0x1c:
        read_self(p);
        return MEMTX_OK;
    default:
        return MEMTX_DECODE_ERROR;
    }
}

static const MemoryRegionOps prober_ops = {
    .read_with_attrs = prober_read,
    .write_with_attrs = prober_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

static void prober_timer(void *opaque)
{
    Prober *p = opaque;

    qemu_irq_raise(p->irq[1]);
}

static void prober_line(void *opaque, int n, int level)
{
    Prober *p = PROBER(opaque);

    qemu_set_irq(p->out[n], level);
}

static bool prober_realize(DeviceState *dev, GError **error G_GNUC_UNUSED)
{
    Prober *p = PROBER(dev);

    p->timer = virtual_timer_new(machine_of(OBJECT(dev))->clock, prober_timer, p);
    return true;
}

static void prober_unrealize(DeviceState *dev)
{
    g_clear_pointer(&PROBER(dev)->timer, virtual_timer_free);
}

static void prober_init(Object *obj)
{
    Prober *p = PROBER(obj);

    memory_region_init_io(&p->mmio, obj, &prober_ops, p, "prober", 0x100);
    sysbus_init_mmio(&p->parent_obj, &p->mmio);
    for (int i = 0; i < LINES; i++) {
        sysbus_init_irq(&p->parent_obj, &p->irq[i]);
    }
    qdev_init_gpio_in(DEVICE(obj), prober_line, LINES);
    qdev_init_gpio_out(DEVICE(obj), p->out, LINES);
}

static void prober_class_init(ObjectClass *klass, void *data G_GNUC_UNUSED)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = prober_realize;
    dc->unrealize = prober_unrealize;
    dc->user_creatable = true;
}

static const TypeInfo prober_types[] = { {
    .name = TYPE_PROBER,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(Prober),
    .instance_init = prober_init,
    .class_init = prober_class_init,
} };
DEFINE_TYPES(prober_types)

Session *harness_session(Harness *harness, QsRole role)
{
    Session *session = session_new("test", role, false);

    session->last_seen_us = g_get_monotonic_time();
    g_assert_true(machine_host_add_session(harness->host, session));
    return session;
}

Harness *harness_new(const char *text)
{
    Harness *harness = g_new0(Harness, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(ServerOptions) options = NULL;

    module_call_init(MODULE_INIT_QOM);
    text = text ? text : "sifive_e -device prober,id=p,addr=0x20000000,irq=40";
    options = options_parse_line(text, OPTIONS_EMBED, &error);
    g_assert_no_error(error);
    harness->server = server_new("test", options, true, &error);
    g_assert_no_error(error);
    harness->host = harness->server->first;
    harness->session = harness_session(harness, QS_ROLE_DRIVER);
    harness->arena = qs_arena_new(HOST_ARENA_BYTES);
    return harness;
}

void harness_free(Harness *harness)
{
    if (harness) {
        server_free(harness->server);
        qs_arena_free(harness->arena);
        g_free(harness);
    }
}

const QsResult *harness_op(Harness *harness, QsOperation op)
{
    Dispatch d = dispatch_begin(harness->host, harness->session, harness->arena);
    QsResult *result;

    qs_arena_reset(harness->arena);
    result = qs_arena_alloc0(harness->arena, 1, sizeof(*result));
    dispatch_operation(&d, &op, result);
    return result;
}

void harness_fails(Harness *harness, QsOperation op, QsStatusCode code, const char *text)
{
    const QsResult *result = harness_op(harness, op);

    g_assert_cmpstr(result->status.text, ==, text);
    g_assert_cmpint(result->status.code, ==, code);
}

ExecuteOutcome harness_frame(Harness *harness, Session *session, const QsOperation *ops, size_t n,
                             bool posted)
{
    QsClientFrame frame = { .session = { session->token, sizeof(session->token) },
                            .request_id = session->last_id + 1,
                            .operations = ops,
                            .n_operations = n,
                            .posted = posted };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };
    ExecuteOutcome outcome;

    qs_arena_reset(harness->arena);
    memset(&harness->answer, 0, sizeof(harness->answer));
    outcome = execute_frame(harness->host, &origin, harness->arena, &frame, &harness->answer);
    if (outcome.session && outcome.answer == EXECUTE_FRAME) {
        execute_commit(outcome.session, &harness->answer);
    }
    return outcome;
}
