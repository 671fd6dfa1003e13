/* virtio-serial without registers: the driver's side by calls, rings in the server's RAM by block operations. */
#include "tests/functional/chardev/rig.h"

#include <string.h>

#define VIRTIO                                                                                     \
    "-M virt -chardev rpc,id=c0 -device virtio-rpc,id=t0 "                                         \
    "-device virtio-serial-device,bus=t0.0 -device virtconsole,chardev=c0"

static void fails(const Rig *rig, qosim_result result, const char *text)
{
    g_assert_cmpint(result, <, QOSIM_OK);
    g_assert_cmpstr(qosim_last_error(rig->session), ==, text);
}

static void test_serial(gconstpointer scheme)
{
    g_autoptr(Rig) rig = rig_new(VIRTIO, scheme, "t0");
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    qosim_virtio_state state;
    uint32_t left;
    char text[8];
    size_t n;

    session_guest_start(rig->guest, 1);
    session_guest_open_port(rig->guest, 0);
    g_string_truncate(rig->events, 0);
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "hello", 5), ==, 5);
    rig_expect_events(rig, "c0 output /machine/peripheral/t0 used 1 ");
    g_assert_cmpint(qosim_virtio_get_state(rig->session, "t0", &state), ==, QOSIM_OK);
    g_assert_cmpuint(state.device_id, ==, 3);
    g_assert_cmpuint(state.queues, ==, 64);
    g_assert_cmpuint(state.config_size, ==, 12);
    g_assert_cmpuint(state.interrupt_status & 1, ==, 1);
    g_assert_cmpint(qosim_virtio_acknowledge(rig->session, "t0", 3, &left), ==, QOSIM_OK);
    g_assert_cmpuint(left, ==, 0);
    g_assert_cmpint(qosim_chardev_read(rig->session, "c0", text, 8, &n, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(text, n, "hello", 5);
    g_assert_cmpint(qosim_chardev_write(rig->session, "c0", "world", 5, &n), ==, QOSIM_OK);
    g_assert_cmpuint(n, ==, 5);
    rig_expect_events(rig, "/machine/peripheral/t0 used 0 ");
    session_guest_receive(rig->guest, 0, bytes);
    g_assert_cmpmem(bytes->data, bytes->len, "world", 5);
}

static void test_config(void)
{
    g_autoptr(Rig) rig = rig_new(VIRTIO, "ipc", "t0");
    uint32_t ports = 0;
    uint32_t emergency = GUINT32_TO_LE('!');
    char text[2];
    size_t n;

    g_assert_cmpint(qosim_virtio_read_config(rig->session, "t0", 4, &ports, 4), ==, QOSIM_OK);
    g_assert_cmpuint(GUINT32_FROM_LE(ports), ==, 31);
    g_assert_cmpint(qosim_virtio_write_config(rig->session, "t0", 8, &emergency, 4), ==, QOSIM_OK);
    g_assert_cmpint(qosim_chardev_read(rig->session, "c0", text, 2, &n, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(text, n, "!", 1);
    fails(rig, qosim_virtio_read_config(rig->session, "t0", 10, &ports, 4),
          "bytes 10 to 14 are not inside the configuration space, which has 12");
}

static void test_mistakes(void)
{
    g_autoptr(Rig) rig = rig_new(VIRTIO " -device virtio-rpc,id=t1", "ipc", "t0");
    qosim_virtio_queue queue = { .size = 3, .descriptors = 0x80000000 };
    qosim_virtio_state state;

    fails(rig, qosim_virtio_get_state(rig->session, "nobody", &state), "Device 'nobody' not found");
    fails(rig, qosim_virtio_get_state(rig->session, "/machine", &state),
          "'/machine' is no transport 'virtio-rpc'");
    g_assert_cmpint(qosim_virtio_get_state(rig->session, "t1", &state), ==, QOSIM_OK);
    g_assert_cmpuint(state.device_id, ==, 0);
    fails(rig, qosim_virtio_notify(rig->session, "t1", 0), "Device 't1' carries no virtio device");
    fails(rig, qosim_virtio_set_status(rig->session, "t0", 0x100, NULL),
          "a status has 8 bits, 0x100 has more");
    fails(rig, qosim_virtio_set_queue(rig->session, "t0", 0, &queue),
          "queue 0: the size of a split ring is a power of two, not 3");
    queue.size = 256;
    fails(rig, qosim_virtio_set_queue(rig->session, "t0", 0, &queue),
          "queue 0 takes rings of 1 to 128 entries, not 256");
    queue.size = 8;
    queue.descriptors = 0x80000001;
    fails(rig, qosim_virtio_set_queue(rig->session, "t0", 0, &queue),
          "queue 0: the areas of a split ring are aligned to 16, 2 and 4 bytes");
    g_assert_cmpint(qosim_virtio_set_status(rig->session, "t0", 0x0b, NULL), ==, QOSIM_OK);
    fails(rig, qosim_virtio_set_features(rig->session, "t0", 0),
          "features can't be set once FEATURES_OK is");
}

static void test_plug(void)
{
    g_autoptr(Rig) rig = rig_new("-M virt", "ipc", "t0");

    rig_qosim(rig, "add virtio-rpc,id=t0", 0, "/machine/peripheral/t0\n");
    rig_qosim(rig, "add virtio-serial-device,id=v,bus=t0.0", 0, "/machine/peripheral/v\n");
    rig_qosim(rig, "chardev add rpc,id=c0", 0, "rpc\n");
    rig_qosim(rig, "add virtconsole,id=p,chardev=c0", 0, "/machine/peripheral/p\n");
    session_guest_start(rig->guest, 1);
    rig_qosim(rig, "del v", 0, "");
    rig_qosim(rig, "del t0", 0, "");
    rig_qosim(rig, "chardev del c0", 0, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    rig_test_homes("/virtio-rpc/serial-goes-both-ways/ipc", "ipc", test_serial);
    rig_test_homes("/virtio-rpc/serial-goes-both-ways/tcp", "tcp", test_serial);
    g_test_add_func("/virtio-rpc/configuration", test_config);
    g_test_add_func("/virtio-rpc/mistakes-are-told", test_mistakes);
    g_test_add_func("/virtio-rpc/comes-and-goes-while-running", test_plug);
    return g_test_run();
}
