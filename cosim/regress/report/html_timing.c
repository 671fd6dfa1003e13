#include "cosim/regress/report/html_parts.h"

#include <inttypes.h>

#include "cosim/regress/report/markup.h"

/* What the part that is no wire is. */
static const char *device_kind(const char *target)
{
    static const struct {
        const char *prefix;
        const char *kind;
    } kinds[] = {
        { "rtl:", "RTL" },
        { "model:", "model" },
        { "qemu:", "QEMU and its pipe" },
        { "log:", "record" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(target, kinds[i].prefix)) {
            return kinds[i].kind;
        }
    }
    return "device";
}

static const char *device_class(const char *target)
{
    return g_str_has_prefix(target, "rtl:")     ? "t-rtl"
           : g_str_has_prefix(target, "model:") ? "t-model"
                                                : "t-other";
}

static void add_bar(GString *to, const char *target, const ResultTiming *timing, double longest)
{
    double wire = timing_wire(timing);

    g_string_append(to, "<td><div class=\"bar\">");
    g_string_append_printf(to, "<span class=\"t-wire\" style=\"width:%.1f%%\"></span>",
                           100 * wire / longest);
    g_string_append_printf(to, "<span class=\"%s\" style=\"width:%.1f%%\"></span>",
                           device_class(target),
                           100 * (timing_per_operation(timing) - wire) / longest);
    g_string_append(to, "</div></td>");
}

static void add_side(GString *to, const char *side, const char *target, const ResultTiming *timing,
                     double longest)
{
    double all = timing_per_operation(timing);
    double wire = timing_wire(timing);

    g_string_append_printf(to, "<tr><th scope=\"row\">%s</th>", side);
    html_cell(to, "m", target);
    g_string_append_printf(to, "<td class=\"n\">%.0f ns</td>", all);
    if (timing->pings > 0) {
        g_string_append_printf(to, "<td class=\"n\">%.0f ns</td>", wire);
    } else {
        html_cell(to, "n", "–");
    }
    g_string_append_printf(to, "<td class=\"n\">%.0f ns <span class=\"dim\">%s</span></td>",
                           all - wire, device_kind(target));
    add_bar(to, target, timing, longest);
    g_string_append(to, "</tr>\n");
}

/* How the wire of one side was measured. */
static void add_wire(GString *to, const char *side, const ResultTiming *timing)
{
    if (timing->pings > 0) {
        g_string_append_printf(
            to,
            "<p class=\"dim\">Wire of the %s: the server counted %.2f requests per operation, and "
            "an empty request and its answer took %.0f ns, the median of %u that were made over "
            "the "
            "same connection after the operations. What is left is the model's time; on a busy "
            "machine it has a part of the wire's waiting.</p>\n",
            side, (double)timing->requests / (double)timing->operations, timing->ping_ns,
            timing->pings);
    }
}

void html_timing(GString *to, const Results *results)
{
    static const char *const heads[] = { "Side", "Target", "Per operation", "Wire", "Device",
                                         "",     NULL };
    double longest =
        MAX(timing_per_operation(&results->ref_timing), timing_per_operation(&results->dut_timing));

    if (longest <= 0) {
        return;
    }
    g_string_append(to, "<h2>Time per operation</h2>\n");
    html_table_begin(to, "timing", "plain", heads);
    add_side(to, "Reference", results->ref, &results->ref_timing, longest);
    add_side(to, "Under test", results->dut, &results->dut_timing, longest);
    html_table_end(to);
    g_string_append_printf(
        to,
        "<p class=\"dim\">Measured by the clock around each side's turns while %" PRIu64
        " operations were compared; making operations, comparing and counting coverage are in "
        "neither side. <span class=\"key t-wire\"></span>wire <span class=\"key t-rtl\"></span>RTL "
        "<span class=\"key t-model\"></span>model</p>\n",
        results->ref_timing.operations);
    add_wire(to, "reference", &results->ref_timing);
    add_wire(to, "side under test", &results->dut_timing);
}
