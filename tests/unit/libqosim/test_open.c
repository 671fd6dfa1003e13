#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

int header_works_in_cxx(void);

static void expect_failure(const char *url, const qosim_options *options, qosim_result expected,
                           const char *part)
{
    qosim_session *s = (qosim_session *)&expected;

    g_assert_cmpint(qosim_open(url, options, &s), ==, expected);
    g_assert_null(s);
    if (!strstr(qosim_open_error(), part)) {
        g_error("\"%s\" does not say \"%s\"", qosim_open_error(), part);
    }
}

static void test_open_and_close(void)
{
    FakeServer *fake = fake_new(NULL);
    qosim_session *s;

    fake->hello.hello.raised = (const uint32_t[]){ 3, 40 };
    fake->hello.hello.n_raised = 2;
    fake_start(fake);
    for (int i = 0; i < 5; i++) {
        g_assert_cmpint(qosim_open(fake->url, NULL, &s), ==, QOSIM_OK);
        g_assert_cmpstr(qosim_transport(s), ==, "shm");
        g_assert_cmpstr(qosim_last_error(s), ==, "");
        g_assert_true(qosim_irq_level(s, 3));
        g_assert_true(qosim_irq_level(s, 40));
        g_assert_false(qosim_irq_level(s, 4));
        g_assert_false(qosim_irq_level(s, UINT32_MAX));
        qosim_close(s);
    }
    qosim_close(NULL);
    fake_free(fake);
}

static bool check_hello(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    const QsOperation *o = &frame->operations[0];

    if (o->kind == QS_OP_HELLO) {
        g_assert_cmpuint(frame->session.len, ==, 0);
        g_assert_cmpuint(frame->n_operations, ==, 1);
        g_assert_cmpuint(o->hello.version, ==, 1);
        g_assert_cmpstr(o->hello.capabilities[0], ==, "push");
        g_assert_cmpstr(o->hello.machine, ==, "m1");
        g_assert_cmpstr(o->hello.create, ==, "sifive_e");
        g_assert_cmpstr(o->hello.client, ==, "a test");
        g_assert_cmpint(o->hello.role, ==, QS_ROLE_DRIVER);
    } else {
        g_assert_cmpuint(frame->session.len, ==, QS_TOKEN_BYTES);
        fake->count += o->kind == QS_OP_BYE;
    }
    fake_answer(fake, frame, peer);
    return true;
}

static void test_options_travel(void)
{
    qosim_options options = {
        .role = QOSIM_ROLE_DRIVER, .machine = "m1", .create = "sifive_e", .client = "a test"
    };
    FakeServer *fake = fake_new(check_hello);
    qosim_session *s;

    fake_start(fake);
    g_assert_cmpint(qosim_open(fake->url, &options, &s), ==, QOSIM_OK);
    qosim_close(s);
    fake_stop(fake);
    g_assert_cmpint(fake->count, ==, 1);
    fake_free(fake);
}

static void test_nobody_there(void)
{
    qosim_options options = { .timeout_ms = 100 };

    expect_failure("ipc:///tmp/qosim-nobody-listens-here", &options, QOSIM_ERR_TIMEOUT,
                   "no answer from ipc:///tmp/qosim-nobody-listens-here within 100 ms; is qosimd "
                   "running?");
    expect_failure("tcp://127.0.0.1:1", &options, QOSIM_ERR_TIMEOUT, "is qosimd running?");
}

static bool say_nothing(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    (void)fake;
    (void)frame;
    (void)peer;
    return true;
}

static void test_mute_server(void)
{
    qosim_options options = { .timeout_ms = 700 };
    FakeServer *fake = fake_new(say_nothing);

    fake_start(fake);
    expect_failure(fake->url, &options, QOSIM_ERR_TIMEOUT, "within 700 ms");
    /* A Hello is sent again, after 250 ms and so on: its nonce tells the server that it is the same. */
    g_assert_cmpint(g_atomic_int_get(&fake->n_frames), >=, 1);
    fake_free(fake);
}

static gpointer start_late(gpointer fake)
{
    g_usleep(200000);
    fake_start(fake);
    return NULL;
}

static void test_late_server(void)
{
    FakeServer *fake = fake_new(NULL);
    GThread *thread = g_thread_new("late", start_late, fake);
    qosim_session *s;

    g_assert_cmpint(qosim_open(fake->url, NULL, &s), ==, QOSIM_OK);
    g_thread_join(thread);
    qosim_close(s);
    fake_free(fake);
}

