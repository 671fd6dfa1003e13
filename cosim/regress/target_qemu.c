/*
 * QEMU over qtest. A connection tells either the lines into the interrupt sink or those out of the device, so there are two
 * machines that get the same operations. qtest tells no bus errors, and the clock of a stopped machine does not go on.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/peer.h"
#include "cosim/regress/target.h"

#define MACHINES 2u
#define BATCH 64u

typedef struct QemuTarget {
    Target parent;

    char *program;
    char *directory; /* of the sockets */
    Peer *machines[MACHINES];
    uint32_t levels[MACHINES]; /* interrupts, outputs */
} QemuTarget;

static const char *const directions[MACHINES] = { "in", "out" };
static const char *const names[MACHINES] = { "machine-in", "machine-out" };

static bool trouble(const Target *target, GError *cause, GError **error)
{
    regress_trouble(error, "%s: %s", target->name, cause->message);
    g_error_free(cause);
    return false;
}

static char access_letter(unsigned size)
{
    return size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'l' : 'q';
}

static void add_line(GString *text, const RegressDevice *device, const Op *op)
{
    switch ((OpKind)op->kind) {
    case OP_READ:
        g_string_append_printf(text, "read%c 0x%" PRIx64 "\n", access_letter(op->size),
                               device->base + op->offset);
        break;
    case OP_WRITE:
        g_string_append_printf(text, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n",
                               access_letter(op->size), device->base + op->offset, op->value);
        break;
    case OP_LINE:
        g_string_append_printf(text, "set_irq_in %s unnamed-gpio-in %u %d\n", device->lines_path,
                               op->line, op->level);
        break;
    default:
        g_string_append(text, "clock_step 0\n"); /* time does not pass, but each has its answer */
        break;
    }
}

/* Takes the "IRQ raise N" lines before the reply, which it returns. */
static const char *take_levels(const char *answer, uint32_t first, uint32_t *levels)
{
    for (; g_str_has_prefix(answer, "IRQ "); answer = strchr(answer, '\n') + 1) {
        bool raise = g_str_has_prefix(answer, "IRQ raise ");
        unsigned long line =
            strtoul(answer + strlen(raise ? "IRQ raise " : "IRQ lower "), NULL, 10);

        if (line - first < 32) {
            uint32_t bit = UINT32_C(1) << (line - first);

            *levels = raise ? *levels | bit : *levels & ~bit;
        }
    }
    return answer;
}

static bool take_answer(QemuTarget *qemu, const Op *op, unsigned index, Outcome *outcome,
                        GError **error)
{
    const RegressDevice *device = qemu->parent.device;
    const char *reply = NULL;

    for (unsigned i = 0; i < MACHINES; i++) {
        reply = take_levels(g_ptr_array_index(qemu->machines[i]->answers, index),
                            i == 0 ? device->first_interrupt : 0, &qemu->levels[i]);
        if (!g_str_has_prefix(reply, "OK") && op->kind != OP_ADVANCE) {
            regress_trouble(error, "%s: %s", qemu->parent.name, reply);
            return false;
        }
    }
    *outcome = (Outcome){ .bus = QOSIM_BUS_OK,
                          .levels = { qemu->levels[0], qemu->levels[1], UINT32_MAX } };
    if (op->kind == OP_READ) {
        outcome->data = strtoull(reply + 2, NULL, 16);
    }
    return true;
}

/* Runs operations that all go over qtest. */
static bool run_lines(QemuTarget *qemu, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GError *cause = NULL;

    for (size_t i = 0; i < n; i++) {
        add_line(text, qemu->parent.device, &ops[i]);
    }
    if (n > 0 && !peers_exchange(qemu->machines, MACHINES, text->str, (unsigned)n, &cause)) {
        return trouble(&qemu->parent, cause, error);
    }
    for (size_t i = 0; i < n; i++) {
        if (!take_answer(qemu, &ops[i], (unsigned)i, &outcomes[i], error)) {
            return false;
        }
    }
    return true;
}

