#include "server/inbox.h"

#include <poll.h>

typedef struct TestJob {
    Job job;
    int number;
} TestJob;

static int freed;

static void run(Job *job, void *owner)
{
    GArray *seen = owner;

    g_array_append_val(seen, ((TestJob *)job)->number);
}

static void job_free(Job *job)
{
    freed++;
    g_free(job);
}

static Job *new_job(int number)
{
    TestJob *job = g_new0(TestJob, 1);

    job->job.run = run;
    job->job.free = job_free;
    job->number = number;
    return &job->job;
}

static void test_order(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Inbox inbox;
    Job *refused;

    freed = 0;
    inbox_init(&inbox, context, seen);
    for (int i = 0; i < 10; i++) {
        g_assert_true(inbox_push(&inbox, new_job(i), 10));
    }
    refused = new_job(10);
    g_assert_true(inbox_is_full(&inbox, 10));
    g_assert_false(inbox_push(&inbox, refused, 10));
    g_assert_true(inbox_push(&inbox, refused, 0)); /* without a limit */
    g_assert_true(g_main_context_iteration(context, FALSE));
    g_assert_false(g_main_context_iteration(context, FALSE));
    g_assert_cmpuint(seen->len, ==, 11);
    for (int i = 0; i < 11; i++) {
        g_assert_cmpint(g_array_index(seen, int, i), ==, i);
    }
    g_assert_cmpint(freed, ==, 11);
    inbox_destroy(&inbox);
}

static void test_closed(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Inbox inbox;
    Job *late = new_job(2);

    freed = 0;
    inbox_init(&inbox, context, seen);
    g_assert_true(inbox_push(&inbox, new_job(1), 0));
    inbox_close(&inbox);
    g_assert_cmpint(freed, ==, 1); /* freed, not run */
    g_assert_cmpuint(seen->len, ==, 0);
    g_assert_true(inbox_is_closed(&inbox));
    g_assert_false(inbox_push(&inbox, late, 0));
    job_free(late);
    inbox_destroy(&inbox);
}

/* A busy owner: job 1 takes out the even numbers behind it, while 4 and 5 come, and puts the rest back. */
typedef struct Busy {
    Inbox inbox;
    GArray *seen;
} Busy;

static void note(Job *job, void *owner)
{
    g_array_append_val(((Busy *)owner)->seen, ((TestJob *)job)->number);
}

static bool note_even(Job *job, void *owner)
{
    bool even = ((TestJob *)job)->number % 2 == 0;

    if (even) {
        note(job, owner);
    }
    return even;
}

static void push_busy(Busy *busy, int number, void (*run)(Job *job, void *owner))
{
    Job *job = new_job(number);

    job->run = run;
    job->run_ahead = note_even;
    g_assert_true(inbox_push(&busy->inbox, job, 0));
}

static void look_ahead(Job *job, void *owner)
{
    Busy *busy = owner;
    Job *rest = NULL;
    Job **last = &rest;

    note(job, owner);
    push_busy(busy, 4, note);
    push_busy(busy, 5, note);
    for (Job *next, *other = inbox_take_all(&busy->inbox); other; other = next) {
        next = other->next;
        other->next = NULL;
        if (other->run_ahead(other, owner)) {
            other->free(other);
        } else {
            *last = other;
            last = &other->next;
        }
    }
    push_busy(busy, 6, note); /* came when it was no longer busy */
    inbox_put_back(&busy->inbox, rest);
}

static void expect_seen(Busy *busy, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < busy->seen->len; i++) {
        g_string_append_printf(text, "%d ", g_array_index(busy->seen, int, i));
    }
    g_assert_cmpstr(text->str, ==, expected);
}

static void test_put_back(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Busy busy = { .seen = seen };

    freed = 0;
    inbox_init(&busy.inbox, context, &busy);
    push_busy(&busy, 1, look_ahead);
    push_busy(&busy, 2, note);
    push_busy(&busy, 3, note);
    while (g_main_context_iteration(context, FALSE)) {
        continue;
    }
    expect_seen(&busy, "1 2 4 3 5 6 ");
    g_assert_cmpint(freed, ==, 6);
    inbox_destroy(&busy.inbox);
}

/* What was put back can go first, before other work of the owner's; what came behind it waits its turn. */
/* A source that puts a job back while it prepares, as one does that has to ask the driver for memory. */
typedef struct LateSource {
    GSource source;
    Inbox *inbox;
    Job *job;
} LateSource;

