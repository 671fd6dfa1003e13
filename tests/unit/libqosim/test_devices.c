/* Calls on chardevs and on virtio-rpc: bad arguments, refusals, answers that are wrong, none in time, and no session any more. */
#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

/* Each call once, with arguments that are right. */
typedef qosim_result Call(qosim_session *s);

static uint8_t bytes[16];

static qosim_result chardev_add(qosim_session *s)
{
    return qosim_chardev_add(s, "rpc", "c", NULL, NULL);
}

static qosim_result chardev_remove(qosim_session *s)
{
    return qosim_chardev_remove(s, "c");
}

static qosim_result chardev_list(qosim_session *s)
{
    qosim_chardev *list;
    size_t n;

    return qosim_chardev_list(s, &list, &n);
}

static qosim_result chardev_write(qosim_session *s)
{
    size_t accepted = 99;
    qosim_result rc = qosim_chardev_write(s, "c", bytes, sizeof(bytes), &accepted);

    g_assert_cmpuint(accepted, ==, 0);
    return rc;
}

static qosim_result chardev_read(qosim_session *s)
{
    size_t length = 99;
    qosim_result rc = qosim_chardev_read(s, "c", bytes, sizeof(bytes), &length, NULL);

    g_assert_cmpuint(length, ==, 0);
    return rc;
}

static qosim_result chardev_set_open(qosim_session *s)
{
    return qosim_chardev_set_open(s, "c", true);
}

static qosim_result virtio_get_state(qosim_session *s)
{
    qosim_virtio_state state;

    return qosim_virtio_get_state(s, "t", &state);
}

static qosim_result virtio_set_features(qosim_session *s)
{
    return qosim_virtio_set_features(s, "t", 1);
}

static qosim_result virtio_set_status(qosim_session *s)
{
    return qosim_virtio_set_status(s, "t", 1, NULL);
}

static qosim_result virtio_get_queue(qosim_session *s)
{
    qosim_virtio_queue queue;

    return qosim_virtio_get_queue(s, "t", 1, &queue);
}

static qosim_result virtio_set_queue(qosim_session *s)
{
    const qosim_virtio_queue queue = { .size = 8 };

    return qosim_virtio_set_queue(s, "t", 1, &queue);
}

static qosim_result virtio_read_config(qosim_session *s)
{
    return qosim_virtio_read_config(s, "t", 0, bytes, 4);
}

static qosim_result virtio_write_config(qosim_session *s)
{
    return qosim_virtio_write_config(s, "t", 0, bytes, 4);
}

static qosim_result virtio_notify(qosim_session *s)
{
    return qosim_virtio_notify(s, "t", 1);
}

static qosim_result virtio_acknowledge(qosim_session *s)
{
    return qosim_virtio_acknowledge(s, "t", 1, NULL);
}

static Call *const calls[] = {
    chardev_add,         chardev_remove,   chardev_list,       chardev_write,
    chardev_read,        chardev_set_open, virtio_get_state,   virtio_set_features,
    virtio_set_status,   virtio_get_queue, virtio_set_queue,   virtio_read_config,
    virtio_write_config, virtio_notify,    virtio_acknowledge,
};

static bool is_device_operation(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind >= QS_OP_CHARDEV_ADD &&
           frame->operations[0].kind <= QS_OP_VIRTIO;
}

static bool refuse(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsResult result = { .status = { .code = QS_STATUS_NOT_FOUND, .text = "not here" } };

    if (!is_device_operation(frame)) {
        return false;
    }
    result.kind = frame->operations[0].kind;
    fake_reply(fake, frame, peer, &fake_ok, &result, 1);
    return true;
}

static bool stay_silent(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    (void)fake;
    (void)peer;
    return is_device_operation(frame);
}

static bool lose_session(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    const QsStatus gone = { .code = QS_STATUS_NO_SESSION, .text = "unknown" };

    if (!is_device_operation(frame)) {
        return false;
    }
    fake_reply(fake, frame, peer, &gone, NULL, 0);
    return true;
}

