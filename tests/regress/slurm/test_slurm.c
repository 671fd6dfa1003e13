/*
 * Tasks on a cluster: what becomes of them, and of the cluster's queue. The test *cluster* starts a Slurm of its own for this program; the
 * workers are shell scripts.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/launcher_slurm.h"
#include "tests/regress/parallel/tasks.h"

static void assert_queue_empty(void)
{
    g_autofree char *out = NULL;

    g_assert_true(g_spawn_command_line_sync("squeue --noheader --states=PENDING,RUNNING", &out,
                                            NULL, NULL, NULL));
    g_assert_cmpstr(out, ==, "");
}

/* One array with all kinds of ends, so that those that died twice are through after two. */
static void test_ends(Tasks *tasks, gconstpointer data)
{
    Task *same = tasks_add(tasks, "echo said; echo complained >&2; cat");
    Task *diverged =
        tasks_add(tasks, "printf '%020u %020u\\n' 42 1 >\"$0/" TASK_PROGRESS "\"; exit 1");
    Task *once = tasks_add(tasks, "[ -e \"$0.again\" ] && exit 0\n"
                                  "touch \"$0.again\"; echo last words; kill -9 $$");
    Task *twice = tasks_add(tasks, "echo no; exit 77");
    Task *cancelled =
        tasks_add(tasks, "scancel ${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID; " FOREVER);
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    (void)data;
    tasks->options.jobs = 0;
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(same->state, ==, TASK_ENDED);
    g_assert_cmpint(same->code, ==, 0);
    out = tasks_text(same, TASK_REPORT);
    err = tasks_text(same, TASK_MESSAGES);
    g_assert_cmpstr(out, ==, "said\n");
    g_assert_cmpstr(err, ==, "complained\n");

    g_assert_cmpint(diverged->code, ==, 1);
    g_assert_cmpuint(diverged->attempts, ==, 1);
    g_assert_cmpuint(diverged->beat.done, ==, 42);

    g_assert_cmpint(once->state, ==, TASK_ENDED);
    g_assert_cmpuint(once->attempts, ==, 2);
    g_assert_nonnull(
        strstr(once->deaths->str, "attempt 1 died: signal 9 (Killed); Slurm says FAILED"));
    g_assert_nonnull(strstr(once->deaths->str, "  | last words\n"));

    g_assert_cmpint(twice->state, ==, TASK_DIED);
    g_assert_cmpstr(twice->deaths->str, ==,
                    "attempt 1 died: exit code 77\n  | no\nattempt 2 died: exit code 77\n  | no\n");

    g_assert_cmpint(cancelled->state, ==, TASK_DIED);
    g_assert_nonnull(strstr(cancelled->deaths->str, "Slurm says CANCELLED"));
    assert_queue_empty();
}

/* Five tasks on two elements. What one of them does is not charged to those that are behind it. */
static void test_few_elements(Tasks *tasks, gconstpointer data)
{
    (void)data;
    tasks->options.array_max = 2;
    for (unsigned i = 0; i < 5; i++) {
        tasks_add(tasks, i == 1 ? "[ -e \"$0.again\" ] && exit 0; touch \"$0.again\"; kill -9 $$"
                                : "exit 0");
    }
    tasks_run(tasks, launch_slurm);
    for (unsigned i = 0; i < 5; i++) {
        const Task *task = (const Task *)tasks->tasks->pdata[i];

        g_assert_cmpint(task->state, ==, TASK_ENDED);
        g_assert_cmpuint(task->attempts, ==, i == 1 ? 2 : 1);
    }
}

static void test_silent(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "[ -e \"$0.again\" ] && exit 0; touch \"$0.again\"; " FOREVER);

    (void)data;
    tasks->options.silence_us = G_USEC_PER_SEC;
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpuint(task->attempts, ==, 2);
    g_assert_nonnull(
        strstr(task->deaths->str, "nothing came from it for 1 s, so it was cancelled"));
}

/* One runs, the others wait for it, as only one may. */
static void test_interrupted(Tasks *tasks, gconstpointer data)
{
    g_autofree char *script =
        g_strdup_printf("kill -INT %u; echo $$; " FOREVER, (unsigned)getpid());
    Task *task = tasks_add(tasks, script);
    g_autofree char *pid = NULL;

    (void)data;
    tasks->options.jobs = 1;
    tasks_add(tasks, "exit 0");
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(tasks->interrupted, ==, SIGINT);
    g_assert_cmpuint(tasks_in_state(tasks->tasks, TASK_WAITING), ==, 2);
    assert_queue_empty();
    pid = tasks_text(task, TASK_REPORT);
    assert_goes(g_strchomp(pid));
}

static void test_refused(Tasks *tasks, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    tasks_add(tasks, "exit 0");
    tasks->options.partition = "no-such-partition";
    g_assert_false(
        launch(launch_slurm, tasks->tasks, &tasks->options, &tasks->interrupted, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_true(g_str_has_prefix(error->message, "sbatch refused: "));
    g_assert_nonnull(strstr(error->message, "partition"));
}

/* Folders and words as they may come, and where they are to be run. */
static void test_strange_names(Tasks *tasks, gconstpointer data)
{
    const char *const more[] = { "--comment=two words", NULL };
    g_autofree char *folder = g_build_filename(tasks->directory, "100% 'mine' $HOME", NULL);
    Task *task;

    (void)data;
    g_assert_cmpint(g_mkdir(folder, 0777), ==, 0);
    g_free(tasks->directory);
    tasks->directory = g_steal_pointer(&folder);
    tasks->options.directory = tasks->directory;
    tasks->options.partition = "other";
    tasks->options.time = "5";
    tasks->options.words = more;
    task = tasks_add(tasks, "squeue --noheader --job=$SLURM_JOB_ID '--format=%P %l %k'");
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpint(task->code, ==, 0);
    {
        g_autofree char *out = tasks_text(task, TASK_REPORT);

        g_assert_cmpstr(out, ==, "other 5:00 two words\n");
    }
}

static void add_test(const char *path, void (*test)(Tasks *, gconstpointer))
{
    g_autofree char *whole = g_strdup_printf("/regress/slurm/%s", path);

    g_test_add(whole, Tasks, NULL, tasks_set_up, test, tasks_tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_test("each-end-is-told-and-the-dead-run-again", test_ends);
    add_test("few-elements-run-many-tasks", test_few_elements);
    add_test("silent-one-is-cancelled-and-run-again", test_silent);
    add_test("interrupt-cancels-the-job", test_interrupted);
    add_test("refusal-is-told", test_refused);
    add_test("names-and-options-arrive-as-they-are", test_strange_names);
    return g_test_run();
}
