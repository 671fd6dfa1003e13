#include "cosim/regress/report/html_parts.h"

#include <inttypes.h>

#include "cosim/regress/qreg.h"
#include "cosim/regress/report.h"
#include "cosim/regress/report/markup.h"
#include "cosim/regress/report/svg_wave.h"

/* The operation in question, and what both sides came to. */
typedef struct Last {
    const RegressDevice *device;
    const Op *op;
    const Outcome *ref;
    const Outcome *dut;
} Last;

static char *op_text(const RegressDevice *device, const Op *op)
{
    GString *text = g_string_new(NULL);

    qreg_print_op(text, device, op);
    return g_string_free(text, FALSE);
}

/* One row: WHAT, the values, and which bits by name. */
static void add_difference(GString *to, const char *what, const char *ref, const char *dut,
                           const char *bits)
{
    g_string_append(to, "<tr class=\"bad\"><th scope=\"row\">");
    markup_text(to, what);
    g_string_append(to, "</th>");
    html_cell(to, "m", ref);
    html_cell(to, "m", dut);
    html_cell(to, "m", bits);
    g_string_append(to, "</tr>\n");
}

static void add_number_difference(GString *to, const char *what, uint64_t ref, uint64_t dut,
                                  unsigned digits, const char *bits)
{
    g_autofree char *ref_text = g_strdup_printf("0x%0*" PRIx64, (int)digits, ref);
    g_autofree char *dut_text = g_strdup_printf("0x%0*" PRIx64, (int)digits, dut);

    add_difference(to, what, ref_text, dut_text, bits);
}

static void add_data(GString *to, const Last *last)
{
    g_autofree char *place = qreg_place(last->device, last->op->offset);
    g_autofree char *what = g_strdup_printf("data of %s", place);
    g_autofree char *bits =
        html_register_bits(last->device, last->op->offset, last->ref->data ^ last->dut->data);

    add_number_difference(to, what, last->ref->data, last->dut->data, 2 * last->op->size, bits);
}

static void add_lines(GString *to, const char *what, const char *name, uint32_t ref, uint32_t dut)
{
    g_autoptr(GString) bits = g_string_new(NULL);

    g_string_append_printf(bits, "%s[", name);
    report_bits(bits, ref ^ dut);
    g_string_append_c(bits, ']');
    add_number_difference(to, what, ref, dut, 8, bits->str);
}

static void add_differences(GString *to, const Last *last, unsigned differs, unsigned number)
{
    static const char *const heads[] = { "What differs", "Reference", "Under test", "Bits", NULL };
    const Levels *ref = &last->ref->levels;
    const Levels *dut = &last->dut->levels;
    g_autofree char *id = g_strdup_printf("divergence%u", number);

    html_table_begin(to, id, "plain", heads);
    if (differs & OBSERVED_DATA) {
        add_data(to, last);
    }
    if (differs & OBSERVED_BUS) {
        add_difference(to, "answer on the bus", qreg_bus_name(last->ref->bus),
                       qreg_bus_name(last->dut->bus), "");
    }
    if (differs & OBSERVED_IRQ) {
        add_lines(to, "interrupt lines", "irq", ref->irq, dut->irq);
    }
    if (differs & OBSERVED_OUT) {
        add_lines(to, "output lines", "out", ref->out, dut->out);
    }
    if (differs & OBSERVED_DRIVEN) {
        add_lines(to, "output lines that are driven", "driven", ref->driven, dut->driven);
    }
    html_table_end(to);
}

static void add_outcome(GString *to, const Op *op, const Outcome *outcome, unsigned known)
{
    g_autoptr(GString) text = g_string_new(NULL);

    qreg_print_outcome(text, op, outcome, known);
    html_cell(to, "m", g_str_has_prefix(text->str, " => ") ? text->str + 4 : "");
}

