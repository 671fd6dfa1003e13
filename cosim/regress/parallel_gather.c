#include "cosim/regress/parallel_gather.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cosim/regress/coverage_file.h"
#include "cosim/regress/error.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/report.h"
#include "cosim/regress/report/markup.h"
#include "cosim/regress/report/output.h"
#include "cosim/regress/worker.h"

/* NULL when the task has no such file. */
static char *read_file(const Task *task, const char *file)
{
    g_autofree char *path = task_path(task, file);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

/* The last line of the file that the program itself has to say, without its name; NULL when there is none. */
static char *last_words(const Task *task, const char *file)
{
    g_autofree char *text = read_file(task, file);
    g_autofree char *begin = g_strconcat(report_program(), ": ", NULL);
    char *line = text ? g_strrstr(text, begin) : NULL;

    if (!line) {
        return NULL;
    }
    line += strlen(begin);
    return g_strndup(line, strcspn(line, "\n"));
}

char *gather_describe(const Task *task)
{
    bool ran = task->state == TASK_ENDED && task->code <= VERDICT_DIVERGED;
    g_autofree char *words =
        task->state == TASK_ENDED ? last_words(task, ran ? TASK_REPORT : TASK_MESSAGES) : NULL;

    if (ran && words) {
        return g_steal_pointer(&words);
    }
    return g_strdup_printf("%s%s%s", task_state_text(task), words ? ": " : "", words ? words : "");
}

static void print_report(const Task *task)
{
    g_autofree char *text = read_file(task, TASK_REPORT);

    printf("--- %s, as in %s/%s ---\n%s---\n", task->name, task->directory, TASK_REPORT,
           text ? text : "");
}

void gather_print(const GPtrArray *tasks)
{
    const Task *diverged = NULL;

    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];
        g_autofree char *text = gather_describe(task);

        if (!diverged && task->state == TASK_ENDED && task->code == VERDICT_DIVERGED) {
            diverged = task;
        }
        printf("%s: %s\n%s", task->name, text, task->deaths->str);
    }
    if (diverged) {
        print_report(diverged);
    }
}

/* --- JUnit --- */

/* What is between the first beginning of a suite and the last end of one; NULL when there is none. */
static char *suites_of(const char *xml)
{
    static const char end[] = "</testsuite>";
    const char *from = xml ? strstr(xml, "<testsuite ") : NULL;
    const char *to = from ? g_strrstr(from, end) : NULL;

    return to ? g_strndup(from, (gsize)(to - from) + strlen(end)) : NULL;
}

/* For a task that told nothing itself. */
static void add_own_suite(GString *xml, const Task *task)
{
    bool skipped = task->state != TASK_ENDED && task->state != TASK_DIED;
    g_autofree char *text = gather_describe(task);

    g_string_append_printf(xml,
                           "<testsuite name=\"qosim-regress\" tests=\"1\" failures=\"0\" "
                           "errors=\"%d\" skipped=\"%d\" time=\"%.3f\">\n"
                           "    <testcase classname=\"qosim-regress\" name=\"",
                           !skipped, skipped, task->seconds);
    markup_text(xml, task->name);
    g_string_append_printf(xml, "\" time=\"%.3f\">\n      <%s message=\"", task->seconds,
                           skipped ? "skipped" : "error");
    markup_text(xml, text);
    if (skipped) {
        g_string_append(xml, "\"/>");
    } else {
        g_string_append(xml, "\">");
        markup_text(xml, task->deaths->str);
        g_string_append(xml, "</error>");
    }
    g_string_append(xml, "\n    </testcase>\n  </testsuite>");
}

bool gather_junit(const char *path, const GPtrArray *tasks, GError **error)
{
    g_autoptr(GString) xml = g_string_new(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"qosim-regress\">\n");

    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];
        g_autofree char *one = task->state == TASK_ENDED && task->code != REGRESS_ERROR_USAGE
                                   ? read_file(task, TASK_JUNIT)
                                   : NULL;
        g_autofree char *suites = suites_of(one);

        g_string_append(xml, "  ");
        if (suites) {
            g_string_append(xml, suites);
        } else {
            add_own_suite(xml, task);
        }
        g_string_append_c(xml, '\n');
    }
    g_string_append(xml, "</testsuites>\n");
    return output_write(path, xml->str, (gssize)xml->len, error);
}

/* --- Coverage --- */

bool gather_coverage(RunCoverage *coverage, const GPtrArray *tasks, GError **error)
{
    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];
        g_autofree char *path = task_path(task, TASK_COVERAGE);

        if (task->state == TASK_ENDED && g_access(path, F_OK) == 0 &&
            !coverage_file_add(path, coverage->coverage, coverage->runs, error)) {
            return false;
        }
    }
    return true;
}
