#include "cosim/regress/error.h"
#include "cosim/regress/report.h"

static void add_case(GString *xml, const JunitCase *one)
{
    static const char *const elements[] = { NULL, "failure", "error" };
    const char *element = elements[one->verdict];
    g_autofree char *name = g_markup_escape_text(one->name, -1);
    g_autofree char *text = g_markup_escape_text(one->text ? one->text : "", -1);

    g_string_append_printf(xml,
                           "  <testcase classname=\"qosim-regress\" name=\"%s\" time=\"%.3f\">",
                           name, one->seconds);
    if (element) {
        g_string_append_printf(xml, "\n    <%s message=\"%s\">%s</%s>\n  ", element,
                               one->verdict == VERDICT_DIVERGED ? "divergence" : "target trouble",
                               text, element);
    }
    g_string_append(xml, "</testcase>\n");
}

bool report_junit(const char *path, const JunitCase *cases, size_t n, GError **error)
{
    g_autoptr(GString) xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    g_autoptr(GError) cause = NULL;
    unsigned counts[VERDICT_TROUBLE + 1] = { 0 };
    double seconds = 0;

    for (size_t i = 0; i < n; i++) {
        counts[cases[i].verdict]++;
        seconds += cases[i].seconds;
    }
    g_string_append_printf(xml,
                           "<testsuite name=\"qosim-regress\" tests=\"%zu\" failures=\"%u\" "
                           "errors=\"%u\" time=\"%.3f\">\n",
                           n, counts[VERDICT_DIVERGED], counts[VERDICT_TROUBLE], seconds);
    for (size_t i = 0; i < n; i++) {
        add_case(xml, &cases[i]);
    }
    g_string_append(xml, "</testsuite>\n");
    if (!g_file_set_contents(path, xml->str, (gssize)xml->len, &cause)) {
        regress_trouble(error, "%s", cause->message);
        return false;
    }
    return true;
}
