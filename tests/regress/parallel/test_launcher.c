/* Tasks on this host: what becomes of their workers, and of us. The workers are shell scripts, which end as they are told to. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "tests/regress/parallel/tasks.h"

static void test_codes(Tasks *tasks, gconstpointer data)
{
    static const char *const scripts[] = { "echo one", "echo two; exit 1", "exit 3" };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        tasks_add(tasks, scripts[i]);
    }
    tasks_run(tasks, launch_local);
    for (unsigned i = 0; i < G_N_ELEMENTS(scripts); i++) {
        const Task *task = (const Task *)tasks->tasks->pdata[i];

        g_assert_cmpint(task->state, ==, TASK_ENDED);
        g_assert_cmpint(task->code, ==, i == 2 ? 3 : i);
        g_assert_cmpuint(task->attempts, ==, 1);
    }
}

static void test_outputs(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "echo said; echo complained >&2; cat");
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    (void)data;
    tasks_run(tasks, launch_local);
    out = tasks_text(task, TASK_REPORT);
    err = tasks_text(task, TASK_MESSAGES);
    g_assert_cmpstr(out, ==, "said\n");
    g_assert_cmpstr(err, ==, "complained\n");
}

/* Each waits until all have begun, so they would wait for ever if one had to wait for another. */
static void test_at_once(Tasks *tasks, gconstpointer data)
{
    (void)data;
    tasks->options.jobs = 4;
    for (unsigned i = 0; i < 4; i++) {
        tasks_add(tasks,
                  "touch \"$0/../begun-$$\"\n"
                  "until [ \"$(ls -d \"$0\"/../begun-* | wc -l)\" = 4 ]; do sleep 0.02; done");
    }
    tasks_run(tasks, launch_local);
    g_assert_cmpuint(tasks_in_state(tasks->tasks, TASK_ENDED), ==, 4);
}

/* Nobody is there when a task begins, so they never overlap. */
static void test_one_at_a_time(Tasks *tasks, gconstpointer data)
{
    (void)data;
    tasks->options.jobs = 1;
    for (unsigned i = 0; i < 5; i++) {
        tasks_add(tasks, "mkdir \"$0/../alone\" || exit 3; sleep 0.02; rmdir \"$0/../alone\"");
    }
    tasks_run(tasks, launch_local);
    g_assert_cmpuint(tasks_in_state(tasks->tasks, TASK_ENDED), ==, 5);
    g_assert_false(tasks_failed(tasks->tasks));
}

static void test_killed_once(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "[ -e \"$0.again\" ] && exit 1\n"
                                  "touch \"$0.again\"; echo last words; kill -9 $$");

    (void)data;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpint(task->code, ==, 1);
    g_assert_cmpuint(task->attempts, ==, 2);
    g_assert_cmpstr(task->deaths->str, ==, "attempt 1 died: signal 9 (Killed)\n  | last words\n");
}

static void test_killed_twice(Tasks *tasks, gconstpointer data)
{
    Task *dies = tasks_add(tasks, "kill -ABRT $$");
    Task *lives = tasks_add(tasks, "exit 0");

    (void)data;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(dies->state, ==, TASK_DIED);
    g_assert_cmpuint(dies->attempts, ==, 2);
    g_assert_nonnull(strstr(dies->deaths->str, "attempt 2 died: signal 6 (Aborted)"));
    g_assert_cmpint(lives->state, ==, TASK_ENDED);
}

static void test_strange_code(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "seq 20; exit 4");

    (void)data;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->state, ==, TASK_DIED);
    g_assert_true(g_str_has_prefix(task->deaths->str, "attempt 1 died: exit code 4\n  | 13\n"));
}

static void test_no_program(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "");

    (void)data;
    g_free(task->argv[0]);
    task->argv[0] = g_strdup("/no/such/program");
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->state, ==, TASK_DIED);
    g_assert_nonnull(strstr(task->deaths->str, "/no/such/program: No such file or directory"));
}

static void test_silent(Tasks *tasks, gconstpointer data)
{
    Task *silent = tasks_add(tasks, FOREVER);

    (void)data;
    tasks->options.silence_us = 300000;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(silent->state, ==, TASK_DIED);
    g_assert_nonnull(strstr(silent->deaths->str, "nothing came from it for 0 s"));
}

/* It says so often that it is alive that a third of the time it needs would be enough to be killed. */
static void test_beating(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do\n"
                                  "printf '%020u %020u\\n' $i $i >\"$0/new\"\n"
                                  "mv \"$0/new\" \"$0/" TASK_PROGRESS "\"; sleep 0.4; done");

    (void)data;
    tasks->options.silence_us = (gint64)4 * G_USEC_PER_SEC;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    g_assert_cmpuint(task->attempts, ==, 1);
    g_assert_cmpuint(tasks_operations(tasks->tasks), ==, 15);
}

static void test_fail_fast(Tasks *tasks, gconstpointer data)
{
    Task *fails =
        tasks_add(tasks, "until [ -e \"$0/../task 1/begun\" ]; do sleep 0.02; done; exit 1");
    Task *runs = tasks_add(tasks, "touch \"$0/begun\"; " FOREVER);
    Task *waits;

    (void)data;
    tasks->options.jobs = 2;
    tasks->options.fail_fast = true;
    waits = tasks_add(tasks, "exit 0");
    tasks_run(tasks, launch_local);
    g_assert_cmpint(fails->code, ==, 1);
    g_assert_cmpint(runs->state, ==, TASK_WAITING);
    g_assert_cmpuint(runs->attempts, ==, 0);
    g_assert_cmpint(waits->state, ==, TASK_WAITING);
}

