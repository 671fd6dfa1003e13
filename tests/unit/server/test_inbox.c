#include "server/inbox.h"

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
    g_test_add_func("/server/inbox/every-threads-push-wakes-the-owner", test_threads);
    return g_test_run();
}