static void test_other_version(void)
{
    FakeServer *fake = fake_new(NULL);

    fake->hello.hello.version = 2;
    fake_start(fake);
    expect_failure(fake->url, NULL, QOSIM_ERR_PROTOCOL, "version 2 of the protocol");
    fake_free(fake);
}

static bool refuse(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsStatus unsupported = { QS_STATUS_UNSUPPORTED, "version 1 is too old", "" };
    static const QsStatus taken = { QS_STATUS_NOT_ALLOWED, "there is a driver already", "" };

    fake_reply(fake, frame, peer, fake->count++ ? &taken : &unsupported, NULL, 0);
    return true;
}

static void test_refused(void)
{
    FakeServer *fake = fake_new(refuse);

    fake_start(fake);
    expect_failure(fake->url, NULL, QOSIM_ERR_PROTOCOL, "version 1 is too old");
    expect_failure(fake->url, NULL, QOSIM_ERR_NOT_ALLOWED, "there is a driver already");
    fake_free(fake);
}

static bool talk_nonsense(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    (void)frame;
    fake_send_bytes(fake, "HTTP/1.0 400 Bad Request", 24, peer);
    return true;
}

static void test_other_protocol(void)
{
    FakeServer *fake = fake_new(talk_nonsense);

    fake_start(fake);
    expect_failure(fake->url, NULL, QOSIM_ERR_PROTOCOL, "does not answer in Qosim's protocol");
    fake_free(fake);
}

static void test_bad_arguments(void)
{
    qosim_options options = { .timeout_ms = 100, .role = 7 };
    qosim_session *s;

    expect_failure(NULL, NULL, QOSIM_ERR_INVALID_ARGUMENT, "URL is missing");
    g_assert_cmpint(qosim_open("ipc:///tmp/x", NULL, NULL), ==, QOSIM_ERR_INVALID_ARGUMENT);
    expect_failure("ipc:///tmp/x", &options, QOSIM_ERR_INVALID_ARGUMENT, "no such role: 7");
    options.role = 0;
    options.machine = "\xff";
    expect_failure("ipc:///tmp/x", &options, QOSIM_ERR_INVALID_ARGUMENT, "not UTF-8");
    expect_failure("http://x", NULL, QOSIM_ERR_INVALID_ARGUMENT, "inproc:MACHINE");
    expect_failure("", NULL, QOSIM_ERR_INVALID_ARGUMENT, "inproc:MACHINE");
    expect_failure("tcp://localhost", NULL, QOSIM_ERR_INVALID_ARGUMENT, "HOST:PORT");
    expect_failure("ipc://", NULL, QOSIM_ERR_INVALID_ARGUMENT, "path is missing");
    s = NULL;
    g_assert_cmpint(qosim_read(s, 0, 4, NULL, NULL), ==, QOSIM_ERR_INVALID_ARGUMENT);
}

static void test_no_embedded_server(void)
{
    g_setenv("QOSIM_EMBED", "/no/such/library.so", TRUE);
    expect_failure("inproc:sifive_e", NULL, QOSIM_ERR_NOT_FOUND, "/no/such/library.so");
    g_setenv("QOSIM_EMBED", "libm.so.6", TRUE);
    expect_failure("inproc:sifive_e", NULL, QOSIM_ERR_PROTOCOL, "qosim_embed_ops_v1");
    g_unsetenv("QOSIM_EMBED");
}

static void test_cxx(void)
{
    g_assert_cmpint(header_works_in_cxx(), ==, QOSIM_ERR_INVALID_ARGUMENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/open/session-opens-and-closes", test_open_and_close);
    g_test_add_func("/open/options-travel-and-bye-ends", test_options_travel);
    g_test_add_func("/open/nobody-there-is-an-error-in-time", test_nobody_there);
    g_test_add_func("/open/mute-server-is-an-error-in-time", test_mute_server);
    g_test_add_func("/open/server-may-come-late", test_late_server);
    g_test_add_func("/open/other-version-is-refused", test_other_version);
    g_test_add_func("/open/refusal-is-told", test_refused);
    g_test_add_func("/open/other-protocol-is-told", test_other_protocol);
    g_test_add_func("/open/bad-arguments-are-refused", test_bad_arguments);
    g_test_add_func("/open/inproc/missing-library-is-told", test_no_embedded_server);
    g_test_add_func("/open/header-is-cxx-too", test_cxx);
    return g_test_run();
}
