/* Chardevs that clients make, list, use and remove while the machine runs. */
#include "tests/functional/chardev/rig.h"

#include <string.h>

static void fails(const Rig *rig, qosim_result result, qosim_result code, const char *text)
{
    g_assert_cmpint(result, ==, code);
    g_assert_cmpstr(qosim_last_error(rig->session), ==, text);
}

static qosim_result add(Rig *rig, const char *backend, const char *id, const char *option)
{
    const char *const options[] = { option, NULL };

    return qosim_chardev_add(rig->session, backend, id, options, NULL);
}

static void test_add_and_remove(void)
{
    g_autoptr(Rig) rig = rig_new(RIG_VIRT "-chardev null,id=n0", "ipc", NULL);
    char *filename = NULL;

    g_assert_cmpint(qosim_chardev_add(rig->session, "rpc", "c1", NULL, &filename), ==, QOSIM_OK);
    g_assert_cmpstr(filename, ==, "rpc");
    qosim_free(filename);
    rig_qosim(rig, "chardev add memory,id=r1,size=4K", 0, "ringbuf\n");
    rig_qosim(rig, "chardev", 0,
              "n0\tnull\tnull\tclosed\tclosed\tno\t0\n"
              "c1\trpc\trpc\tclosed\topen\tno\t0\n"
              "r1\tringbuf\tringbuf\tclosed\topen\tno\t0\n");
    g_assert_cmpint(qosim_chardev_remove(rig->session, "c1"), ==, QOSIM_OK);
    rig_qosim(rig, "chardev del r1", 0, "");
    fails(rig, qosim_chardev_remove(rig->session, "c1"), QOSIM_ERR_NOT_FOUND,
          "Chardev 'c1' not found");
}

static void test_add_errors(void)
{
    g_autoptr(Rig) rig = rig_new(RIG_VIRT "-chardev rpc,id=c0", "ipc", NULL);

    fails(rig, add(rig, "rpc", "c0", NULL), QOSIM_ERR_GENERIC,
          "Chardev with id 'c0' already exists");
    fails(rig, add(rig, "martian", "c1", NULL), QOSIM_ERR_GENERIC,
          "Failed to add chardev 'c1': 'martian' is not a valid char driver name");
    fails(rig, add(rig, "rpc", "c1", "zap=1"), QOSIM_ERR_GENERIC,
          "Failed to add chardev 'c1': Invalid parameter 'zap'");
    fails(rig, add(rig, "ringbuf", "c1", "size=3"), QOSIM_ERR_GENERIC,
          "Failed to add chardev 'c1': size of ringbuf chardev must be power of two");
    fails(rig, add(rig, "file", "c1", NULL), QOSIM_ERR_GENERIC,
          "Failed to add chardev 'c1': chardev: file: no filename given");
    g_assert_cmpint(add(rig, "rpc", "c1", NULL), ==, QOSIM_OK); /* what failed left nothing */
}

static void test_busy(void)
{
    g_autoptr(Rig) rig = rig_new(RIG_VIRT "-chardev rpc,id=c0 -device virtio-serial-device "
                                          "-device virtconsole,chardev=c0,id=p0",
                                 "ipc", NULL);

    fails(rig, qosim_chardev_remove(rig->session, "c0"), QOSIM_ERR_GENERIC, "Chardev 'c0' is busy");
    g_assert_cmpint(qosim_qom_delete(rig->session, "p0"), ==, QOSIM_OK);
    g_assert_cmpint(qosim_chardev_remove(rig->session, "c0"), ==, QOSIM_OK);
}

static void test_reach(gconstpointer scheme)
{
    static const char *const file_options[] = { "path=out", NULL };
    g_autoptr(Rig) rig = rig_new("-M virt", scheme, NULL);
    qosim_result result = qosim_chardev_add(rig->session, "file", "f", file_options, NULL);

    if (strcmp(scheme, "ipc") == 0) {
        g_assert_cmpint(result, ==, QOSIM_OK);
        return;
    }
    fails(rig, result, QOSIM_ERR_NOT_ALLOWED,
          "chardev backend 'file' reaches beyond the server: only clients at ipc:// may use it");
    fails(rig, add(rig, "rpc", "c1", "logfile=x"), QOSIM_ERR_NOT_ALLOWED,
          "option 'logfile' reaches beyond the server: only clients at ipc:// may use it");
    g_assert_cmpint(add(rig, "rpc", "c1", NULL), ==, QOSIM_OK);
}

