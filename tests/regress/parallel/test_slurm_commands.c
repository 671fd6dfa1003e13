/* What Slurm's commands print, and what becomes of it when they are not as they should be. The commands are scripts of our own. */
#include <glib.h>
#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/launcher_slurm.h"
#include "tests/regress/parallel/tasks.h"

/* Makes a command that runs @script; PATH is then our folder, before the usual places. */
static void make_command(const Tasks *tasks, const char *name, const char *script)
{
    g_autofree char *path = g_build_filename(tasks->directory, name, NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", script);
    g_autofree char *places = g_strdup_printf("%s:/usr/bin:/bin", tasks->directory);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0755), ==, 0);
    g_setenv("PATH", places, TRUE);
}

static void assert_trouble(Tasks *tasks, const char *pattern)
{
    g_autoptr(GError) error = NULL;

    tasks_add(tasks, "exit 0");
    g_assert_false(
        launch(launch_slurm, tasks->tasks, &tasks->options, &tasks->interrupted, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    if (!g_pattern_match_simple(pattern, error->message)) {
        g_error("\"%s\" is not like \"%s\"", error->message, pattern);
    }
}

static void test_none(Tasks *tasks, gconstpointer data)
{
    (void)data;
    g_setenv("PATH", tasks->directory, TRUE);
    assert_trouble(tasks, "there is no program sbatch;*");
}

static void test_refuses(Tasks *tasks, gconstpointer data)
{
    (void)data;
    make_command(tasks, "sbatch", "echo 'sbatch: error: the partition is for others' >&2; exit 1");
    assert_trouble(tasks, "sbatch refused: sbatch: error: the partition is for others");
}

static void test_says_nothing(Tasks *tasks, gconstpointer data)
{
    (void)data;
    make_command(tasks, "sbatch", "exit 0");
    assert_trouble(tasks, "sbatch refused: it did not say why");
}

/* What sbatch is given; here it runs the script itself, as Slurm would. */
static void test_words(Tasks *tasks, gconstpointer data)
{
    const char *const more[] = { "--account=me", "--mem=1G", NULL };
    Task *task = tasks_add(tasks, "exit 1");
    g_autofree char *words = g_build_filename(tasks->directory, "words", NULL);
    g_autofree char *script = g_strdup_printf("echo \"$*\" >'%s'\n"
                                              "for last; do :; done\n"
                                              "SLURM_ARRAY_TASK_ID=0 sh \"$last\"; echo '17;here'",
                                              words);
    g_autofree char *said = NULL;
    g_autofree char *expected = NULL;

    (void)data;
    make_command(tasks, "sbatch", script);
    make_command(tasks, "squeue", "echo 0 COMPLETED");
    tasks->options.partition = "big";
    tasks->options.time = "0:10:00";
    tasks->options.words = more;
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpint(task->code, ==, 1);
    g_assert_true(g_file_get_contents(words, &said, NULL, NULL));
    expected = g_strdup_printf("--parsable --no-requeue --job-name=qosim-regress --array=0-0%%3 "
                               "--output=%s/slurm-%%A_%%a.txt --partition=big --time=0:10:00 "
                               "--account=me --mem=1G %s/job.sh\n",
                               tasks->directory, tasks->directory);
    g_assert_cmpstr(said, ==, expected);
}

/* A controller that is away for some time, such as while it is started again. */
static void test_away(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "exit 0");
    g_autofree char *queue =
        g_strdup_printf("echo asked >>'%s/asked'\n"
                        "if [ $(wc -l <'%s/asked') -lt 4 ]; then\n"
                        "echo 'Unable to contact slurm controller' >&2; exit 1; fi\n"
                        "SLURM_ARRAY_TASK_ID=0 sh '%s/job.sh'; echo 0 COMPLETED",
                        tasks->directory, tasks->directory, tasks->directory);

    (void)data;
    make_command(tasks, "sbatch", "echo 17");
    make_command(tasks, "squeue", queue);
    tasks->options.late_us = 1;
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpuint(task->attempts, ==, 1);
}

/* The queue has forgotten the job, and no task has left a sign of life: each is charged to the task, and so there is an end. */
static void test_forgotten(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "exit 0");

    (void)data;
    make_command(tasks, "sbatch", "echo 17");
    make_command(tasks, "squeue",
                 "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
    tasks_run(tasks, launch_slurm);
    g_assert_cmpint(task->state, ==, TASK_DIED);
    g_assert_cmpstr(task->deaths->str, ==,
                    "attempt 1 died: Slurm says nothing any more of 17_0\n"
                    "attempt 2 died: Slurm says nothing any more of 17_0\n");
}

static void test_states(void)
{
    SlurmElement elements[7];

    slurm_parse("2 COMPLETED\n0 PENDING\n1 RUNNING\nnonsense\n\n9 FAILED\n4 TIMEOUT\n5 COMPLETING\n"
                "-1 FAILED\n6 A_STATE_THAT_IS_LONGER_THAN_ANY_THAT_THERE_IS\n3",
                elements, G_N_ELEMENTS(elements));
    g_assert_cmpint(elements[0].state, ==, SLURM_PENDING);
    g_assert_cmpint(elements[1].state, ==, SLURM_RUNNING);
    g_assert_cmpint(elements[2].state, ==, SLURM_ENDED);
    g_assert_cmpint(elements[3].state, ==, SLURM_UNKNOWN);
    g_assert_cmpint(elements[4].state, ==, SLURM_ENDED);
    g_assert_cmpstr(elements[4].word, ==, "TIMEOUT");
    g_assert_cmpint(elements[5].state, ==, SLURM_RUNNING);
    g_assert_cmpint(elements[6].state, ==, SLURM_RUNNING);
}

static void add_test(const char *path, void (*test)(Tasks *, gconstpointer))
{
    g_autofree char *whole = g_strdup_printf("/regress/slurm-commands/%s", path);

    g_test_add(whole, Tasks, NULL, tasks_set_up, test, tasks_tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_test("sbatch-that-is-not-there-is-told", test_none);
    add_test("sbatch-is-quoted-when-it-refuses", test_refuses);
    add_test("sbatch-that-names-no-job-is-told", test_says_nothing);
    add_test("sbatch-gets-the-options", test_words);
    add_test("controller-that-is-away-is-waited-for", test_away);
    add_test("job-that-is-forgotten-has-died", test_forgotten);
    g_test_add_func("/regress/slurm-commands/states-are-understood", test_states);
    return g_test_run();
}
