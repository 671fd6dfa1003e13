#include "tests/regress/parallel/tasks.h"

#include <string.h>

void tasks_set_up(Tasks *tasks, gconstpointer data)
{
    (void)data;
    tasks->directory = g_dir_make_tmp("tasks-XXXXXX", NULL);
    tasks->tasks = g_ptr_array_new_with_free_func((GDestroyNotify)task_free);
    tasks->options = (LaunchOptions){ .jobs = 3,
                                      .silence_us = (gint64)3600 * G_USEC_PER_SEC,
                                      .late_us = G_USEC_PER_SEC,
                                      .quiet = true,
                                      .directory = tasks->directory };
}

void tasks_tear_down(Tasks *tasks, gconstpointer data)
{
    const char *const words[] = { "rm", "-rf", tasks->directory, NULL };

    (void)data;
    g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    g_free(tasks->directory);
    g_ptr_array_unref(tasks->tasks);
}

Task *tasks_add(Tasks *tasks, const char *script)
{
    g_autofree char *name = g_strdup_printf("task %u", tasks->tasks->len);
    g_autofree char *folder = g_build_filename(tasks->directory, name, NULL);
    const char *const words[] = { "sh", "-c", script, folder, NULL };
    Task *task = task_new(name, folder, g_strdupv((char **)words), 0);

    g_ptr_array_add(tasks->tasks, task);
    return task;
}

void tasks_run(Tasks *tasks, Launcher launcher)
{
    g_autoptr(GError) error = NULL;
    bool ok = launch(launcher, tasks->tasks, &tasks->options, &tasks->interrupted, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

char *tasks_text(const Task *task, const char *file)
{
    g_autofree char *path = task_path(task, file);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

/* Whether a process has ended, be it that nobody has waited for it. */
static bool is_gone(const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
    g_autofree char *stat = NULL;

    return !g_file_get_contents(path, &stat, NULL, NULL) || strstr(stat, ") Z ");
}

void assert_goes(const char *pid)
{
    for (unsigned i = 0; i < 1000 && !is_gone(pid); i++) {
        g_usleep(20000);
    }
    g_assert_true(is_gone(pid));
}
