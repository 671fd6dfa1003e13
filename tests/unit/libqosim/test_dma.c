/* Requests for the client's memory, from a server that does things a good one does only when frames were lost. */
#include <string.h>

#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

/* The client's side: one page, and what was done to it. */
typedef struct Memory {
    uint8_t bytes[4096];
    GString *trace;
    int result;
} Memory;

static int serve(void *opaque, uint64_t address, void *data, size_t length, bool is_write)
{
    Memory *memory = opaque;

    g_string_append_printf(memory->trace, "%c%zu@%x ", is_write ? 'w' : 'r', length,
                           (unsigned)address);
    memcpy(is_write ? memory->bytes + address : data, is_write ? data : memory->bytes + address,
           length);
    return memory->result;
}

static void note_event(void *opaque, const qosim_event *event)
{
    Memory *memory = opaque;

    g_string_append_printf(memory->trace, "line%u ", event->line);
}

static qosim_session *open_driver(FakeServer *fake, Memory *memory)
{
    qosim_options options = { .role = QOSIM_ROLE_DRIVER, .dma = serve, .dma_opaque = memory };
    qosim_session *s;

    memory->trace = g_string_new(NULL);
    fake_start(fake);
    if (qosim_open(fake->url, &options, &s) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    qosim_set_event_handler(s, note_event, memory);
    return s;
}

static void close_driver(FakeServer *fake, Memory *memory, qosim_session *s)
{
    qosim_close(s);
    fake_free(fake);
    g_string_free(memory->trace, TRUE);
}

static void ask(FakeServer *fake, const QsPeer *peer, QsDmaRequest request)
{
    QsServerFrame frame = { .sequence = ++fake->sequence,
                            .events = fake->events,
                            .n_events = fake->n_events,
                            .has_dma_request = true,
                            .dma_request = request };

    fake_send(fake, &frame, peer);
    fake->n_events = 0;
}

/* What a hook got of the client's answers; read when the server has stopped. */
static GString *answers;
static QsOperation waiting;
static uint64_t waiting_id;

static void note_answer(const QsClientFrame *frame)
{
    g_string_append_printf(answers, "%d:%d:", (int)frame->dma_response.id,
                           (int)frame->dma_response.result);
    g_string_append_len(answers, (const char *)frame->dma_response.data.data,
                        (gssize)frame->dma_response.data.len);
    g_string_append_c(answers, ' ');
}

static bool is_access(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind == QS_OP_MMIO_WRITE;
}

static void keep_request(const QsClientFrame *frame)
{
    waiting = frame->operations[0];
    waiting_id = frame->request_id;
}

static void answer_request(FakeServer *fake, const QsPeer *peer)
{
    QsClientFrame frame = { .request_id = waiting_id, .operations = &waiting, .n_operations = 1 };

    fake_answer(fake, &frame, peer);
}

static void expect_answers(const char *expected)
{
    g_assert_cmpstr(answers->str, ==, expected);
    g_string_free(g_steal_pointer(&answers), TRUE);
}

/* --- In the middle of a call --- */

static bool ask_twice_in_a_call(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (is_access(frame)) {
        keep_request(frame);
        fake_set_line(fake, 3, 1);
        ask(fake, peer, (QsDmaRequest){ .id = 1, .address = 16, .length = 4 });
        return true;
    }
    if (!frame->has_dma_response) {
        return false;
    }
    note_answer(frame);
    if (frame->dma_response.id == 1) {
        ask(fake, peer,
            (QsDmaRequest){ .id = 2,
                            .address = 32,
                            .length = 3,
                            .is_write = true,
                            .data = { (const uint8_t *)"xyz", 3 } });
    } else {
        fake_set_line(fake, 4, 1);
        answer_request(fake, peer);
    }
    return true;
}

static void test_in_a_call(void)
{
    FakeServer *fake = fake_new(ask_twice_in_a_call);
    Memory memory = { .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);

    answers = g_string_new(NULL);
    memcpy(memory.bytes + 16, "abcd", 4);
    g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpstr(memory.trace->str, ==, "line3 r4@10 w3@20 line4 ");
    g_assert_cmpmem(memory.bytes + 32, 3, "xyz", 3);
    fake_stop(fake);
    expect_answers("1:1:abcd 2:1: ");
    close_driver(fake, &memory, s);
}

/* --- Without a call: in poll --- */

static bool ask_after_a_reset(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (frame->has_dma_response) {
        note_answer(frame);
        fake_set_line(fake, 5, 1);
        fake_push(fake, peer);
        return true;
    }
    if (frame->n_operations == 1 && frame->operations[0].kind == QS_OP_RESET) {
        fake_answer(fake, frame, peer);
        ask(fake, peer, (QsDmaRequest){ .id = 1, .address = 0, .length = 1 });
        return true;
    }
    return false;
}

static void test_in_poll(void)
{
    FakeServer *fake = fake_new(ask_after_a_reset);
    Memory memory = { .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);

    answers = g_string_new(NULL);
    memory.bytes[0] = 'q';
    g_assert_cmpint(qosim_reset(s), ==, QOSIM_OK);
    g_assert_cmpint(qosim_poll(s, 30000), ==, 1);
    g_assert_cmpstr(memory.trace->str, ==, "r1@0 line5 ");
    fake_stop(fake);
    expect_answers("1:1:q ");
    close_driver(fake, &memory, s);
}

/* --- Before a posted frame --- */

static bool ask_for_posts(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (frame->has_dma_response) {
        note_answer(frame);
        g_atomic_int_inc(&fake->n_operations);
        return true;
    }
    if (frame->posted && fake->count++ == 0) {
        ask(fake, peer, (QsDmaRequest){ .id = 1, .address = 0, .length = 1 });
    }
    return frame->posted;
}

static void test_while_posting(void)
{
    FakeServer *fake = fake_new(ask_for_posts);
    Memory memory = { .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);
    gint before = g_atomic_int_get(&fake->n_operations);

    answers = g_string_new(NULL);
    memory.bytes[0] = 'p';
    while (g_atomic_int_get(&fake->n_operations) == before) {
        g_assert_cmpint(qosim_post_write(s, FAKE_BASE, 4, 1), ==, QOSIM_OK);
        g_usleep(1000);
    }
    fake_stop(fake);
    expect_answers("1:1:p ");
    close_driver(fake, &memory, s);
}

/* --- Again, and too late --- */

static bool ask_again(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsDmaRequest first = { .id = 1, .address = 0, .length = 1 };
    static const QsDmaRequest second = { .id = 2, .address = 1, .length = 1 };

    if (is_access(frame)) {
        keep_request(frame);
        ask(fake, peer, first);
        ask(fake, peer, first); /* the same one: answered again */
        ask(fake, peer, second);
        ask(fake, peer, first); /* long answered: nobody waits */
        ask(fake, peer, second);
        return true;
    }
    if (frame->has_dma_response) {
        note_answer(frame);
        if (++fake->count == 4) {
            answer_request(fake, peer);
        }
        return true;
    }
    return false;
}

static void test_again(void)
{
    FakeServer *fake = fake_new(ask_again);
    Memory memory = { .bytes = "ab", .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);

    answers = g_string_new(NULL);
    g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpstr(memory.trace->str, ==, "r1@0 r1@1 ");
    fake_stop(fake);
    expect_answers("1:1:a 1:1:a 2:1:b 2:1:b ");
    close_driver(fake, &memory, s);
}

/* --- Results --- */

static bool ask_once(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (is_access(frame)) {
        keep_request(frame);
        ask(fake, peer, (QsDmaRequest){ .id = (uint64_t)++fake->count, .length = 2 });
        return true;
    }
    if (frame->has_dma_response) {
        note_answer(frame);
        answer_request(fake, peer);
        return true;
    }
    return false;
}

static void test_results(void)
{
    static const int results[] = {
        QOSIM_BUS_OK, 0, QOSIM_BUS_ERROR, QOSIM_BUS_DECODE_ERROR, -1, QOSIM_BUS_ACCESS_ERROR, 5
    };
    FakeServer *fake = fake_new(ask_once);
    Memory memory = { .bytes = "ok" };
    qosim_session *s = open_driver(fake, &memory);

    answers = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(results); i++) {
        memory.result = results[i];
        g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    }
    fake_stop(fake);
    expect_answers("1:1:ok 2:1:ok 3:2: 4:3: 5:2: 6:4: 7:2: ");
    close_driver(fake, &memory, s);
}