/* What is wrong with the words of one is wrong with all. */
static void test_usage(Tasks *tasks, gconstpointer data)
{
    Task *waits;

    (void)data;
    tasks->options.jobs = 1;
    tasks_add(tasks, "exit 2");
    waits = tasks_add(tasks, "exit 0");
    tasks_run(tasks, launch_local);
    g_assert_cmpint(waits->state, ==, TASK_WAITING);
}

static void test_no_fail_fast(Tasks *tasks, gconstpointer data)
{
    (void)data;
    tasks->options.jobs = 1;
    for (unsigned i = 0; i < 3; i++) {
        tasks_add(tasks, "exit 1");
    }
    tasks_run(tasks, launch_local);
    g_assert_cmpuint(tasks_in_state(tasks->tasks, TASK_ENDED), ==, 3);
}

/* The worker has a child, and neither wants to end; it says their numbers, and has us interrupted. */
static void test_interrupted(Tasks *tasks, gconstpointer data)
{
    Task *stubborn =
        tasks_add(tasks, "trap '' TERM; " FOREVER " & echo $$ $!; kill -INT $PPID; " FOREVER);
    Task *waits;
    g_autofree char *out = NULL;
    g_auto(GStrv) pids = NULL;

    (void)data;
    tasks->options.jobs = 1;
    waits = tasks_add(tasks, "exit 0");
    tasks_run(tasks, launch_local);
    g_assert_cmpint(tasks->interrupted, ==, SIGINT);
    g_assert_cmpint(stubborn->state, ==, TASK_WAITING);
    g_assert_cmpint(waits->state, ==, TASK_WAITING);
    out = tasks_text(stubborn, TASK_REPORT);
    pids = g_strsplit(g_strchomp(out), " ", 2);
    assert_goes(pids[0]);
    assert_goes(pids[1]);
}

/* What a worker started and left behind does not outlive it. */
static void test_orphans(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, FOREVER " & echo $!");
    g_autofree char *out = NULL;

    (void)data;
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->state, ==, TASK_ENDED);
    out = tasks_text(task, TASK_REPORT);
    assert_goes(g_strchomp(out));
}

/* In a process that is killed while its worker runs: the worker goes, too. */
static void test_we_are_killed(Tasks *tasks, gconstpointer data)
{
    Task *task =
        tasks_add(tasks, "echo $$ >\"$0/pid.new\"; mv \"$0/pid.new\" \"$0/pid\"; exec " FOREVER);
    g_autofree char *out = NULL;
    pid_t pid = fork();

    (void)data;
    if (pid == 0) {
        launch(launch_local, tasks->tasks, &tasks->options, &tasks->interrupted, NULL);
        _exit(0);
    }
    while (!out) {
        g_usleep(10000);
        out = tasks_text(task, "pid");
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_goes(g_strchomp(out));
}

/* What an earlier run left in a task's folder is not taken for what this one did. */
static void test_leftovers(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "[ ! -e \"$0/" TASK_REPRODUCER "\" ]");
    g_autofree char *path = task_path(task, TASK_REPRODUCER);

    (void)data;
    g_mkdir(task->directory, 0777);
    g_assert_true(g_file_set_contents(path, "read pue\n", -1, NULL));
    tasks_run(tasks, launch_local);
    g_assert_cmpint(task->code, ==, 0);
}

static void test_no_folder(Tasks *tasks, gconstpointer data)
{
    Task *task = tasks_add(tasks, "exit 0");
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_true(g_file_set_contents(task->directory, "a file", -1, NULL));
    g_assert_false(
        launch(launch_local, tasks->tasks, &tasks->options, &tasks->interrupted, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_cmpint(task->state, ==, TASK_WAITING);
}

static void test_names(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(launcher_find(NULL, NULL) == launch_local);
    g_assert_true(launcher_find("slurm", NULL) == launch_slurm);
    g_assert_null(launcher_find("cluster", &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_USAGE);
}

static void add_test(const char *path, void (*test)(Tasks *, gconstpointer))
{
    g_autofree char *whole = g_strdup_printf("/regress/launcher/%s", path);

    g_test_add(whole, Tasks, NULL, tasks_set_up, test, tasks_tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_test("exit-codes-are-kept", test_codes);
    add_test("what-is-printed-is-kept", test_outputs);
    add_test("as-many-at-once-as-asked-for", test_at_once);
    add_test("one-job-is-one-at-a-time", test_one_at_a_time);
    add_test("killed-once-is-run-again", test_killed_once);
    add_test("killed-twice-has-died", test_killed_twice);
    add_test("strange-exit-code-is-a-death", test_strange_code);
    add_test("program-that-is-not-there-is-a-death", test_no_program);
    add_test("silent-one-is-killed", test_silent);
    add_test("slow-one-that-tells-so-lives", test_beating);
    add_test("fail-fast-stops-the-others", test_fail_fast);
    add_test("wrong-usage-stops-the-others", test_usage);
    add_test("without-fail-fast-all-are-run", test_no_fail_fast);
    add_test("interrupt-ends-workers-and-their-children", test_interrupted);
    add_test("orphans-of-a-worker-end-with-it", test_orphans);
    add_test("workers-end-when-we-are-killed", test_we_are_killed);
    add_test("leftovers-are-removed-first", test_leftovers);
    add_test("no-folder-no-run", test_no_folder);
    g_test_add_func("/regress/launcher/names", test_names);
    return g_test_run();
}
