#include "cosim/regress/report/examine.h"

#include "cosim/regress/report/levels_wave.h"

/* Operations that are given to a target at a time. */
#define CHUNK 64u
/* Samples of a clocked target that the picture shows. */
#define WAVE_SAMPLES 96u

static Examined *new_examined(void)
{
    Examined *examined = g_new0(Examined, 1);

    examined->ops = g_array_new(FALSE, FALSE, sizeof(Op));
    examined->ref = g_array_new(FALSE, FALSE, sizeof(Outcome));
    examined->dut = g_array_new(FALSE, FALSE, sizeof(Outcome));
    return examined;
}

void examined_free(Examined *examined)
{
    if (examined) {
        g_array_unref(examined->ops);
        g_array_unref(examined->ref);
        g_array_unref(examined->dut);
        g_free(examined->ref_note);
        g_free(examined->dut_note);
        g_free(examined->ref_registers);
        g_free(examined->dut_registers);
        wave_free(examined->levels);
        wave_free(examined->ref_wave);
        wave_free(examined->dut_wave);
        g_free(examined);
    }
}

const Op *examined_op(const Examined *examined, size_t i)
{
    return &g_array_index(examined->ops, Op, i);
}

const Outcome *examined_outcome(const Examined *examined, bool dut, size_t i)
{
    return &g_array_index(dut ? examined->dut : examined->ref, Outcome, i);
}

size_t examine_start(const Op *ops, size_t n, size_t window)
{
    size_t first = n > window ? n - window : 0;

    while (first > 0 && ops[first - 1].unsettled) {
        first--;
    }
    return first;
}

bool examine_run(const Pair *pair, Target *target, const Op *ops, size_t n, GArray *outcomes,
                 GError **error)
{
    Outcome came[CHUNK];

    for (size_t done = 0; done < n; done += CHUNK) {
        size_t now = MIN(CHUNK, n - done);

        if (!target_run(target, &ops[done], now, came, error)) {
            return false;
        }
        if (outcomes) {
            g_array_append_vals(outcomes, came, (guint)now);
        }
        if (pair->beat) {
            pair->beat(pair->beat_opaque, 0);
        }
    }
    return true;
}

/* Reads all registers of one side. NULL with @error. */
static Outcome *read_registers(const Pair *pair, Target *target, GError **error)
{
    const RegressDevice *device = target->device;
    g_autoptr(GArray) dump = g_array_new(FALSE, FALSE, sizeof(Outcome));
    g_autofree Op *reads = g_new0(Op, device->n_registers);

    for (size_t i = 0; i < device->n_registers; i++) {
        reads[i] = (Op){ .kind = OP_READ, .size = 4, .offset = device->registers[i].offset };
    }
    return examine_run(pair, target, reads, device->n_registers, dump, error)
               ? (Outcome *)(void *)g_array_free(g_steal_pointer(&dump), FALSE)
               : NULL;
}

/* Where what is found out about one side goes. */
typedef struct Side {
    GArray *outcomes;
    Wave **wave;
    Outcome **registers;
    char **note;
} Side;

/* All of one side: the way there, the window with its waveform, and the registers behind it. */
static bool examine_side(const Pair *pair, Target *target, const Op *ops, size_t n, size_t first,
                         Side side, GError **error)
{
    bool ok;

    if (!target_begin(target, error) || !examine_run(pair, target, ops, first, NULL, error)) {
        return false;
    }
    *side.wave = wave_new(target->name, "ns", WAVE_SAMPLES);
    if (!target_watch(target, *side.wave)) {
        g_clear_pointer(side.wave, wave_free);
    }
    ok = examine_run(pair, target, &ops[first], n - first, side.outcomes, error);
    target_watch(target, NULL);
    *side.note = g_strdup(target_note(target));
    if (ok && !target_log_steps(target)) {
        *side.registers = read_registers(pair, target, error);
        ok = *side.registers != NULL;
    }
    return ok;
}

Examined *examine(Pair *pair, const Op *ops, size_t n, size_t window, GError **error)
{
    g_autoptr(Examined) examined = new_examined();
    size_t first = examine_start(ops, n, window);
    const Side ref = { examined->ref, &examined->ref_wave, &examined->ref_registers,
                       &examined->ref_note };
    const Side dut = { examined->dut, &examined->dut_wave, &examined->dut_registers,
                       &examined->dut_note };

    if (!examine_side(pair, pair->ref, ops, n, first, ref, error) ||
        !examine_side(pair, pair->dut, ops, n, first, dut, error)) {
        return NULL;
    }
    examined->first = first;
    g_array_append_vals(examined->ops, &ops[first], (guint)(n - first));
    if (n > first) {
        examined->differs =
            pair_compare(pair, &ops[n - 1], examined_outcome(examined, false, n - 1 - first),
                         examined_outcome(examined, true, n - 1 - first));
    }
    examined->levels = levels_wave(pair, examined->ops, examined->ref, examined->dut, first);
    return g_steal_pointer(&examined);
}
