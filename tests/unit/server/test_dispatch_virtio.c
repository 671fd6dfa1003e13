/* The driver's side of virtio by operations: every action with what it gives, and each refusal with its text. */
#include <string.h>

#include "models/virtio/virtio.h"
#include "tests/unit/server/harness.h"

#define MACHINE                                                                                    \
    "virt -chardev rpc,id=c0 -device virtio-rpc,id=t0 -device virtio-rpc,id=t1 "                   \
    "-device virtio-serial-device,bus=t0.0 -device virtconsole,chardev=c0"
#define RAM UINT64_C(0x80000000)
#define DRIVER (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER)

static QsOperation act(const char *transport, QsVirtioAction action, uint64_t value)
{
    return (QsOperation){
        .kind = QS_OP_VIRTIO,
        .virtio = { .transport = transport, .action = action, .value = value },
    };
}

static const QsResult *succeeds(Harness *h, QsOperation op)
{
    const QsResult *result = harness_op(h, op);

    g_assert_cmpstr(result->status.text, ==, "");
    g_assert_cmpint(result->status.code, ==, QS_STATUS_OK);
    g_assert_cmpint(result->kind, ==, QS_OP_VIRTIO);
    return result;
}

static QsOperation set_queue(uint32_t index, uint32_t size, uint64_t desc, uint64_t driver,
                             uint64_t device)
{
    QsOperation op = act("t0", QS_VIRTIO_SET_QUEUE, 0);

    op.virtio.queue = (QsVirtioQueue){
        .index = index, .size = size, .descriptors = desc, .driver = driver, .device = device
    };
    return op;
}

static void test_state(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);
    const QsResult *r = succeeds(h, act("t0", QS_VIRTIO_STATE, 0));

    g_assert_cmpuint(r->virtio.device_id, ==, 3);
    g_assert_true(r->virtio.offered & (UINT64_C(1) << VIRTIO_F_VERSION_1));
    g_assert_cmphex(r->virtio.accepted, ==, 0);
    g_assert_cmphex(r->virtio.status, ==, 0);
    g_assert_cmphex(r->virtio.isr, ==, 0);
    g_assert_cmpuint(r->virtio.config_size, ==, 12);
    g_assert_cmpuint(r->virtio.queues, ==, 64);
    g_assert_false(r->virtio.has_queue);
    /* By its path as well. */
    succeeds(h, act("/machine/peripheral/t0", QS_VIRTIO_STATE, 0));
}

static void test_who(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    harness_fails(h, act("x", QS_VIRTIO_STATE, 0), QS_STATUS_NOT_FOUND, "Device 'x' not found");
    harness_fails(h, act("/machine", QS_VIRTIO_STATE, 0), QS_STATUS_INVALID_ARGUMENT,
                  "'/machine' is no transport 'virtio-rpc'");
}

static void test_no_device(void)
{
    static const QsVirtioAction actions[] = { QS_VIRTIO_SET_FEATURES, QS_VIRTIO_SET_STATUS,
                                              QS_VIRTIO_GET_QUEUE,    QS_VIRTIO_SET_QUEUE,
                                              QS_VIRTIO_NOTIFY,       QS_VIRTIO_ACKNOWLEDGE };
    g_autoptr(Harness) h = harness_new(MACHINE);
    QsOperation config = act("t1", QS_VIRTIO_READ_CONFIG, 0);

    g_assert_cmpuint(succeeds(h, act("t1", QS_VIRTIO_STATE, 0))->virtio.device_id, ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        harness_fails(h, act("t1", actions[i], 0), QS_STATUS_GENERIC,
                      "Device 't1' carries no virtio device");
    }
    config.virtio.length = 1;
    harness_fails(h, config, QS_STATUS_GENERIC, "Device 't1' carries no virtio device");
}

