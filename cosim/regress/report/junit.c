#include "cosim/regress/report/junit.h"

#include <string.h>

#include "cosim/regress/report/markup.h"

static void add_property(GString *xml, const char *name, const char *value)
{
    if (value) {
        g_string_append_printf(xml, "      <property name=\"%s\" value=\"", name);
        markup_text(xml, value);
        g_string_append(xml, "\"/>\n");
    }
}

static void add_properties(GString *xml, const Results *results)
{
    g_string_append(xml, "    <properties>\n");
    add_property(xml, "version", QOSIM_VERSION);
    add_property(xml, "device", results->device->name);
    add_property(xml, "seed", results->seed);
    add_property(xml, "ref", results->ref);
    add_property(xml, "dut", results->dut);
    add_property(xml, "compared", results->compared);
    add_property(xml, "masks", results->masks && *results->masks ? results->masks : NULL);
    add_property(xml, "command", results->command);
    g_string_append(xml, "    </properties>\n");
}

/* The first line says what it is; the rest is for those who look closer. */
static char *first_line(const char *text)
{
    return g_strndup(text, strcspn(text, "\n"));
}

static void add_case(GString *xml, const ResultCase *one)
{
    static const char *const elements[] = { NULL, "failure", "error" };
    const char *element = elements[one->verdict];
    const char *text = one->text ? one->text : "";

    g_string_append(xml, "    <testcase classname=\"qosim-regress\" name=\"");
    markup_text(xml, one->name);
    g_string_append_printf(xml, "\" time=\"%.3f\"", one->seconds);
    if (element) {
        g_autofree char *message = first_line(text);

        g_string_append_printf(xml, ">\n      <%s type=\"%s\" message=\"", element,
                               result_case_word(one));
        markup_text(xml, message);
        g_string_append(xml, "\">");
        markup_text(xml, text);
        g_string_append_printf(xml, "</%s>\n    </testcase>\n", element);
    } else {
        g_string_append(xml, "/>\n");
    }
}

/* Attributes that the suite and what is around it have in common. */
static void add_counts(GString *xml, const Results *results)
{
    g_string_append_printf(xml,
                           " name=\"qosim-regress\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
                           "time=\"%.3f\"",
                           results->cases->len, results_count(results, VERDICT_DIVERGED),
                           results_count(results, VERDICT_TROUBLE), results_seconds(results));
}

char *junit_text(const Results *results)
{
    GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    g_autoptr(GDateTime) started = g_date_time_new_from_unix_utc(results->started);
    g_autofree char *when = g_date_time_format(started, "%Y-%m-%dT%H:%M:%S");

    add_counts(xml, results);
    g_string_append(xml, ">\n  <testsuite");
    add_counts(xml, results);
    g_string_append_printf(xml, " skipped=\"0\" timestamp=\"%s\" hostname=\"", when);
    markup_text(xml, g_get_host_name());
    g_string_append(xml, "\">\n");
    add_properties(xml, results);
    for (guint i = 0; i < results->cases->len; i++) {
        add_case(xml, g_ptr_array_index(results->cases, i));
    }
    g_string_append(xml, "  </testsuite>\n</testsuites>\n");
    return g_string_free(xml, FALSE);
}
