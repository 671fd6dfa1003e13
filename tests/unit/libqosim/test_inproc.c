#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

/* QOSIM_EMBED names fake_embed; CMakeLists.txt sets it. */

static void test_calls(void)
{
    qosim_session *s;
    uint64_t data = 0;

    g_assert_cmpint(qosim_open("inproc:sifive_e -device x", NULL, &s), ==, QOSIM_OK);
    g_assert_cmpstr(qosim_transport(s), ==, "inproc");
    g_assert_cmpint(qosim_write(s, 0x1000, 4, 0x1234, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(s, 0x1000, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0x1234);
    g_assert_cmpint(qosim_post_write(s, 0x1000, 1, 0x57), ==, QOSIM_OK);
    g_assert_cmpint(qosim_poll(s, 0), ==, 1);
    g_assert_true(qosim_irq_level(s, 1));
    g_assert_cmpint(qosim_poll(s, 0), ==, 0);
    qosim_close(s);
}

static void test_bad_options(void)
{
    qosim_session *s;

    g_assert_cmpint(qosim_open("inproc:nonsense", NULL, &s), ==, QOSIM_ERR_NOT_FOUND);
    g_assert_cmpstr(qosim_open_error(), ==, "unsupported machine type: 'nonsense'");
}

static void test_two_servers(void)
{
    qosim_session *a;
    qosim_session *b;
    uint64_t data = 0;

    g_assert_cmpint(qosim_open("inproc:sifive_e -device x", NULL, &a), ==, QOSIM_OK);
    g_assert_cmpint(qosim_open("inproc:sifive_e -device x", NULL, &b), ==, QOSIM_OK);
    g_assert_cmpint(qosim_write(a, 0x1000, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(b, 0x1000, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0);
    qosim_close(a);
    qosim_close(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inproc/calls-and-events", test_calls);
    g_test_add_func("/inproc/bad-options-are-told", test_bad_options);
    g_test_add_func("/inproc/sessions-share-nothing", test_two_servers);
    return g_test_run();
}
