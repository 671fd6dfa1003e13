#include "cosim/regress/report.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/regress/error.h"
#include "cosim/regress/qreg.h"

static const char *program = "qosim-regress";

void report_set_program(const char *name)
{
    program = name;
}

const char *report_program(void)
{
    return program;
}

/* By bit of Observed. */
static const char *const observed_names[] = { "data", "bus", "irq", "out", "driven" };

unsigned report_parse_observed(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(observed_names); i++) {
        if (strcmp(name, observed_names[i]) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

void report_bits(GString *to, uint64_t bits)
{
    const char *separator = "";

    for (unsigned i = 0; i < 64; i++) {
        unsigned first = i;

        if (!(bits >> i & 1)) {
            continue;
        }
        while (i < 63 && (bits >> (i + 1) & 1)) {
            i++;
        }
        g_string_append_printf(to, first == i ? "%s%u" : "%s%u-%u", separator, first, i);
        separator = ", ";
    }
}

void report_observed(GString *to, unsigned observed)
{
    const char *separator = "";

    for (unsigned i = 0; i < G_N_ELEMENTS(observed_names); i++) {
        if (observed >> i & 1) {
            g_string_append_printf(to, "%s%s", separator, observed_names[i]);
            separator = ", ";
        }
    }
}

static void add_difference(GString *to, const char *what, uint64_t ref, uint64_t dut)
{
    g_string_append_printf(to, "  %s: ref 0x%08" PRIx64 ", dut 0x%08" PRIx64 ": bits ", what, ref,
                           dut);
    report_bits(to, ref ^ dut);
    g_string_append_c(to, '\n');
}

/* A line for each thing that differs. */
static void add_differences(GString *to, const Pair *pair, const Op *op,
                            const Divergence *divergence)
{
    const Outcome *ref = &divergence->ref;
    const Outcome *dut = &divergence->dut;

    if (divergence->differs & OBSERVED_DATA) {
        g_autofree char *place = qreg_place(pair->device, op->offset);

        add_difference(to, place, ref->data, dut->data);
    }
    if (divergence->differs & OBSERVED_BUS) {
        g_string_append_printf(to, "  bus response: ref %s, dut %s\n", qreg_bus_name(ref->bus),
                               qreg_bus_name(dut->bus));
    }
    if (divergence->differs & OBSERVED_IRQ) {
        add_difference(to, "interrupt lines", ref->levels.irq, dut->levels.irq);
    }
    if (divergence->differs & OBSERVED_OUT) {
        add_difference(to, "output lines", ref->levels.out, dut->levels.out);
    }
    if (divergence->differs & OBSERVED_DRIVEN) {
        add_difference(to, "output lines driven", ref->levels.driven, dut->levels.driven);
    }
}

static void add_side(GString *to, const char *prefix, const Target *target, const Op *op,
                     const Outcome *outcome)
{
    g_string_append_printf(to, "%s %s", prefix, target->name);
    qreg_print_outcome(to, op, outcome, target_observes(target));
    g_string_append_c(to, '\n');
}

void report_divergence(GString *to, const Pair *pair, const char *from, const Op *ops,
                       const Divergence *divergence)
{
    size_t last = divergence->index;
    size_t first = last + 1 > REPORT_LAST_OPS ? last + 1 - REPORT_LAST_OPS : 0;

    g_string_append_printf(to, "DIVERGENCE at operation %zu of %s, in ", last, from);
    report_observed(to, divergence->differs);
    g_string_append(to, "\nlast operations:\n");
    for (size_t i = first; i <= last; i++) {
        g_string_append_printf(to, "  %8zu  ", i);
        qreg_print_op(to, pair->device, &ops[i]);
        g_string_append_c(to, '\n');
    }
    add_side(to, "  ref", pair->ref, &ops[last], &divergence->ref);
    add_side(to, "  dut", pair->dut, &ops[last], &divergence->dut);
    g_string_append(to, divergence->note);
    g_string_append(to, "difference:\n");
    add_differences(to, pair, &ops[last], divergence);
}

bool report_registers(GString *to, Pair *pair, GError **error)
{
    const RegressDevice *device = pair->device;
    g_autofree Op *ops = g_new0(Op, device->n_registers);
    g_autofree Outcome *ref = g_new0(Outcome, device->n_registers);
    g_autofree Outcome *dut = g_new0(Outcome, device->n_registers);

    for (size_t i = 0; i < device->n_registers; i++) {
        ops[i] = (Op){ .kind = OP_READ, .size = 4, .offset = device->registers[i].offset };
    }
    if (!target_run(pair->ref, ops, device->n_registers, ref, error) ||
        !target_run(pair->dut, ops, device->n_registers, dut, error)) {
        return false;
    }
    g_string_append_printf(to, "registers:\n  %-12s %-10s  %-10s\n", "", "ref", "dut");
    for (size_t i = 0; i < device->n_registers; i++) {
        g_string_append_printf(to, "  %-12s 0x%08" PRIx64 "  0x%08" PRIx64,
                               device->registers[i].name, ref[i].data, dut[i].data);
        if (ref[i].data != dut[i].data) {
            g_string_append(to, "  bits ");
            report_bits(to, ref[i].data ^ dut[i].data);
        }
        g_string_append_c(to, '\n');
    }
    return true;
}

/* What narrows the comparison, as options. */
static void add_options(GString *to, const Pair *pair)
{
    const char *separator = " --compare ";

    for (unsigned i = 0; i < G_N_ELEMENTS(observed_names); i++) {
        if (pair->compared >> i & 1) {
            g_string_append_printf(to, "%s%s", separator, observed_names[i]);
            separator = ",";
        }
    }
    for (size_t i = 0; i < pair->device->n_registers; i++) {
        if (pair->masks[i] != UINT32_MAX) {
            g_string_append_printf(to, " --mask %s=0x%" PRIx32, pair->device->registers[i].name,
                                   pair->masks[i]);
        }
    }
}

static void add_command(GString *to, const Pair *pair)
{
    g_autofree char *ref = g_shell_quote(pair->ref->name);
    g_autofree char *dut = g_shell_quote(pair->dut->name);

    g_string_append_printf(to, "%s run --ref %s --dut %s", report_program(), ref, dut);
    add_options(to, pair);
}

char *report_command(const Pair *pair, const char *file)
{
    g_autofree char *quoted = g_shell_quote(file);
    GString *to = g_string_new(NULL);

    add_command(to, pair);
    g_string_append_printf(to, " %s", quoted);
    return g_string_free(to, FALSE);
}

/* Line by line, as comments. */
static void add_note(GString *to, const Divergence *divergence)
{
    g_auto(GStrv) lines = g_strsplit(divergence->note, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        if (*lines[i]) {
            g_string_append_printf(to, "#   %s\n", lines[i]);
        }
    }
}

char *report_reproducer(const Pair *pair, const char *from, const Op *ops,
                        const Divergence *divergence)
{
    size_t last = divergence->index;
    GString *to = g_string_new(NULL);

    g_string_append_printf(to, "# Smallest sequence found in %s that makes these diverge:\n", from);
    g_string_append(to, "#   ");
    add_command(to, pair);
    g_string_append(to, " THIS_FILE\n");
    g_string_append(to, "# The last operation:\n");
    add_side(to, "#   ref", pair->ref, &ops[last], &divergence->ref);
    add_side(to, "#   dut", pair->dut, &ops[last], &divergence->dut);
    add_note(to, divergence);
    for (size_t i = 0; i <= last; i++) {
        qreg_print_op(to, pair->device, &ops[i]);
        g_string_append_c(to, '\n');
    }
    return g_string_free(to, FALSE);
}