static void test_features(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);
    uint64_t version_1 = UINT64_C(1) << VIRTIO_F_VERSION_1;
    uint64_t offered = succeeds(h, act("t0", QS_VIRTIO_STATE, 0))->virtio.offered;
    g_autofree char *text = g_strdup_printf(
        "features 0x8000000000000000 are not offered, which are 0x%" G_GINT64_MODIFIER "x",
        offered);

    harness_fails(h, act("t0", QS_VIRTIO_SET_FEATURES, UINT64_C(1) << 63), QS_STATUS_GENERIC, text);
    succeeds(h, act("t0", QS_VIRTIO_SET_STATUS, DRIVER));
    g_assert_cmphex(succeeds(h, act("t0", QS_VIRTIO_SET_FEATURES, version_1))->virtio.accepted, ==,
                    version_1);
    succeeds(h, act("t0", QS_VIRTIO_SET_STATUS, DRIVER | VIRTIO_CONFIG_S_FEATURES_OK));
    harness_fails(h, act("t0", QS_VIRTIO_SET_FEATURES, version_1), QS_STATUS_GENERIC,
                  "features can't be set once FEATURES_OK is");
}

static void test_status(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    g_assert_cmphex(succeeds(h, act("t0", QS_VIRTIO_SET_STATUS, DRIVER))->virtio.status, ==,
                    DRIVER);
    harness_fails(h, act("t0", QS_VIRTIO_SET_STATUS, 0x100), QS_STATUS_GENERIC,
                  "a status has 8 bits, 0x100 has more");
    g_assert_cmphex(succeeds(h, act("t0", QS_VIRTIO_STATE, 0))->virtio.status, ==, DRIVER);
    g_assert_cmphex(succeeds(h, act("t0", QS_VIRTIO_SET_STATUS, 0))->virtio.status, ==, 0);
}

static void test_queues(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);
    const QsVirtioQueue *queue;

    queue = &succeeds(h, act("t0", QS_VIRTIO_GET_QUEUE, 1))->virtio.queue;
    g_assert_cmpuint(queue->index, ==, 1);
    g_assert_cmpuint(queue->max_size, ==, 128);
    g_assert_false(queue->ready);
    queue = &succeeds(h, set_queue(1, 8, RAM, RAM + 0x1002, RAM + 0x2004))->virtio.queue;
    g_assert_cmpuint(queue->size, ==, 8);
    g_assert_cmphex(queue->descriptors, ==, RAM);
    g_assert_cmphex(queue->driver, ==, RAM + 0x1002);
    g_assert_cmphex(queue->device, ==, RAM + 0x2004);
    g_assert_true(queue->ready);
    succeeds(h, act("t0", QS_VIRTIO_SET_STATUS, 0));
    g_assert_false(succeeds(h, act("t0", QS_VIRTIO_GET_QUEUE, 1))->virtio.queue.ready);
}

static void test_queues_refused(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);
    static const char aligned[] =
        "queue 0: the areas of a split ring are aligned to 16, 2 and 4 bytes";

    for (uint32_t index = 64; index < 66; index++) {
        g_autofree char *text =
            g_strdup_printf("there is no queue %u; device 'virtio-serial' has 64", index);

        harness_fails(h, act("t0", QS_VIRTIO_GET_QUEUE, index), QS_STATUS_GENERIC, text);
        harness_fails(h, act("t0", QS_VIRTIO_NOTIFY, index), QS_STATUS_GENERIC, text);
        harness_fails(h, set_queue(index, 8, RAM, RAM, RAM), QS_STATUS_GENERIC, text);
    }
    harness_fails(h, act("t0", QS_VIRTIO_NOTIFY, UINT32_MAX), QS_STATUS_GENERIC,
                  "there is no queue 4294967295; device 'virtio-serial' has 64");
    harness_fails(h, set_queue(0, 0, RAM, RAM, RAM), QS_STATUS_GENERIC,
                  "queue 0 takes rings of 1 to 128 entries, not 0");
    harness_fails(h, set_queue(2, 64, RAM, RAM, RAM), QS_STATUS_GENERIC,
                  "queue 2 takes rings of 1 to 32 entries, not 64");
    harness_fails(h, set_queue(0, 12, RAM, RAM, RAM), QS_STATUS_GENERIC,
                  "queue 0: the size of a split ring is a power of two, not 12");
    harness_fails(h, set_queue(0, 8, RAM + 8, RAM, RAM), QS_STATUS_GENERIC, aligned);
    harness_fails(h, set_queue(0, 8, RAM, RAM + 1, RAM), QS_STATUS_GENERIC, aligned);
    harness_fails(h, set_queue(0, 8, RAM, RAM, RAM + 2), QS_STATUS_GENERIC, aligned);
}