static bool run_reset(QemuTarget *qemu, Outcome *outcome, GError **error)
{
    GError *cause = NULL;

    for (unsigned i = 0; i < MACHINES; i++) {
        if (!peer_qmp_reset(qemu->machines[i], &cause)) {
            return trouble(&qemu->parent, cause, error);
        }
    }
    *outcome = (Outcome){ .bus = QOSIM_BUS_OK,
                          .levels = { qemu->levels[0], qemu->levels[1], UINT32_MAX } };
    return true;
}

/* A reset goes over QMP, so it stands between two exchanges. */
static bool qemu_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    QemuTarget *qemu = (QemuTarget *)target;
    size_t done = 0;

    while (done < n) {
        size_t lines = 0;

        while (done + lines < n && lines < BATCH && ops[done + lines].kind != OP_RESET) {
            lines++;
        }
        if (lines == 0) {
            if (!run_reset(qemu, &outcomes[done++], error)) {
                return false;
            }
        } else if (!run_lines(qemu, &ops[done], lines, &outcomes[done], error)) {
            return false;
        }
        done += lines;
    }
    return true;
}

static void qemu_close(Target *target)
{
    QemuTarget *qemu = (QemuTarget *)target;

    for (unsigned i = 0; i < MACHINES; i++) {
        peer_stop(qemu->machines[i]);
    }
    if (qemu->directory) {
        g_rmdir(qemu->directory);
    }
    g_free(qemu->program);
    g_free(qemu->directory);
    g_free(qemu);
}

static bool start_machine(QemuTarget *qemu, unsigned i, GError **error)
{
    const RegressDevice *device = qemu->parent.device;
    const char *const words[] = { "-M", device->machine, "-S", NULL };
    g_autofree char *path = g_strdup(device->lines_path);
    g_autofree char *line = NULL;
    g_autofree char *answer = NULL;

    qemu->machines[i] = peer_start_qemu(names[i], qemu->program, words, qemu->directory, error);
    if (!qemu->machines[i]) {
        return false;
    }
    if (i == 0) {
        g_free(path);
        path =
            peer_qmp_find_child(qemu->machines[i], "/machine/unattached", device->qemu_sink, error);
    }
    line = path ? g_strdup_printf("irq_intercept_%s %s", directions[i], path) : NULL;
    answer = line ? peer_ask(qemu->machines[i], line, error) : NULL;
    if (answer && strcmp(answer, "OK\n") != 0) {
        regress_trouble(error, "%s: %s", line, answer);
        return false;
    }
    return answer != NULL;
}

static bool start(QemuTarget *qemu, GError **error)
{
    GError *cause = NULL;

    for (unsigned i = 0; i < MACHINES; i++) {
        if (!start_machine(qemu, i, &cause)) {
            return trouble(&qemu->parent, cause, error);
        }
    }
    return true;
}

static bool qemu_restart(Target *target, GError **error)
{
    QemuTarget *qemu = (QemuTarget *)target;

    for (unsigned i = 0; i < MACHINES; i++) {
        peer_stop(qemu->machines[i]);
        qemu->machines[i] = NULL;
        qemu->levels[i] = 0;
    }
    return start(qemu, error);
}

static const TargetClass qemu_class = {
    .kind = "qemu",
    .observes = OBSERVED_DATA | OBSERVED_IRQ | OBSERVED_OUT,
    .batch = BATCH,
    .run = qemu_run,
    .restart = qemu_restart,
    .close = qemu_close,
};

Target *target_qemu_open(const char *name, const char *rest, const RegressDevice *device,
                         GError **error)
{
    QemuTarget *qemu = g_new0(QemuTarget, 1);
    GError *cause = NULL;
    bool ok;

    target_init(&qemu->parent, &qemu_class, device, name);
    qemu->program = g_strdup(*rest ? rest : "qemu-system-riscv32");
    qemu->directory = g_dir_make_tmp("qosim-regress-XXXXXX", &cause);
    ok = qemu->directory ? start(qemu, error) : trouble(&qemu->parent, cause, error);
    if (!ok) {
        target_close(&qemu->parent);
        return NULL;
    }
    return &qemu->parent;
}