static gboolean late_prepare(GSource *source, int *timeout)
{
    LateSource *late = (LateSource *)source;

    *timeout = -1;
    inbox_put_back(late->inbox, g_steal_pointer(&late->job));
    return FALSE;
}

static gboolean give_up(gpointer opaque)
{
    *(bool *)opaque = true;
    return G_SOURCE_REMOVE;
}

static void test_put_back_while_preparing(void)
{
    GSourceFuncs funcs = { .prepare = late_prepare };
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GSource) patience = g_timeout_source_new_seconds(60);
    bool waited = false;
    GSource *source;
    Inbox inbox;

    inbox_init(&inbox, context, seen);
    source = g_source_new(&funcs, sizeof(LateSource));
    ((LateSource *)source)->inbox = &inbox;
    ((LateSource *)source)->job = new_job(1);
    g_source_attach(source, context);
    g_source_set_callback(patience, give_up, &waited, NULL);
    g_source_attach(patience, context);
    while (seen->len == 0 && !waited) {
        g_main_context_iteration(context, TRUE);
    }
    g_assert_false(waited); /* nothing else would have woken it */
    g_source_destroy(patience);
    g_source_destroy(source);
    g_source_unref(source);
    inbox_destroy(&inbox);
}

static void test_run_put_back(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Busy busy = { .seen = seen };

    inbox_init(&busy.inbox, context, &busy);
    inbox_run_put_back(&busy.inbox);
    push_busy(&busy, 1, note);
    push_busy(&busy, 3, note);
    inbox_put_back(&busy.inbox, inbox_take_all(&busy.inbox));
    push_busy(&busy, 5, note);
    inbox_run_put_back(&busy.inbox);
    expect_seen(&busy, "1 3 ");
    inbox_run_put_back(&busy.inbox);
    g_assert_true(g_main_context_iteration(context, FALSE));
    expect_seen(&busy, "1 3 5 ");
    inbox_put_back(&busy.inbox, NULL);
    inbox_close(&busy.inbox);
    freed = 0;
    inbox_put_back(&busy.inbox, new_job(7)); /* too late: freed */
    g_assert_cmpint(freed, ==, 1);
    inbox_destroy(&busy.inbox);
}

static bool rings(Inbox *inbox)
{
    struct pollfd p = { .fd = inbox_alarm(inbox), .events = POLLIN };

    g_assert_cmpint(p.fd, >=, 0);
    return poll(&p, 1, 0) == 1;
}

static void test_alarm(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Inbox inbox;

    inbox_init(&inbox, context, seen);
    inbox_ring(&inbox); /* nobody listens yet */
    g_assert_false(rings(&inbox));
    g_assert_true(inbox_push(&inbox, new_job(1), 0));
    g_assert_true(rings(&inbox));
    inbox_quiet(&inbox);
    g_assert_false(rings(&inbox));
    inbox_quiet(&inbox);
    inbox_ring(&inbox);
    g_assert_true(rings(&inbox));
    inbox_destroy(&inbox);
}

static gpointer push_many(gpointer data)
{
    for (int i = 0; i < 1000; i++) {
        g_assert_true(inbox_push(data, new_job(i), 0));
    }
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Inbox inbox;
    GThread *threads[4];

    inbox_init(&inbox, context, seen);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("pusher", push_many, &inbox);
    }
    while (seen->len < 1000 * G_N_ELEMENTS(threads)) {
        g_main_context_iteration(context, TRUE); /* woken by each push */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
    inbox_destroy(&inbox);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/inbox/jobs-run-in-order-up-to-the-limit", test_order);
    g_test_add_func("/server/inbox/closed-one-takes-nothing-and-frees-what-waits", test_closed);
    g_test_add_func("/server/inbox/busy-owner-keeps-the-order", test_put_back);
    g_test_add_func("/server/inbox/what-was-put-back-can-go-first", test_run_put_back);
    g_test_add_func("/server/inbox/what-was-put-back-while-sources-prepare-runs",
                    test_put_back_while_preparing);
    g_test_add_func("/server/inbox/alarm-rings-at-a-push", test_alarm);
    g_test_add_func("/server/inbox/every-threads-push-wakes-the-owner", test_threads);
    return g_test_run();
}
