#include "cosim/regress/shrink.h"

#include <string.h>

/* The ends of the sequence that are tried first are so long, each so many times as long as the one before. */
#define FIRST_TAIL 16u
#define TAIL_FACTOR 4u

typedef struct Shrinker {
    Pair *pair;
    Shrunk *best;
    bool restarts; /* before each attempt */
    bool failed;   /* a target is in trouble: no more attempts */
    GError **error;
} Shrinker;

/* Whether @n operations diverge. Then what they need of them is the best so far. */
static bool attempt(Shrinker *shrinker, const Op *ops, size_t n)
{
    Divergence divergence;
    Verdict verdict;

    if (shrinker->failed || n == 0) {
        return false;
    }
    shrinker->best->attempts++;
    shrinker->best->ops_run += n;
    verdict = shrinker->restarts && !pair_restart(shrinker->pair, shrinker->error)
                  ? VERDICT_TROUBLE
                  : pair_run_from_start(shrinker->pair, ops, n, &divergence, shrinker->error);
    shrinker->failed = verdict == VERDICT_TROUBLE;
    if (verdict != VERDICT_DIVERGED) {
        return false;
    }
    g_array_set_size(shrinker->best->ops, 0);
    g_array_append_vals(shrinker->best->ops, ops, (guint)divergence.index + 1);
    shrinker->best->divergence = divergence;
    return true;
}

/* The cause is seldom far from the effect, so short ends are tried before the whole. */
static bool find_tail(Shrinker *shrinker, const Op *ops, size_t n)
{
    for (size_t tail = FIRST_TAIL; tail < n; tail *= TAIL_FACTOR) {
        if (attempt(shrinker, &ops[n - tail], tail)) {
            return true;
        }
    }
    return attempt(shrinker, ops, n);
}

/* The best without the operations from @start on. */
static bool attempt_without(Shrinker *shrinker, size_t start, size_t length)
{
    const GArray *ops = shrinker->best->ops;
    g_autofree Op *rest = g_new(Op, ops->len);
    const Op *all = (const Op *)ops->data;
    size_t end = MIN(start + length, ops->len);

    memcpy(rest, all, start * sizeof(Op));
    memcpy(&rest[start], &all[end], (ops->len - end) * sizeof(Op));
    return attempt(shrinker, rest, start + ops->len - end);
}

/* Removes pieces of the sequence, from large ones to single operations. From the end, where less hangs on them. */
static bool remove_ops(Shrinker *shrinker)
{
    bool removed = false;
    size_t piece = MAX(shrinker->best->ops->len / 2, 1);

    for (;;) {
        size_t end = shrinker->best->ops->len;

        while (end > 0) {
            size_t start = end > piece ? end - piece : 0;

            removed |= attempt_without(shrinker, start, end - start);
            end = MIN(start, shrinker->best->ops->len);
        }
        if (piece == 1 || shrinker->failed) {
            return removed;
        }
        piece /= 2;
    }
}

/* The best with operation @index replaced. */
static bool attempt_with(Shrinker *shrinker, size_t index, const Op *op)
{
    const GArray *ops = shrinker->best->ops;
    g_autofree Op *all = g_new(Op, ops->len);

    if (index >= ops->len) {
        return false;
    }
    memcpy(all, ops->data, ops->len * sizeof(Op));
    all[index] = *op;
    return attempt(shrinker, all, ops->len);
}

static Op best_op(const Shrinker *shrinker, size_t index)
{
    return g_array_index(shrinker->best->ops, Op, index);
}

/* Clears bits of the value, in halves, quarters and so on. */
static bool shrink_value(Shrinker *shrinker, size_t index)
{
    bool changed = false;

    for (unsigned piece = 64; piece > 0; piece /= 2) {
        uint64_t bits = piece == 64 ? UINT64_MAX : (UINT64_C(1) << piece) - 1;

        for (unsigned shift = 0; shift < 64 && index < shrinker->best->ops->len; shift += piece) {
            Op op = best_op(shrinker, index);

            if (op.value & (bits << shift)) {
                op.value &= ~(bits << shift);
                changed |= attempt_with(shrinker, index, &op);
            }
        }
    }
    return changed;
}

/* What is done in the plainest way is easier to read: whole registers, at any time, with time to settle. */
static bool shrink_way(Shrinker *shrinker, size_t index)
{
    Op op = best_op(shrinker, index);
    bool changed = false;

    if ((op.kind == OP_READ || op.kind == OP_WRITE) && op.size != 4) {
        op.size = 4;
        op.offset &= ~UINT32_C(3);
        op.value &= op_size_mask(4);
        changed = attempt_with(shrinker, index, &op);
    }
    if (index < shrinker->best->ops->len && best_op(shrinker, index).by_strobes) {
        op = best_op(shrinker, index);
        op.by_strobes = false;
        op.strobes = 0;
        changed |= attempt_with(shrinker, index, &op);
    }
    if (index < shrinker->best->ops->len && best_op(shrinker, index).phase > 0) {
        op = best_op(shrinker, index);
        op.phase = 0;
        changed |= attempt_with(shrinker, index, &op);
    }
    if (index < shrinker->best->ops->len && best_op(shrinker, index).unsettled) {
        op = best_op(shrinker, index);
        op.unsettled = false;
        changed |= attempt_with(shrinker, index, &op);
    }
    return changed;
}

static bool shrink_values(Shrinker *shrinker)
{
    bool changed = false;

    for (size_t i = 0; i < shrinker->best->ops->len && !shrinker->failed; i++) {
        changed |= shrink_way(shrinker, i);
        changed |= shrink_value(shrinker, i);
    }
    return changed;
}

/* Whether anything was found. */
static bool shrink_once(Shrinker *shrinker, const Op *ops, size_t n)
{
    bool diverged = find_tail(shrinker, ops, n);

    while (diverged && !shrinker->failed) {
        bool removed = remove_ops(shrinker);

        if (!shrink_values(shrinker) && !removed) {
            break;
        }
    }
    return diverged;
}

/* Whether the best diverges without anything that went before. */
static bool stands_alone(Shrinker *shrinker)
{
    const GArray *ops = shrinker->best->ops;
    g_autofree Op *copy = g_memdup2(ops->data, ops->len * sizeof(Op));

    return attempt(shrinker, copy, ops->len);
}

Verdict shrink(Pair *pair, const Op *ops, size_t n, Shrunk *shrunk, GError **error)
{
    Shrinker shrinker = { .pair = pair, .best = shrunk, .error = error };
    bool diverged;

    *shrunk = (Shrunk){ .ops = g_array_new(FALSE, FALSE, sizeof(Op)) };
    diverged = shrink_once(&shrinker, ops, n);
    shrinker.restarts = true;
    if (!diverged || !stands_alone(&shrinker)) {
        shrunk->restarted = true;
        diverged = shrink_once(&shrinker, ops, n);
    }
    if (shrinker.failed) {
        return VERDICT_TROUBLE;
    }
    return diverged ? VERDICT_DIVERGED : VERDICT_SAME;
}

void shrunk_clear(Shrunk *shrunk)
{
    g_clear_pointer(&shrunk->ops, g_array_unref);
}