/* Answers that no server may give. */
static bool lie(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const uint8_t many[64];
    QsResult result = { .status = fake_ok };

    if (!is_device_operation(frame)) {
        return false;
    }
    result.kind = frame->operations[0].kind;
    if (result.kind == QS_OP_CHARDEV_WRITE) {
        result.chardev_write.accepted = 17;
    } else if (result.kind == QS_OP_CHARDEV_READ) {
        result.chardev_read.data = (QsBytes){ many, sizeof(many) };
    } else if (result.kind == QS_OP_VIRTIO) {
        result.virtio.config = (QsBytes){ many, sizeof(many) };
    }
    fake_reply(fake, frame, peer, &fake_ok, &result, 1);
    return true;
}

static qosim_session *open_at(FakeServer *fake, int timeout_ms)
{
    const qosim_options options = { .timeout_ms = timeout_ms };
    qosim_session *s;

    fake_start(fake);
    g_assert_cmpint(qosim_open(fake->url, &options, &s), ==, QOSIM_OK);
    return s;
}

static void expect_each(FakeHook *hook, int timeout_ms, qosim_result expected, const char *part)
{
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        FakeServer *fake = fake_new(hook);
        qosim_session *s = open_at(fake, timeout_ms);

        g_assert_cmpint(calls[i](s), ==, expected);
        if (!strstr(qosim_last_error(s), part)) {
            g_error("call %zu: \"%s\" does not say \"%s\"", i, qosim_last_error(s), part);
        }
        qosim_close(s);
        fake_free(fake);
    }
}

static void test_refused(void)
{
    expect_each(refuse, 0, QOSIM_ERR_NOT_FOUND, "not here");
}

static void test_silence(void)
{
    expect_each(stay_silent, 50, QOSIM_ERR_TIMEOUT, "");
}

static void test_session_lost(void)
{
    expect_each(lose_session, 0, QOSIM_ERR_DISCONNECTED, "the session is gone");
}

static void test_lies(void)
{
    static Call *const believed[] = { chardev_write, chardev_read, virtio_get_queue,
                                      virtio_read_config };
    FakeServer *fake = fake_new(lie);
    qosim_session *s = open_at(fake, 0);

    for (size_t i = 0; i < G_N_ELEMENTS(believed); i++) {
        g_assert_cmpint(believed[i](s), ==, QOSIM_ERR_PROTOCOL);
    }
    qosim_close(s);
    fake_free(fake);
}

static void test_arguments(void)
{
    FakeServer *fake = fake_new(NULL);
    qosim_session *s = open_at(fake, 0);
    qosim_virtio_state state;
    gint before;
    size_t n;

    before = g_atomic_int_get(&fake->n_frames);
    g_assert_cmpint(qosim_chardev_write(s, NULL, bytes, 1, &n), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_chardev_read(s, NULL, bytes, 1, &n, NULL), ==,
                    QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_chardev_remove(s, NULL), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_chardev_set_open(s, "\xff", true), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_virtio_get_state(s, NULL, &state), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_virtio_notify(s, NULL, 0), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_virtio_read_config(s, "t", 0, bytes, 0), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_virtio_write_config(s, "t", 0, bytes, 4097), ==,
                    QOSIM_ERR_INVALID_ARGUMENT);
    /* None of it went to the server. */
    g_assert_cmpint(g_atomic_int_get(&fake->n_frames), ==, before);
    qosim_close(s);
    fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libqosim/devices/refusals-have-the-servers-text", test_refused);
    g_test_add_func("/libqosim/devices/silence-ends-in-time", test_silence);
    g_test_add_func("/libqosim/devices/lost-session-says-so", test_session_lost);
    g_test_add_func("/libqosim/devices/impossible-answers-are-not-believed", test_lies);
    g_test_add_func("/libqosim/devices/wrong-arguments-are-not-sent", test_arguments);
    return g_test_run();
}
