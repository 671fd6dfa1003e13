/* The page of many runs. */
#include "cosim/regress/parallel_gather.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cosim/regress/report.h"
#include "cosim/regress/report/html_parts.h"
#include "cosim/regress/report/markup.h"
#include "cosim/regress/report/output.h"

static void add_head(GString *html, const GPtrArray *tasks)
{
    g_autofree char *title = g_strdup_printf("%s: %u runs", report_program(), tasks->len);

    g_string_append(html,
                    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                    "<title>");
    markup_text(html, title);
    g_string_append_printf(html, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>",
                           html_style);
    markup_text(html, title);
    g_string_append(html, "</h1>\n");
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

static void add_name(GString *html, const Task *task, const char *from)
{
    g_autofree char *path = task_path(task, TASK_HTML);
    g_autofree char *link = g_access(path, F_OK) == 0 ? link_to(task, TASK_HTML, from) : NULL;

    g_string_append(html, "<tr><td>");
    if (link) {
        g_string_append(html, "<a href=\"");
        markup_text(html, link);
        g_string_append(html, "\">");
    }
    markup_text(html, task->name);
    g_string_append_printf(html, "%s</td>", link ? "</a>" : "");
}

static void add_row(GString *html, const Task *task, const char *from)
{
    g_autofree char *text = gather_describe(task);
    g_autofree char *seconds = g_strdup_printf("%.2f", task->seconds);
    bool ended = task->state == TASK_ENDED && task->code <= VERDICT_DIVERGED;
    int verdict = ended ? task->code : VERDICT_TROUBLE;

    add_name(html, task, from);
    g_string_append_printf(html, "<td><span class=\"badge v%d\">%s</span></td>", verdict,
                           task_state_text(task));
    html_cell(html, NULL, text);
    html_cell(html, NULL, seconds);
    g_string_append(html, "</tr>\n");
    if (task->deaths->len > 0) {
        g_string_append(html, "<tr><td></td><td colspan=\"3\"><pre>");
        markup_text(html, task->deaths->str);
        g_string_append(html, "</pre></td></tr>\n");
    }
}

static void add_coverage(GString *html, const GPtrArray *tasks, const RunCoverage *coverage)
{
    g_autoptr(Results) results = results_new(coverage_device(coverage->coverage), NULL);

    results->coverage = coverage->coverage;
    results->goals = coverage->goals;
    results_add(results, "all", VERDICT_SAME)->operations = tasks_operations(tasks);
    html_coverage(html, results);
}

bool gather_html(const char *path, const GPtrArray *tasks, const RunCoverage *coverage,
                 GError **error)
{
    static const char *const heads[] = { "run", "outcome", "in its own words", "seconds", NULL };
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    g_autofree char *from = g_path_get_dirname(whole);
    g_autoptr(GString) html = g_string_new(NULL);

    add_head(html, tasks);
    html_table_begin(html, "runs", "runs", heads);
    for (guint i = 0; i < tasks->len; i++) {
        add_row(html, (const Task *)tasks->pdata[i], from);
    }
    html_table_end(html);
    add_coverage(html, tasks, coverage);
    g_string_append(html, "</body>\n</html>\n");
    return output_write(path, html->str, (gssize)html->len, error);
}
