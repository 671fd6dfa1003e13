#include "cosim/regress/report/html.h"

#include <inttypes.h>

#include "cosim/regress/report.h"
#include "cosim/regress/report/html_parts.h"
#include "cosim/regress/report/markup.h"

void html_cell(GString *to, const char *class_, const char *text)
{
    g_string_append(to, "<td");
    if (class_) {
        g_string_append_printf(to, " class=\"%s\"", class_);
    }
    g_string_append_c(to, '>');
    markup_text(to, text);
    g_string_append(to, "</td>");
}

void html_table_begin(GString *to, const char *id, const char *class_, const char *const *heads)
{
    g_string_append_printf(to, "<div class=\"scroll\"><table id=\"%s\" class=\"%s\">\n<tr>", id,
                           class_);
    for (unsigned i = 0; heads[i]; i++) {
        g_string_append(to, "<th scope=\"col\">");
        markup_text(to, heads[i]);
        g_string_append(to, "</th>");
    }
    g_string_append(to, "</tr>\n");
}

void html_table_end(GString *to)
{
    g_string_append(to, "</table></div>\n");
}

/* A row of the summary; nothing where there is no @value. */
static void add_fact(GString *to, const char *name, const char *value)
{
    if (value && *value) {
        g_string_append_printf(to, "<tr><th scope=\"row\">%s</th>", name);
        html_cell(to, NULL, value);
        g_string_append(to, "</tr>\n");
    }
}

G_GNUC_PRINTF(3, 4)
static void add_fact_printf(GString *to, const char *name, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list args;

    va_start(args, format);
    value = g_strdup_vprintf(format, args);
    va_end(args);
    add_fact(to, name, value);
}

static int exit_code(Verdict verdict)
{
    return verdict == VERDICT_TROUBLE ? 3 : (int)verdict;
}

static void add_facts(GString *to, const Results *results)
{
    g_autoptr(GDateTime) started = g_date_time_new_from_unix_local(results->started);
    g_autofree char *when =
        started ? g_date_time_format(started, "%Y-%m-%d %H:%M:%S %Z") : g_strdup("");
    uint64_t operations = results_operations(results);
    double seconds = results_seconds(results);

    g_string_append(to, "<div class=\"scroll\"><table id=\"summary\" class=\"facts\">\n");
    add_fact(to, "Reference", results->ref);
    add_fact(to, "Under test", results->dut);
    add_fact(to, "Device", results->device->name);
    add_fact(to, "Seed", results->seed);
    add_fact_printf(to, "Operations", "%" PRIu64 " in %.2f s, %.0f/s", operations, seconds,
                    seconds > 0 ? (double)operations / seconds : 0);
    if (results->cases->len > 1) {
        add_fact_printf(to, "Sequences", "%u: %u without difference, %u diverged, %u in trouble",
                        results->cases->len, results_count(results, VERDICT_SAME),
                        results_count(results, VERDICT_DIVERGED),
                        results_count(results, VERDICT_TROUBLE));
    }
    add_fact(to, "Compared", results->compared);
    add_fact(to, "Not compared", results->unseen);
    add_fact(to, "Masks", results->masks);
    add_fact_printf(to, "Exit code", "%d (%s)", exit_code(results_verdict(results)),
                    results_word(results));
    add_fact(to, "Version", "Qosim " QOSIM_VERSION);
    add_fact(to, "Started", when);
    add_fact(to, "Command line", results->command);
    g_string_append(to, "</table></div>\n");
}

/* Where there is one case, the summary has said it all. */
static void add_cases(GString *to, const Results *results)
{
    static const char *const heads[] = { "Sequence", "Verdict", "Operations", "Seconds", NULL };

    if (results->cases->len < 2) {
        return;
    }
    g_string_append(to, "<h2>Sequences</h2>\n");
    html_table_begin(to, "cases", "plain", heads);
    for (guint i = 0; i < results->cases->len; i++) {
        const ResultCase *one = g_ptr_array_index(results->cases, i);

        g_string_append(to, one->verdict == VERDICT_SAME ? "<tr>" : "<tr class=\"bad\">");
        if (one->verdict == VERDICT_SAME) {
            html_cell(to, NULL, one->name);
        } else {
            g_string_append_printf(to, "<td><a href=\"#case%u\">", i);
            markup_text(to, one->name);
            g_string_append(to, "</a></td>");
        }
        html_cell(to, NULL, result_case_word(one));
        g_string_append_printf(to,
                               "<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%.2f</td></tr>\n",
                               one->operations, one->seconds);
    }
    html_table_end(to);
}

static void add_case(GString *to, const Results *results, guint number)
{
    const ResultCase *one = g_ptr_array_index(results->cases, number);

    if (one->verdict == VERDICT_SAME) {
        return;
    }
    g_string_append_printf(to, "<h2 id=\"case%u\">%s in ", number,
                           one->goals                         ? "What is missing"
                           : one->verdict == VERDICT_DIVERGED ? "Divergence"
                                                              : "Trouble");
    markup_text(to, one->name);
    g_string_append(to, "</h2>\n");
    if (one->examined) {
        html_divergence(to, results, one, number);
    } else if (one->text) {
        g_string_append(to, "<pre class=\"wrap\">");
        markup_text(to, one->text);
        g_string_append(to, "</pre>\n");
    }
}

static void add_head(GString *to, const Results *results)
{
    const char *word = results_word(results);

    g_string_append_printf(
        to,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<title>%s: %s</title>\n<style>\n%s</style>\n</head>\n<body>\n"
        "<h1>%s <span id=\"verdict\" class=\"badge v%d\">%s</span></h1>\n",
        report_program(), word, html_style, report_program(), (int)results_verdict(results), word);
}

char *html_page(const Results *results)
{
    GString *to = g_string_new(NULL);

    add_head(to, results);
    add_facts(to, results);
    add_cases(to, results);
    for (guint i = 0; i < results->cases->len; i++) {
        add_case(to, results, i);
    }
    html_timing(to, results);
    html_coverage(to, results);
    g_string_append(to, "<footer>This page needs no network and no scripts.</footer>\n"
                        "</body>\n</html>\n");
    return g_string_free(to, FALSE);
}
