#include "cosim/regress/target.h"

#include <string.h>

#include "cosim/regress/error.h"

#define KINDS_MAX 16u

static struct {
    const char *name;
    const char *help;
    TargetOpen *open;
    bool needs_machine; /* only for devices that are on one */
} kinds[KINDS_MAX] = {
    { "model",
      "\tthe device's model in this process; model:variant=qemu sets properties of it\n"
      "model:URL\tthe model of a server: inproc:MACHINE [OPTIONS], ipc://, shm://, tcp://, ws://",
      target_model_open, true },
    { "qemu", "[PROGRAM]\tQEMU (default qemu-system-riscv32)", target_qemu_open, true },
    { "log", "FILE\twhat replay printed", target_log_open, false },
};

void target_register(const char *kind, const char *help, TargetOpen *open)
{
    unsigned i = 0;

    while (i < KINDS_MAX && kinds[i].name && strcmp(kinds[i].name, kind) != 0) {
        i++;
    }
    g_assert(i < KINDS_MAX);
    kinds[i].name = kind;
    kinds[i].help = help;
    kinds[i].open = open;
    kinds[i].needs_machine = false;
}

static bool is_for(unsigned kind, const RegressDevice *device)
{
    return device->machine || !kinds[kind].needs_machine;
}

void target_list(GString *to, const RegressDevice *device)
{
    for (unsigned i = 0; i < KINDS_MAX && kinds[i].name; i++) {
        g_autofree char *text = g_strconcat(kinds[i].name, ":", kinds[i].help, NULL);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (unsigned k = 0; lines[k] && is_for(i, device); k++) {
            g_auto(GStrv) columns = g_strsplit(lines[k], "\t", 2);

            g_string_append_printf(to, "  %-20s %s\n", columns[0], columns[1] ? columns[1] : "");
        }
    }
}

static void unknown_kind(const char *name, const RegressDevice *device, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (unsigned i = 0; i < KINDS_MAX && kinds[i].name; i++) {
        if (is_for(i, device)) {
            g_string_append_printf(known, "%s%s:", known->len > 0 ? ", " : "", kinds[i].name);
        }
    }
    regress_usage(error, "no target %s; there are %s", name, known->str);
}

Target *target_open(const char *name, const RegressDevice *device, GError **error)
{
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : strlen(name);

    if (strpbrk(name, "\n\r")) {
        regress_usage(error, "a target's name is one line"); /* it goes into comments */
        return NULL;
    }
    for (unsigned i = 0; i < KINDS_MAX && kinds[i].name; i++) {
        if (is_for(i, device) && strlen(kinds[i].name) == length &&
            strncmp(kinds[i].name, name, length) == 0) {
            return kinds[i].open(name, colon ? colon + 1 : "", device, error);
        }
    }
    unknown_kind(name, device, error);
    return NULL;
}

void target_init(Target *target, const TargetClass *ops, const RegressDevice *device,
                 const char *name)
{
    target->ops = ops;
    target->device = device;
    target->name = g_strdup(name);
    target->n_lines = device->n_lines;
    target->takes = ops->takes;
    target->lines_set = UINT32_MAX;
    target->inputs_set = g_new(uint32_t, device->n_inputs);
    for (size_t i = 0; i < device->n_inputs; i++) {
        target->inputs_set[i] = UINT32_MAX;
    }
}

void target_close(Target *target)
{
    if (target) {
        g_free(target->name);
        g_free(target->inputs_set);
        target->ops->close(target);
    }
}

bool target_restart(Target *target, GError **error)
{
    target->lines_set = UINT32_MAX;
    for (size_t i = 0; i < target->device->n_inputs; i++) {
        target->inputs_set[i] = UINT32_MAX;
    }
    return !target->ops->restart || target->ops->restart(target, error);
}

unsigned target_observes(const Target *target)
{
    return target->ops->observed ? target->ops->observed(target) : target->ops->observes;
}

bool target_watch(Target *target, Wave *wave)
{
    if (target->ops->watch) {
        target->ops->watch(target, wave);
    }
    return target->ops->watch != NULL;
}

/* The pieces of a write whose size and place are those that @strobes leaves of a word: 4, 2 or 1 bytes each. */
static bool write_strobed(Target *target, const Op *op, unsigned lane, unsigned size,
                          qosim_bus *bus, GError **error)
{
    unsigned mask = ((1u << size) - 1) << lane;
    qosim_bus upper = QOSIM_BUS_OK;

    if ((op->strobes & mask) == 0) {
        return true;
    }
    if ((op->strobes & mask) == mask) {
        return target->ops->write(target, op->offset + lane, size,
                                  op->value >> (8 * lane) & op_size_mask(size), bus, error);
    }
    size /= 2;
    if (!write_strobed(target, op, lane, size, bus, error) ||
        !write_strobed(target, op, lane + size, size, &upper, error)) {
        return false;
    }
    *bus = *bus == QOSIM_BUS_OK ? upper : *bus;
    return true;
}