static QsOperation read_config(uint32_t offset, uint32_t length)
{
    QsOperation op = act("t0", QS_VIRTIO_READ_CONFIG, offset);

    op.virtio.length = length;
    return op;
}

static QsOperation write_config(uint32_t offset, const void *bytes, size_t len)
{
    QsOperation op = act("t0", QS_VIRTIO_WRITE_CONFIG, offset);

    op.virtio.data = (QsBytes){ bytes, len };
    return op;
}

static void test_config(void)
{
    static const uint8_t expected[12] = { [4] = 31 };
    g_autoptr(Harness) h = harness_new(MACHINE);
    QsOperation read = { .kind = QS_OP_CHARDEV_READ, .chardev = { .id = "c0", .max = 8 } };
    const QsResult *r = succeeds(h, read_config(0, 12));

    g_assert_cmpmem(r->virtio.config.data, r->virtio.config.len, expected, 12);
    succeeds(h, write_config(8, "!", 1)); /* an emergency write */
    r = harness_op(h, read);
    g_assert_cmpmem(r->chardev_read.data.data, r->chardev_read.data.len, "!", 1);
}

static void test_config_refused(void)
{
    static const uint8_t bytes[QS_MAX_VIRTIO_CONFIG_BYTES + 1];
    g_autoptr(Harness) h = harness_new(MACHINE);
    static const char none[] = "1 to 4096 bytes of a configuration space can be accessed, not 0";
    static const char many[] = "1 to 4096 bytes of a configuration space can be accessed, not 4097";

    harness_fails(h, read_config(0, 0), QS_STATUS_GENERIC, none);
    harness_fails(h, read_config(0, QS_MAX_VIRTIO_CONFIG_BYTES + 1), QS_STATUS_GENERIC, many);
    harness_fails(h, write_config(0, bytes, 0), QS_STATUS_GENERIC, none);
    harness_fails(h, write_config(0, bytes, sizeof(bytes)), QS_STATUS_GENERIC, many);
    harness_fails(h, read_config(10, 4), QS_STATUS_GENERIC,
                  "bytes 10 to 14 are not inside the configuration space, which has 12");
    harness_fails(h, write_config(12, bytes, 1), QS_STATUS_GENERIC,
                  "bytes 12 to 13 are not inside the configuration space, which has 12");
    harness_fails(h, read_config(UINT32_MAX, 1), QS_STATUS_GENERIC,
                  "bytes 4294967295 to 4294967296 are not inside the configuration space, which "
                  "has 12");
}

static void test_notify_and_acknowledge(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    succeeds(h, act("t0", QS_VIRTIO_NOTIFY, 1)); /* without rings: nothing happens */
    g_assert_cmphex(succeeds(h, act("t0", QS_VIRTIO_ACKNOWLEDGE, 3))->virtio.isr, ==, 0);
    harness_fails(h, act("t0", (QsVirtioAction)99, 0), QS_STATUS_GENERIC,
                  "there is no such action");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/dispatch/virtio/state-of-the-device", test_state);
    g_test_add_func("/server/dispatch/virtio/other-things-are-no-transports", test_who);
    g_test_add_func("/server/dispatch/virtio/transport-without-a-device", test_no_device);
    g_test_add_func("/server/dispatch/virtio/features-are-those-offered", test_features);
    g_test_add_func("/server/dispatch/virtio/status-has-8-bits-and-0-resets", test_status);
    g_test_add_func("/server/dispatch/virtio/queues-are-set-and-told", test_queues);
    g_test_add_func("/server/dispatch/virtio/queues-that-cannot-be", test_queues_refused);
    g_test_add_func("/server/dispatch/virtio/configuration", test_config);
    g_test_add_func("/server/dispatch/virtio/configuration-ends", test_config_refused);
    g_test_add_func("/server/dispatch/virtio/notify-and-acknowledge", test_notify_and_acknowledge);
    return g_test_run();
}
