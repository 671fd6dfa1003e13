/* Servers and connections that misbehave. Each call comes back, says what happened, and the next one is not confused. */
#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

typedef struct Fixture {
    FakeServer *fake;
    qosim_session *s;
} Fixture;

static void set_up(Fixture *f, FakeHook *hook)
{
    f->fake = fake_new(hook);
    fake_start(f->fake);
    g_assert_cmpint(qosim_open(f->fake->url, NULL, &f->s), ==, QOSIM_OK);
}

static void tear_down(Fixture *f)
{
    qosim_close(f->s);
    fake_free(f->fake);
}

static void expect_error(Fixture *f, qosim_result got, qosim_result expected, const char *part)
{
    g_assert_cmpint(got, ==, expected);
    if (!strstr(qosim_last_error(f->s), part)) {
        g_error("\"%s\" does not say \"%s\"", qosim_last_error(f->s), part);
    }
}

static qosim_result read_at(Fixture *f, uint64_t address, uint64_t *data)
{
    return qosim_read(f->s, address, 4, data, NULL);
}

static bool is_read(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind == QS_OP_MMIO_READ;
}

static bool first_read_is_lost(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    (void)peer;
    return is_read(frame) && fake->count++ == 0;
}

static void test_never_answered(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, first_read_is_lost);
    qosim_set_timeout(f.s, 100);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_TIMEOUT, "within 100 ms");
    qosim_set_timeout(f.s, 0);
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    tear_down(&f);
}

/* The first read is answered only when the second has come: its reply is late, and not the second's. */
static bool answer_late(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static uint64_t late_id;
    QsClientFrame late = { 0 };
    QsResult r = { .kind = QS_OP_MMIO_READ, .status = fake_ok, .mmio = { QS_BUS_OK, 0xbad } };

    if (!is_read(frame)) {
        return false;
    }
    if (fake->count++ == 0) {
        late_id = frame->request_id;
        return true;
    }
    late.request_id = late_id;
    fake_set_line(fake, 6, 1);
    fake_reply(fake, &late, peer, &fake_ok, &r, 1);
    fake_answer(fake, frame, peer);
    return true;
}

static void test_late_reply(void)
{
    uint64_t data = 0;
    Fixture f;

    set_up(&f, answer_late);
    g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, 0x600d, NULL), ==, QOSIM_OK);
    qosim_set_timeout(f.s, 100);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_TIMEOUT, "no answer");
    qosim_set_timeout(f.s, 0);
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0x600d);
    /* What the late reply told beside its result counts. */
    g_assert_true(qosim_irq_level(f.s, 6));
    tear_down(&f);
}

/* Executes, keeps the reply, and loses it on the way. */
static bool lose_reply(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsPeer nobody = { .len = 0 };

    (void)peer;
    if (frame->operations[0].kind != QS_OP_MMIO_WRITE || frame->posted) {
        return false;
    }
    fake_set_line(fake, 8, 1);
    fake->posted_errors[fake->n_posted_errors++] =
        (QsPostedError){ 1, 0, { QS_STATUS_GENERIC, "an old one", "" }, QS_BUS_ERROR };
    fake_answer(fake, frame, &nobody);
    return true;
}

static void test_lost_reply(void)
{
    Fixture f;
    char text[32];
    uint64_t data;

    set_up(&f, lose_reply);
    g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, 0x1234, NULL), ==, QOSIM_OK);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_repeated), ==, 1);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_operations), ==, 2); /* Hello and one write */
    g_assert_true(qosim_irq_level(f.s, 8));
    g_assert_cmpuint(qosim_posted_errors(f.s, text, sizeof(text)), ==, 1);
    g_assert_cmpstr(text, ==, "an old one");
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0x1234);
    tear_down(&f);
}

/* As before, and a younger frame comes first: the reply has an old number then. */
static bool lose_reply_then_push(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsPeer nobody = { .len = 0 };

    if (frame->operations[0].kind != QS_OP_MMIO_WRITE) {
        return false;
    }
    fake_set_line(fake, 8, 1);
    fake_answer(fake, frame, &nobody);
    fake_set_line(fake, 9, 1);
    fake_push(fake, peer);
    return true;
}

static void test_lost_reply_and_push(void)
{
    Fixture f;

    set_up(&f, lose_reply_then_push);
    g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, 0x1234, NULL), ==, QOSIM_OK);
    g_assert_true(qosim_irq_level(f.s, 8));
    g_assert_true(qosim_irq_level(f.s, 9));
    tear_down(&f);
}

static bool garbage_first(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame) || fake->count++) {
        return false;
    }
    fake_send_bytes(fake, "\xff\xff\xff\xff", 4, peer);
    return true;
}

static void test_garbage(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, garbage_first);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_PROTOCOL, "ServerFrame");
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    tear_down(&f);
}

static bool garbage_pushed(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake_answer(fake, frame, peer);
    fake_send_bytes(fake, "\xff", 1, peer);
    return true;
}

static void test_garbage_in_poll(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, garbage_pushed);
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    expect_error(&f, qosim_poll(f.s, 20000), QOSIM_ERR_PROTOCOL, "ServerFrame");
    tear_down(&f);
}