static bool run_write(Target *target, const Op *op, qosim_bus *bus, GError **error)
{
    return op->by_strobes ? write_strobed(target, op, 0, 4, bus, error)
                          : target->ops->write(target, op->offset, op->size, op->value, bus, error);
}

static bool run_one(Target *target, const Op *op, Outcome *outcome, GError **error)
{
    const TargetClass *ops = target->ops;
    qosim_bus bus = QOSIM_BUS_OK;
    bool ok;

    *outcome = (Outcome){ .bus = QOSIM_BUS_OK };
    switch ((OpKind)op->kind) {
    case OP_READ:
        ok = ops->read(target, op->offset, op->size, &outcome->data, &bus, error);
        break;
    case OP_WRITE:
        ok = run_write(target, op, &bus, error);
        break;
    case OP_LINE:
        ok = ops->set_line(target, op->line, op->level, error);
        break;
    case OP_INPUT:
        ok = ops->set_input(target, op->list, op->line, op->level, error);
        break;
    case OP_RESET:
        ok = ops->reset(target, error);
        break;
    default:
        ok = ops->advance(target, op->value, error);
        break;
    }
    outcome->bus = (int)bus;
    return ok;
}

static bool takes(const Target *target, const Op *op, GError **error)
{
    if (op_needs(op) & ~target->takes) {
        regress_trouble(error, "%s takes no %s", target->name,
                        op->kind == OP_INPUT ? "lists of inputs" : "strobes");
        return false;
    }
    if ((op->kind == OP_LINE || op->kind == OP_INPUT) && op->line >= target->n_lines) {
        regress_trouble(error, "%s has no line %u", target->name, op->line);
        return false;
    }
    return true;
}

static void set_bit(uint32_t *word, unsigned bit, bool set)
{
    uint32_t mask = UINT32_C(1) << bit;

    *word = set ? *word | mask : *word & ~mask;
}

/* Remembers what a later target_begin() has to take back. */
static void remember(Target *target, const Op *op)
{
    if (op->kind == OP_LINE) {
        set_bit(&target->lines_set, op->line, op->level != OP_RELEASED);
    } else if (op->kind == OP_INPUT) {
        set_bit(&target->inputs_set[op->list], op->line, op->level != 0);
    }
}

bool target_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        if (!takes(target, &ops[i], error)) {
            return false;
        }
        remember(target, &ops[i]);
    }
    if (target->ops->run) {
        return target->ops->run(target, ops, n, outcomes, error);
    }
    for (size_t i = 0; i < n; i++) {
        if (!run_one(target, &ops[i], &outcomes[i], error) ||
            !target->ops->observe(target, &outcomes[i].levels, error)) {
            return false;
        }
    }
    return true;
}

static void add_inputs(const Target *target, GArray *ops)
{
    for (size_t list = 0; list < target->device->n_inputs; list++) {
        for (unsigned line = 0; line < target->n_lines; line++) {
            const Op op = { .kind = OP_INPUT, .list = (uint8_t)list, .line = (uint8_t)line };

            if (target->inputs_set[list] >> line & 1) {
                g_array_append_val(ops, op);
            }
        }
    }
}

/* The operations that lead to the state that sequences start from. */
static GArray *make_prelude(const Target *target)
{
    const RegressDevice *device = target->device;
    GArray *ops = g_array_new(FALSE, FALSE, sizeof(Op));

    for (unsigned line = 0; line < target->n_lines; line++) {
        const Op op = { .kind = OP_LINE, .line = (uint8_t)line, .level = OP_RELEASED };

        if (target->lines_set >> line & 1) {
            g_array_append_val(ops, op);
        }
    }
    if (target->takes & OP_TAKES_INPUTS) {
        add_inputs(target, ops);
    }
    g_array_append_vals(ops, device->prelude, (guint)device->n_prelude);
    return ops;
}

bool target_begin(Target *target, GError **error)
{
    g_autoptr(GArray) ops = NULL;
    g_autofree Outcome *outcomes = NULL;

    if (target_log_steps(target)) {
        target_log_rewind(target);
        return true;
    }
    ops = make_prelude(target);
    outcomes = g_new(Outcome, ops->len);
    if (!target_run(target, (const Op *)ops->data, ops->len, outcomes, error)) {
        return false;
    }
    if (target->ops->begin) {
        target->ops->begin(target);
    }
    return true;
}

const char *target_note(const Target *target)
{
    const char *note = target->ops->note ? target->ops->note(target) : NULL;

    return note ? note : "";
}

const char *target_about(const Target *target)
{
    const char *about = target->ops->about ? target->ops->about(target) : NULL;

    return about ? about : "";
}
