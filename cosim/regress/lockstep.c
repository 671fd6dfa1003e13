#include "cosim/regress/lockstep.h"

#include <string.h>
#include <time.h>

#include "cosim/regress/error.h"

#define BATCH_MAX 64u

Pair *pair_new(Target *ref, Target *dut)
{
    Pair *pair = g_new0(Pair, 1);

    pair->device = ref->device;
    pair->ref = ref;
    pair->dut = dut;
    pair->compared = target_observes(ref) & target_observes(dut);
    pair->takes = ref->takes & dut->takes;
    pair->n_lines = MIN(ref->n_lines, dut->n_lines);
    pair->masks = g_new(uint32_t, pair->device->n_registers);
    for (size_t i = 0; i < pair->device->n_registers; i++) {
        pair->masks[i] = UINT32_MAX;
    }
    return pair;
}

Pair *pair_open(const char *ref, const char *dut, const RegressDevice *device, GError **error)
{
    g_autoptr(Target) first = target_open(ref, device, error);
    g_autoptr(Target) second = first ? target_open(dut, device, error) : NULL;

    if (!second) {
        return NULL;
    }
    if (first->n_lines != second->n_lines && !target_log_steps(first) &&
        !target_log_steps(second)) {
        regress_usage(error, "%s has %u lines, %s has %u", ref, first->n_lines, dut,
                      second->n_lines);
        return NULL;
    }
    return pair_new(g_steal_pointer(&first), g_steal_pointer(&second));
}

void pair_free(Pair *pair)
{
    if (pair) {
        target_close(pair->ref);
        target_close(pair->dut);
        g_free(pair->masks);
        g_free(pair);
    }
}

bool pair_mask(Pair *pair, const char *name, uint32_t bits, GError **error)
{
    const RegressRegister *reg = regress_register_named(pair->device, name);
    const char *near = reg ? NULL : regress_register_near(pair->device, name);

    if (!reg) {
        regress_usage(error, "no register %s to mask%s%s%s", name, near ? "; is it " : "",
                      near ? near : "", near ? "?" : "");
        return false;
    }
    pair->masks[reg - pair->device->registers] = bits;
    return true;
}

size_t pair_batch(const Pair *pair)
{
    return CLAMP(MAX(pair->ref->ops->batch, pair->dut->ops->batch), 1, BATCH_MAX);
}

bool pair_restart(Pair *pair, GError **error)
{
    return target_restart(pair->ref, error) && target_restart(pair->dut, error);
}

bool pair_begin(Pair *pair, GError **error)
{
    return target_begin(pair->ref, error) && target_begin(pair->dut, error);
}

/* Bits of a read of @op that are compared; bytes of an access beyond the register are, all of them. */
static uint64_t read_mask(const Pair *pair, const Op *op)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < op->size; i += MIN(op->size, 4)) {
        const RegressRegister *reg = regress_register_at(pair->device, op->offset + i);
        uint64_t bits = reg ? pair->masks[reg - pair->device->registers] : UINT32_MAX;

        mask |= bits >> (8 * (op->offset & 3)) << (8 * i);
    }
    return mask & op_size_mask(op->size);
}

/* On a bus there are fewer answers than in a model: okay, error, and nobody there. */
static int bus_class(int bus)
{
    return bus == QOSIM_BUS_ACCESS_ERROR ? QOSIM_BUS_ERROR : bus;
}

/* Whatever is compared, a bus that is stuck, or whose rules are broken, is a difference. */
static bool is_bus_wrong(const Outcome *ref, const Outcome *dut)
{
    return (ref->bus >= OP_BUS_STUCK || dut->bus >= OP_BUS_STUCK) && ref->bus != dut->bus;
}

unsigned pair_compare(const Pair *pair, const Op *op, const Outcome *ref, const Outcome *dut)
{
    unsigned differs = 0;

    if (op->kind == OP_READ && ((ref->data ^ dut->data) & read_mask(pair, op))) {
        differs |= OBSERVED_DATA;
    }
    differs |= bus_class(ref->bus) != bus_class(dut->bus) ? OBSERVED_BUS : 0;
    differs |= ref->levels.irq != dut->levels.irq ? OBSERVED_IRQ : 0;
    differs |= ref->levels.out != dut->levels.out ? OBSERVED_OUT : 0;
    differs |= ref->levels.driven != dut->levels.driven ? OBSERVED_DRIVEN : 0;
    differs &= op->unsettled ? ~(unsigned)OBSERVED_LEVELS : OBSERVED_ALL;
    return (differs & pair->compared) | (is_bus_wrong(ref, dut) ? OBSERVED_BUS : 0);
}

static void add_note(Divergence *divergence, const Target *target, const Outcome *outcome)
{
    size_t used = strlen(divergence->note);
    const char *note = target_note(target);

    if (*note && outcome->bus >= OP_BUS_STUCK) {
        g_snprintf(&divergence->note[used], sizeof(divergence->note) - used, "%s: %s\n",
                   target->name, note);
    }
}

static bool find_first(const Pair *pair, const Op *ops, size_t n, const Outcome *ref,
                       const Outcome *dut, Divergence *divergence)
{
    for (size_t i = 0; i < n; i++) {
        unsigned differs = pair_compare(pair, &ops[i], &ref[i], &dut[i]);

        if (differs) {
            *divergence = (Divergence){ i, differs, ref[i], dut[i], "" };
            add_note(divergence, pair->ref, &ref[i]);
            add_note(divergence, pair->dut, &dut[i]);
            return true;
        }
    }
    return false;
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool run_both(Pair *pair, const Op *ops, size_t n, Outcome *ref, Outcome *dut,
                     GError **error)
{
    uint64_t start = now_ns();
    uint64_t middle;
    bool ok = target_run(pair->ref, ops, n, ref, error);

    middle = now_ns();
    pair->ref_ns += middle - start;
    if (ok) {
        ok = target_run(pair->dut, ops, n, dut, error);
        pair->dut_ns += now_ns() - middle;
        pair->ops_run += n;
    }
    return ok;
}

Verdict pair_run(Pair *pair, const Op *ops, size_t n, Divergence *divergence, GError **error)
{
    Outcome ref[BATCH_MAX];
    Outcome dut[BATCH_MAX];
    size_t batch = pair_batch(pair);

    for (size_t done = 0; done < n; done += batch) {
        size_t now = MIN(batch, n - done);

        bool diverged;

        if (!run_both(pair, &ops[done], now, ref, dut, error)) {
            return VERDICT_TROUBLE;
        }
        diverged = find_first(pair, &ops[done], now, ref, dut, divergence);
        if (pair->ran) {
            pair->ran(pair->ran_opaque, &ops[done], ref, dut,
                      diverged ? divergence->index + 1 : now);
        }
        if (pair->beat) {
            pair->beat(pair->beat_opaque, pair->ran ? now : 0);
        }
        if (diverged) {
            divergence->index += done;
            return VERDICT_DIVERGED;
        }
    }
    return VERDICT_SAME;
}

Verdict pair_run_from_start(Pair *pair, const Op *ops, size_t n, Divergence *divergence,
                            GError **error)
{
    return pair_begin(pair, error) ? pair_run(pair, ops, n, divergence, error) : VERDICT_TROUBLE;
}