static void add_last_ops(GString *to, const Results *results, const Examined *examined,
                         unsigned number)
{
    static const char *const heads[] = { "Number", "Operation", "Reference", "Under test", NULL };
    g_autofree char *id = g_strdup_printf("operations%u", number);

    g_string_append(to, "<h3>Last operations</h3>\n");
    html_table_begin(to, id, "plain", heads);
    for (guint i = 0; i < examined->ops->len; i++) {
        const Op *op = examined_op(examined, i);
        g_autofree char *text = op_text(results->device, op);

        g_string_append_printf(to, "<tr%s><td class=\"n\">%zu</td>",
                               examined->differs && i + 1 == examined->ops->len ? " class=\"bad\""
                                                                                : "",
                               examined->first + i);
        html_cell(to, "m", text);
        add_outcome(to, op, examined_outcome(examined, false, i), results->ref_observes);
        add_outcome(to, op, examined_outcome(examined, true, i), results->dut_observes);
        g_string_append(to, "</tr>\n");
    }
    html_table_end(to);
}

static void add_wave(GString *to, const char *what, const Wave *wave)
{
    if (wave && wave_length(wave) > 0) {
        g_string_append_printf(to, "<p>%s: ", what);
        markup_text(to, wave->title);
        g_string_append(to, "</p>\n<div class=\"scroll end\">\n");
        svg_wave(to, wave);
        g_string_append(to, "</div>\n");
    }
}

static void add_waves(GString *to, const char *title, const Examined *examined)
{
    if (examined->ref_wave || examined->dut_wave || examined->levels) {
        g_string_append_printf(to, "<h3>%s</h3>\n", title);
        add_wave(to, "Last clocks of the reference", examined->ref_wave);
        add_wave(to, "Last clocks of what is tested", examined->dut_wave);
        add_wave(to, "Levels", examined->levels);
    }
}

/* What the bus of a side has to say. */
static void add_note(GString *to, const char *side, const char *note)
{
    if (note && *note) {
        g_string_append_printf(to, "<p><strong>%s</strong>: ", side);
        markup_text(to, note);
        g_string_append(to, "</p>\n");
    }
}

static void add_reproducer(GString *to, const ResultReproducer *small, unsigned number)
{
    g_string_append_printf(to, "<h3>Reproducer: %u operation%s</h3>\n", small->operations,
                           small->operations == 1 ? "" : "s");
    if (small->path) {
        g_string_append(to, "<p>Written to <code>");
        markup_text(to, small->path);
        g_string_append(to, "</code>. To run it again:</p>\n");
    }
    g_string_append_printf(to, "<pre id=\"command%u\" class=\"copy wrap\">", number);
    markup_text(to, small->command);
    g_string_append_printf(to, "</pre>\n<pre id=\"reproducer%u\" class=\"copy\">", number);
    markup_text(to, small->text);
    g_string_append(to, "</pre>\n");
    if (small->examined) {
        add_waves(to, "Waveform of the reproducer", small->examined);
    }
}

void html_divergence(GString *to, const Results *results, const ResultCase *one, unsigned number)
{
    const Examined *examined = one->examined;
    guint last = examined->ops->len - 1;
    const Last it = { results->device, examined_op(examined, last),
                      examined_outcome(examined, false, last),
                      examined_outcome(examined, true, last) };
    g_autofree char *text = op_text(results->device, it.op);

    g_string_append_printf(to, "<p>Operation number %zu, <code>", examined->first + last);
    markup_text(to, text);
    g_string_append(to, "</code>:</p>\n");
    if (examined->differs) {
        add_differences(to, &it, examined->differs, number);
    } else {
        g_string_append(to, "<p>It did not diverge again when the same sequence was repeated; this "
                            "is what the program saw the first time:</p>\n<pre class=\"wrap\">");
        markup_text(to, one->text);
        g_string_append(to, "</pre>\n");
    }
    add_note(to, "Reference", examined->ref_note);
    add_note(to, "Under test", examined->dut_note);
    if (one->reproducer) {
        add_reproducer(to, one->reproducer, number);
    }
    add_last_ops(to, results, examined, number);
    html_registers(to, results->device, examined, number);
    add_waves(to, "Waveform of the last operations", examined);
}