static bool wrong_ids(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsResult r = { .kind = QS_OP_MMIO_READ, .status = fake_ok, .mmio = { QS_BUS_OK, 0xbad } };
    QsClientFrame other = { .request_id = frame->request_id + 1 };

    if (!is_read(frame)) {
        return false;
    }
    fake_reply(fake, &other, peer, &fake_ok, &r, 1);
    other.request_id = frame->request_id - 1;
    fake_reply(fake, &other, peer, &fake_ok, &r, 1);
    other.request_id = 0;
    fake_reply(fake, &other, peer, &fake_ok, &r, 1);
    fake_answer(fake, frame, peer);
    return true;
}

static void test_wrong_ids(void)
{
    uint64_t data = 1;
    Fixture f;

    set_up(&f, wrong_ids);
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0);
    tear_down(&f);
}

static bool wrong_results(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsStatus malformed = { QS_STATUS_MALFORMED, "that was no frame", "" };
    static const QsStatus silent = { QS_STATUS_GENERIC, "", "" };
    QsResult r[2] = { { .kind = QS_OP_RESET, .status = fake_ok },
                      { .kind = QS_OP_MMIO_READ, .status = fake_ok, .mmio = { QS_BUS_OK, 0 } } };
    QsClientFrame unnamed = { .request_id = 0 };

    if (!is_read(frame)) {
        return false;
    }
    switch (fake->count++) {
    case 0:
        fake_reply(fake, frame, peer, &fake_ok, r, 1);
        break;
    case 1:
        fake_reply(fake, frame, peer, &fake_ok, r + 1, 0);
        break;
    case 2:
        fake_reply(fake, frame, peer, &fake_ok, r, 2);
        break;
    case 3:
        fake_reply(fake, &unnamed, peer, &malformed, NULL, 0);
        break;
    case 4:
        fake_reply(fake, frame, peer, &silent, NULL, 0);
        break;
    default:
        return false;
    }
    return true;
}

static void test_wrong_results(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, wrong_results);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_PROTOCOL, "another operation");
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_PROTOCOL, "0 results for 1");
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_PROTOCOL, "2 results for 1");
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_PROTOCOL, "that was no frame");
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_GENERIC, "did not say why");
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    tear_down(&f);
}

static bool short_block(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const uint8_t bytes[64];
    QsResult r = { .kind = QS_OP_BLOCK_READ,
                   .status = fake_ok,
                   .block_read = { QS_BUS_OK, { bytes, fake->count ? 64 : 3 } } };

    if (frame->operations[0].kind != QS_OP_BLOCK_READ) {
        return false;
    }
    fake->count++;
    fake_reply(fake, frame, peer, &fake_ok, &r, 1);
    return true;
}

static void test_wrong_block(void)
{
    uint8_t block[16];
    Fixture f;

    set_up(&f, short_block);
    expect_error(&f, qosim_read_block(f.s, FAKE_BASE, block, sizeof(block), NULL),
                 QOSIM_ERR_PROTOCOL, "3 bytes for a block of 16");
    expect_error(&f, qosim_read_block(f.s, FAKE_BASE, block, sizeof(block), NULL),
                 QOSIM_ERR_PROTOCOL, "64 bytes for a block of 16");
    tear_down(&f);
}

static bool forget_session(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsStatus unknown = { QS_STATUS_NO_SESSION, "the session is unknown", "" };

    if (!is_read(frame)) {
        return false;
    }
    fake_reply(fake, frame, peer, &unknown, NULL, 0);
    return true;
}

static void test_lost_session(void)
{
    uint64_t data;
    int frames;
    Fixture f;

    set_up(&f, forget_session);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_DISCONNECTED, "the session is gone");
    frames = g_atomic_int_get(&f.fake->n_frames);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_DISCONNECTED, "the session is gone");
    expect_error(&f, qosim_reset(f.s), QOSIM_ERR_DISCONNECTED, "the session is gone");
    expect_error(&f, qosim_poll(f.s, 1000), QOSIM_ERR_DISCONNECTED, "the session is gone");
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, frames);
    tear_down(&f);
}

static void test_dead_server(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, NULL);
    qosim_set_timeout(f.s, 300);
    fake_stop(f.fake);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_DISCONNECTED, "is lost");
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE, 4, 0), ==, QOSIM_OK);
    expect_error(&f, qosim_flush(f.s), QOSIM_ERR_DISCONNECTED, "is lost");
    g_assert_cmpuint(qosim_posted_errors(f.s, NULL, 0), ==, 1);
    g_assert_cmpint(qosim_poll(f.s, 10), ==, 0);
    tear_down(&f);
}

/* The server's thread cannot close its own end while it is asked; it stops answering, and the test closes it. */
static bool play_dead(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    (void)peer;
    if (is_read(frame)) {
        g_atomic_int_set(&fake->stop, 1);
        return true;
    }
    return false;
}

static gpointer bury(gpointer opaque)
{
    FakeServer *fake = opaque;

    while (!g_atomic_int_get(&fake->stop)) {
        g_usleep(1000);
    }
    fake_stop(fake);
    return NULL;
}

