/* Ports that come and go while the guest runs, by the program qosim. */
#include "tests/functional/chardev/rig.h"

static void messages(Rig *rig, const char *expected)
{
    g_autofree char *text = session_guest_messages(rig->guest);

    g_assert_cmpstr(text, ==, expected);
}

static Rig *rig_with_serial(void)
{
    Rig *rig =
        rig_new(RIG_VIRT "-chardev rpc,id=c1 -device virtio-serial-device,id=vser", "ipc", NULL);

    session_guest_start(rig->guest, 2);
    session_guest_send(rig->guest, UINT32_MAX, SERIAL_DEVICE_READY, 1);
    messages(rig, "");
    return rig;
}

static void test_plug(gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Rig) rig = rig_with_serial();
    size_t n;

    rig_qosim(rig, "add virtserialport,id=p1,chardev=c1,name=org.qosim.test,nr=1", 0,
              "/machine/peripheral/p1\n");
    messages(rig, "1:OPEN=1 1:ADD=1 ");
    session_guest_send(rig->guest, 1, SERIAL_PORT_READY, 1);
    messages(rig, "1:NAME=1 'org.qosim.test' 1:OPEN=1 ");
    session_guest_send(rig->guest, 1, SERIAL_PORT_OPEN, 1);
    rig_expect_events(rig, "c1 open p1 connected ");
    g_assert_cmpint(qosim_chardev_write(rig->session, "c1", "x", 1, &n), ==, QOSIM_OK);
    g_assert_cmpuint(n, ==, 1);
    rig_qosim(rig, "del p1", 0, "");
    messages(rig, "1:REMOVE=1 ");
    rig_expect_events(rig, "c1 closed deleted p1 ");
    rig_qosim(rig, "del p1", 1, "qosim: del: Device 'p1' not found\n");
    /* The chardev is free again, and so are the number and the id. */
    rig_qosim(rig, "add virtserialport,id=p1,chardev=c1,nr=1", 0, "/machine/peripheral/p1\n");
    messages(rig, "1:OPEN=1 1:ADD=1 ");
}

static void test_refused(void)
{
    g_autoptr(Rig) rig = rig_with_serial();

    rig_qosim(rig, "add virtserialport,id=p1,chardev=c1,nr=1", 0, "/machine/peripheral/p1\n");
    rig_qosim(rig, "add virtserialport,id=p2,nr=1", 1,
              "qosim: add: virtio-serial-bus: A port already exists at id 1\n");
    rig_qosim(rig, "add virtserialport,id=p2,chardev=c1", 1,
              "qosim: add: Property 'virtserialport.chardev' can't take value 'c1': Device 'c1' is "
              "in use\n");
    rig_qosim(rig, "add virtserialport,id=p2,chardev=c9", 1,
              "qosim: add: Property 'virtserialport.chardev' can't find value 'c9'\n");
    rig_qosim(rig, "add nonsense", 1, "qosim: add: invalid object type: nonsense\n");
    rig_qosim(rig, "add virtio-serial-device", 1,
              "qosim: add: Bus 'virtio-mmio-bus.6' does not support hotplugging\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    rig_test_homes("/hotplug/ports-come-and-go", NULL, test_plug);
    g_test_add_func("/hotplug/says-why-not", test_refused);
    return g_test_run();
}
