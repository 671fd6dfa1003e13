#include "cosim/regress/parallel_gather.h"

#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cosim/regress/coverage_file.h"
#include "cosim/regress/error.h"
#include "cosim/regress/goals.h"
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

/* In one line, what there is to know of it. Owned by the caller. */
static char *describe(const Task *task)
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
        g_autofree char *text = describe(task);

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
    g_autofree char *text = describe(task);

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

/* --- HTML --- */

static const char html_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<title>qosim-regress</title>\n<style>\n"
    "body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; }\n"
    "table { border-collapse: collapse; }\n"
    "td, th { border: 1px solid #ccc; padding: 0.2em 0.6em; text-align: left; }\n"
    "tr.bad { background: #fbe3e0; }\npre { margin: 0; }\n"
    "</style>\n</head>\n<body>\n<h1>qosim-regress</h1>\n<table>\n"
    "<tr><th>run</th><th>outcome</th><th>seconds</th></tr>\n";

static bool has_file(const Task *task, const char *file)
{
    g_autofree char *path = task_path(task, file);

    return g_access(path, F_OK) == 0;
}

/* The file in the task's folder, as a page in @from would have to link to it. Owned by the caller. */
static char *link_to(const Task *task, const char *file, const char *from)
{
    g_autofree char *path = task_path(task, file);
    size_t length = strlen(from);
    bool below = strncmp(path, from, length) == 0 && path[length] == '/';

    return below ? g_uri_escape_string(path + length + 1, "/", FALSE)
                 : g_filename_to_uri(path, NULL, NULL);
}

static void add_row(GString *html, const Task *task, const char *from)
{
    g_autofree char *text = describe(task);
    g_autofree char *link = has_file(task, TASK_HTML) ? link_to(task, TASK_HTML, from) : NULL;
    bool good = task->state == TASK_ENDED && task->code == 0;

    g_string_append_printf(html, "<tr%s><td>", good ? "" : " class=\"bad\"");
    if (link) {
        g_string_append(html, "<a href=\"");
        markup_text(html, link);
        g_string_append(html, "\">");
    }
    markup_text(html, task->name);
    g_string_append_printf(html, "%s</td><td>", link ? "</a>" : "");
    markup_text(html, text);
    if (task->deaths->len > 0) {
        g_string_append(html, "<pre>");
        markup_text(html, task->deaths->str);
        g_string_append(html, "</pre>");
    }
    g_string_append_printf(html, "</td><td>%.2f</td></tr>\n", task->seconds);
}

bool gather_html(const char *path, const GPtrArray *tasks, GError **error)
{
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    g_autofree char *from = g_path_get_dirname(whole);
    g_autoptr(GString) html = g_string_new(html_head);

    for (guint i = 0; i < tasks->len; i++) {
        add_row(html, (const Task *)tasks->pdata[i], from);
    }
    g_string_append(html, "</table>\n</body>\n</html>\n");
    return output_write(path, html->str, (gssize)html->len, error);
}

/* --- Coverage --- */

static bool add_coverage(const GPtrArray *tasks, Coverage *coverage, GPtrArray *runs,
                         GError **error)
{
    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];
        g_autofree char *path = task_path(task, TASK_COVERAGE);

        if (task->state == TASK_ENDED && has_file(task, TASK_COVERAGE) &&
            !coverage_file_add(path, coverage, runs, error)) {
            return false;
        }
    }
    return true;
}

bool gather_coverage(const char *path, const char *goals_path, const GPtrArray *tasks,
                     const RegressDevice *device, bool *met, GError **error)
{
    g_autoptr(Coverage) coverage = coverage_new(device);
    g_autoptr(Goals) goals = goals_open(goals_path, coverage, error);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);

    if (!goals || !add_coverage(tasks, coverage, runs, error)) {
        return false;
    }
    *met = true;
    if (goals_path) {
        GoalsMet measured = goals_measure(goals, coverage);
        g_autoptr(GString) report = g_string_new(NULL);

        goals_report(report, goals, coverage);
        printf("%s", report->str);
        *met = measured.met == measured.bins;
    }
    return !path || coverage_file_write(path, coverage, runs, error);
}
