#include "cosim/regress/qreg.h"

#include <inttypes.h>

const char *qreg_bus_name(int bus)
{
    switch (bus) {
    case QOSIM_BUS_OK:
        return "ok";
    case QOSIM_BUS_ERROR:
        return "error";
    case QOSIM_BUS_DECODE_ERROR:
        return "decode-error";
    case QOSIM_BUS_ACCESS_ERROR:
        return "access-error";
    case OP_BUS_STUCK:
        return "stuck";
    case OP_BUS_VIOLATION:
        return "violation";
    default:
        return NULL;
    }
}

char *qreg_place(const RegressDevice *device, uint32_t offset)
{
    const RegressRegister *reg = regress_register_at(device, offset);

    if (!reg) {
        return g_strdup_printf("0x%02" PRIx32, offset);
    }
    return offset == reg->offset ? g_strdup(reg->name)
                                 : g_strdup_printf("%s+%" PRIu32, reg->name, offset - reg->offset);
}

static void print_access(GString *to, const RegressDevice *device, const Op *op)
{
    g_autofree char *place = qreg_place(device, op->offset);

    g_string_append_printf(to, "%s %s", op->kind == OP_READ ? "read" : "write", place);
    if (op->kind == OP_WRITE) {
        g_string_append_printf(to, " 0x%0*" PRIx64, 2 * op->size, op->value);
    }
    if (op->size != 4) {
        g_string_append_printf(to, " size=%u", op->size);
    }
    if (op->by_strobes) {
        g_string_append_printf(to, " strobes=0x%x", op->strobes);
    }
}

static const char *level_name(int level)
{
    return level < 0 ? "released" : level == 0 ? "low" : "high";
}

void qreg_print_op(GString *to, const RegressDevice *device, const Op *op)
{
    switch ((OpKind)op->kind) {
    case OP_READ:
    case OP_WRITE:
        print_access(to, device, op);
        break;
    case OP_LINE:
        g_string_append_printf(to, "line %u %s", op->line, level_name(op->level));
        break;
    case OP_INPUT:
        g_string_append_printf(to, "input %s %u %s", device->inputs[op->list], op->line,
                               level_name(op->level));
        break;
    case OP_RESET:
        g_string_append(to, "reset");
        break;
    default:
        g_string_append_printf(to, "advance %" PRIu64, op->value);
        break;
    }
    if (op->phase > 0) {
        g_string_append_printf(to, " phase=%u", op->phase);
    }
    g_string_append(to, op->unsettled ? " unsettled" : "");
}

void qreg_print_outcome(GString *to, const Op *op, const Outcome *outcome, unsigned known)
{
    g_string_append(to, " =>");
    known &= op->unsettled ? ~(unsigned)OBSERVED_LEVELS : OBSERVED_ALL;
    if (known & OBSERVED_BUS) {
        g_string_append_printf(to, " %s", qreg_bus_name(outcome->bus));
    }
    if ((known & OBSERVED_DATA) && op->kind == OP_READ) {
        g_string_append_printf(to, " 0x%0*" PRIx64, 2 * op->size, outcome->data);
    }
    if (known & OBSERVED_IRQ) {
        g_string_append_printf(to, " irq=0x%" PRIx32, outcome->levels.irq);
    }
    if (known & OBSERVED_OUT) {
        g_string_append_printf(to, " out=0x%" PRIx32, outcome->levels.out);
    }
    if (known & OBSERVED_DRIVEN) {
        g_string_append_printf(to, " driven=0x%" PRIx32, outcome->levels.driven);
    }
}