static void test_dies_in_request(void)
{
    uint64_t data;
    GThread *thread;
    Fixture f;

    set_up(&f, play_dead);
    qosim_set_timeout(f.s, 1000);
    thread = g_thread_new("bury", bury, f.fake);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_DISCONNECTED, "is lost");
    g_thread_join(thread);
    tear_down(&f);
}

/* Tells things without end, and never answers. */
static bool flood(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    while (!g_atomic_int_get(&fake->stop)) {
        qs_arena_reset(fake->out);
        fake_set_line(fake, 1, fake->count++ & 1);
        fake_push(fake, peer);
    }
    return true;
}

static void test_flood(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, flood);
    qosim_set_timeout(f.s, 200);
    expect_error(&f, read_at(&f, FAKE_BASE, &data), QOSIM_ERR_TIMEOUT, "within 200 ms");
    g_assert_cmpint(qosim_poll(f.s, 200), >=, 0);
    tear_down(&f);
}

/* A connection that broke, with the same server behind it: the session goes on. */
static void test_reconnect(void)
{
    uint64_t data = 0;
    char text[256];
    Fixture f;

    set_up(&f, NULL);
    g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, 0xcafe, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE + 4, 4, 1), ==, QOSIM_OK);
    g_assert_cmpint(qosim_flush(f.s), ==, QOSIM_OK);
    fake_stop(f.fake);
    fake_start(f.fake);
    g_assert_cmpint(read_at(&f, FAKE_BASE, &data), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0xcafe);
    /* Nobody can tell whether the posted write came through before the break. */
    g_assert_cmpuint(qosim_posted_errors(f.s, text, sizeof(text)), ==, 1);
    g_assert_nonnull(strstr(text, "the connection broke"));
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE + 4, 4, 2), ==, QOSIM_OK);
    g_assert_cmpint(read_at(&f, FAKE_BASE + 4, &data), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 2);
    g_assert_cmpuint(qosim_posted_errors(f.s, NULL, 0), ==, 0);
    tear_down(&f);
}

static bool lose_every_third(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsPeer nobody = { .len = 0 };

    if (frame->operations[0].kind == QS_OP_HELLO || frame->posted || ++fake->count % 3) {
        return false;
    }
    (void)peer;
    fake_answer(fake, frame, &nobody);
    return true;
}

/* A register that counts its writes would show a write that ran twice; here the number of operations does. */
static void test_exactly_once(void)
{
    Fixture f;
    int n = 12;

    set_up(&f, lose_every_third);
    for (int i = 0; i < n; i++) {
        g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, (uint64_t)i, NULL), ==, QOSIM_OK);
    }
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_operations), ==, 1 + n);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_repeated), >=, n / 3);
    tear_down(&f);
}

static gpointer hammer(gpointer url)
{
    qosim_session *s;
    uint64_t data;

    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(qosim_open(url, NULL, &s), ==, QOSIM_OK);
        for (int k = 0; k < 50; k++) {
            g_assert_cmpint(qosim_read(s, FAKE_BASE, 4, &data, NULL), ==, QOSIM_OK);
        }
        qosim_close(s);
    }
    return NULL;
}

/* Sessions in several threads, each with a server of its own. */
static void test_threads(void)
{
    enum { N = 4 };
    FakeServer *fakes[N];
    GThread *threads[N];

    for (int i = 0; i < N; i++) {
        fakes[i] = fake_new(NULL);
        fake_start(fakes[i]);
        threads[i] = g_thread_new("hammer", hammer, fakes[i]->url);
    }
    for (int i = 0; i < N; i++) {
        g_thread_join(threads[i]);
        fake_free(fakes[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trouble/never-answered-is-a-timeout", test_never_answered);
    g_test_add_func("/trouble/late-reply-is-not-the-next-ones", test_late_reply);
    g_test_add_func("/trouble/lost-reply-is-asked-for-again", test_lost_reply);
    g_test_add_func("/trouble/lost-reply-behind-a-push", test_lost_reply_and_push);
    g_test_add_func("/trouble/nothing-is-executed-twice", test_exactly_once);
    g_test_add_func("/trouble/garbage-fails-one-call", test_garbage);
    g_test_add_func("/trouble/garbage-shows-in-poll", test_garbage_in_poll);
    g_test_add_func("/trouble/replies-to-others-are-ignored", test_wrong_ids);
    g_test_add_func("/trouble/wrong-results-are-told", test_wrong_results);
    g_test_add_func("/trouble/wrong-block-length-is-told", test_wrong_block);
    g_test_add_func("/trouble/lost-session-stays-lost", test_lost_session);
    g_test_add_func("/trouble/dead-server-is-an-error-in-time", test_dead_server);
    g_test_add_func("/trouble/server-dies-in-a-request", test_dies_in_request);
    g_test_add_func("/trouble/flood-of-events-ends-at-the-deadline", test_flood);
    g_test_add_func("/trouble/connection-breaks-session-goes-on", test_reconnect);
    g_test_add_func("/trouble/sessions-in-threads", test_threads);
    return g_test_run();
}