/* One who has no memory, or takes the handler away, says so at once. */
static void test_without_handler(void)
{
    FakeServer *fake = fake_new(ask_once);
    Memory memory = { .bytes = "ok", .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);
    qosim_session *plain;

    answers = g_string_new(NULL);
    g_assert_cmpint(qosim_set_dma_handler(s, NULL, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_set_dma_handler(s, serve, &memory), ==, QOSIM_OK);
    g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_open(fake->url, NULL, &plain), ==, QOSIM_OK);
    g_assert_cmpint(qosim_set_dma_handler(plain, serve, &memory), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpstr(qosim_last_error(plain), ==,
                    "the session was opened without a DMA handler, and the server does not ask it");
    qosim_close(plain);
    fake_stop(fake);
    expect_answers("1:2: 2:1:ok ");
    close_driver(fake, &memory, s);
}

/* --- Hello --- */

static bool see_capabilities(FakeServer *fake, const QsClientFrame *frame,
                             const QsPeer *peer G_GNUC_UNUSED)
{
    if (frame->n_operations == 1 && frame->operations[0].kind == QS_OP_HELLO) {
        fake->count = (int)frame->operations[0].hello.n_capabilities;
    }
    return false;
}

static void test_capability(void)
{
    FakeServer *fake = fake_new(see_capabilities);
    Memory memory = { .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);
    qosim_session *plain;

    g_assert_cmpint(qosim_reset(s), ==, QOSIM_OK);
    fake_stop(fake);
    g_assert_cmpint(fake->count, ==, 3); /* push, resume, dma */
    fake_start(fake);
    g_assert_cmpint(qosim_open(fake->url, NULL, &plain), ==, QOSIM_OK);
    qosim_close(plain);
    fake_stop(fake);
    g_assert_cmpint(fake->count, ==, 2);
    close_driver(fake, &memory, s);
}

/* --- Time --- */

static bool ask_slowly(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (is_access(frame)) {
        keep_request(frame);
    } else if (!frame->has_dma_response) {
        return false;
    }
    if (fake->count++ < 6) {
        g_usleep(150000);
        ask(fake, peer, (QsDmaRequest){ .id = (uint64_t)fake->count, .length = 1 });
    } else {
        answer_request(fake, peer);
    }
    return true;
}

/* A call may take longer than its deadline as long as the server keeps asking: it is at work. */
static void test_requests_extend_the_deadline(void)
{
    FakeServer *fake = fake_new(ask_slowly);
    Memory memory = { .result = QOSIM_BUS_OK };
    qosim_session *s = open_driver(fake, &memory);

    qosim_set_timeout(s, 800);
    g_assert_cmpint(qosim_write(s, FAKE_BASE, 4, 1, NULL), ==, QOSIM_OK);
    close_driver(fake, &memory, s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dma/asked-in-a-call-with-events-in-order", test_in_a_call);
    g_test_add_func("/dma/asked-in-poll", test_in_poll);
    g_test_add_func("/dma/asked-while-posting", test_while_posting);
    g_test_add_func("/dma/asked-again-is-answered-and-not-done-again", test_again);
    g_test_add_func("/dma/results-are-bus-results", test_results);
    g_test_add_func("/dma/no-handler-is-a-bus-error", test_without_handler);
    g_test_add_func("/dma/hello-announces-a-handler", test_capability);
    g_test_add_func("/dma/requests-extend-the-deadline", test_requests_extend_the_deadline);
    return g_test_run();
}