static void test_wrong_backend(void)
{
    g_autoptr(Rig) rig = rig_new("-M virt -chardev null,id=n0", "ipc", NULL);
    uint8_t byte;
    size_t n;

    fails(rig, qosim_chardev_write(rig->session, "n0", "x", 1, &n), QOSIM_ERR_GENERIC,
          "chardev 'n0' is no rpc chardev: its other end is null");
    fails(rig, qosim_chardev_read(rig->session, "n0", &byte, 1, &n, NULL), QOSIM_ERR_GENERIC,
          "chardev 'n0' is no rpc chardev: its other end is null");
    fails(rig, qosim_chardev_set_open(rig->session, "x", true), QOSIM_ERR_NOT_FOUND,
          "Chardev 'x' not found");
    fails(rig, qosim_chardev_read(rig->session, "n0", &byte, 0, &n, NULL), QOSIM_ERR_GENERIC,
          "chardev 'n0' is no rpc chardev: its other end is null");
}

static void test_notices(gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Rig) rig = rig_new(RIG_VIRT "-chardev rpc,id=c0 -device virtio-serial-device "
                                          "-device virtserialport,chardev=c0,id=p1",
                                 "ipc", NULL);
    uint8_t bytes[16];
    uint64_t pending;
    size_t n;

    session_guest_start(rig->guest, 2);
    session_guest_open_port(rig->guest, 1);
    rig_expect_events(rig, "c0 open p1 connected ");
    g_assert_cmpuint(session_guest_write(rig->guest, 1, "abc", 3), ==, 3);
    g_assert_cmpuint(session_guest_write(rig->guest, 1, "def", 3), ==, 3);
    rig_expect_events(rig, "c0 output "); /* once: what came later is found by reading */
    g_assert_cmpint(qosim_chardev_read(rig->session, "c0", bytes, 4, &n, &pending), ==, QOSIM_OK);
    g_assert_cmpmem(bytes, n, "abcd", 4);
    g_assert_cmpuint(pending, ==, 2);
    g_assert_cmpint(qosim_chardev_read(rig->session, "c0", bytes, 16, &n, &pending), ==, QOSIM_OK);
    g_assert_cmpmem(bytes, n, "ef", 2);
    g_assert_cmpuint(pending, ==, 0);
    g_assert_cmpuint(session_guest_write(rig->guest, 1, "g", 1), ==, 1);
    rig_expect_events(rig, "c0 output ");
    session_guest_send(rig->guest, 1, SERIAL_PORT_OPEN, 0);
    rig_expect_events(rig, "c0 closed p1 disconnected ");
}

static void test_ringbuf(gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Rig) rig = rig_new(RIG_VIRT "-chardev ringbuf,id=r0,size=8 "
                                          "-device virtio-serial-device "
                                          "-device virtconsole,chardev=r0",
                                 "ipc", NULL);

    session_guest_start(rig->guest, 1);
    session_guest_open_port(rig->guest, 0);
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "0123456789", 10), ==, 10);
    rig_qosim(rig, "chardev read r0", 0, "23456789");
    rig_qosim(rig, "chardev read r0", 0, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chardev/rpc/come-and-go", test_add_and_remove);
    g_test_add_func("/chardev/rpc/say-why-they-cannot-be-made", test_add_errors);
    g_test_add_func("/chardev/rpc/stay-while-a-device-uses-them", test_busy);
    g_test_add_data_func("/chardev/rpc/reach-the-host-for-its-user-only/ipc", "ipc", test_reach);
    g_test_add_data_func("/chardev/rpc/reach-the-host-for-its-user-only/tcp", "tcp", test_reach);
    g_test_add_data_func("/chardev/rpc/reach-the-host-for-its-user-only/ws", "ws", test_reach);
    g_test_add_func("/chardev/rpc/bytes-need-the-right-backend", test_wrong_backend);
    rig_test_homes("/chardev/rpc/notices-come-once", NULL, test_notices);
    rig_test_homes("/chardev/rpc/ringbuf-gives-its-last-bytes", NULL, test_ringbuf);
    return g_test_run();
}
