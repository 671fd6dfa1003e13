#include "cosim/regress/report/html_parts.h"

#include <inttypes.h>

#include "cosim/regress/qreg.h"
#include "cosim/regress/report.h"

char *html_register_bits(const RegressDevice *device, uint32_t offset, uint64_t bits)
{
    GString *to = g_string_new(NULL);
    unsigned shift = 8 * (offset & 3);

    /* Word by word; an access of 8 bytes begins with one. */
    for (uint64_t rest = shift ? bits << shift : bits, at = offset & ~UINT32_C(3); rest != 0;
         rest >>= 32, at += 4) {
        g_autofree char *place = qreg_place(device, (uint32_t)at);

        if ((uint32_t)rest) {
            g_string_append_printf(to, "%s%s[", to->len > 0 ? ", " : "", place);
            report_bits(to, (uint32_t)rest);
            g_string_append_c(to, ']');
        }
    }
    return g_string_free(to, FALSE);
}

/* The bits of @value from the highest on, in groups of four; those of @differing are marked. */
static void add_bits(GString *to, uint32_t value, uint32_t differing)
{
    for (int bit = 31; bit >= 0; bit--) {
        bool marked = differing >> bit & 1;

        g_string_append_printf(to, "%s%u%s%s", marked ? "<b class=\"d\">" : "", value >> bit & 1,
                               marked ? "</b>" : "", bit > 0 && bit % 4 == 0 ? " " : "");
    }
}

static void add_value(GString *to, const Outcome *outcome, uint32_t differing)
{
    if (outcome->bus != QOSIM_BUS_OK) {
        html_cell(to, "m", qreg_bus_name(outcome->bus));
        return;
    }
    g_string_append_printf(to, "<td class=\"m\">0x%08" PRIx64, outcome->data);
    if (differing) {
        g_string_append(to, "<br/><span class=\"dim\">");
        add_bits(to, (uint32_t)outcome->data, differing);
        g_string_append(to, "</span>");
    }
    g_string_append(to, "</td>");
}

static void add_register(GString *to, const RegressRegister *reg, const Outcome *ref,
                         const Outcome *dut)
{
    uint32_t differing = (uint32_t)(ref->data ^ dut->data);
    g_autoptr(GString) bits = g_string_new(NULL);

    report_bits(bits, differing);
    g_string_append_printf(
        to, "<tr%s><th scope=\"row\">%s</th><td class=\"m\">0x%02" PRIx32 "</td>",
        differing || ref->bus != dut->bus ? " class=\"bad\"" : "", reg->name, reg->offset);
    add_value(to, ref, differing);
    add_value(to, dut, differing);
    html_cell(to, "m", bits->str);
    g_string_append(to, "</tr>\n");
}

void html_registers(GString *to, const RegressDevice *device, const Examined *examined,
                    unsigned number)
{
    static const char *const heads[] = { "Register",   "Offset",         "Reference",
                                         "Under test", "Differing bits", NULL };
    g_autofree char *id = g_strdup_printf("registers%u", number);

    if (!examined->ref_registers || !examined->dut_registers) {
        return;
    }
    g_string_append(to, "<h3>Registers after it</h3>\n");
    html_table_begin(to, id, "plain", heads);
    for (size_t i = 0; i < device->n_registers; i++) {
        add_register(to, &device->registers[i], &examined->ref_registers[i],
                     &examined->dut_registers[i]);
    }
    html_table_end(to);
}
