#include "cosim/regress/report/levels_wave.h"

/* Lines that get a lane of their own. */
#define LINES_MAX 6u
/* Signals that there may be: the operation, four words of both sides, lines of both sides. */
#define SIGNALS_MAX (1 + 2 * (4 + LINES_MAX))

/* What a lane shows of an outcome. */
typedef enum Member {
    MEMBER_DATA,
    MEMBER_IRQ,
    MEMBER_OUT,
    MEMBER_DRIVEN,
    MEMBERS,
} Member;

static const struct {
    const char *name;
    unsigned observed;
} members[MEMBERS] = {
    [MEMBER_DATA] = { "data", OBSERVED_DATA },
    [MEMBER_IRQ] = { "irq", OBSERVED_IRQ },
    [MEMBER_OUT] = { "out", OBSERVED_OUT },
    [MEMBER_DRIVEN] = { "driven", OBSERVED_DRIVEN },
};

/* One pair of lanes: a member, or a single line of it. */
typedef struct Lane {
    Member member;
    int line; /* -1: all of them */
} Lane;

static uint64_t member_of(const Op *op, const Outcome *outcome, Member member)
{
    switch (member) {
    case MEMBER_DATA:
        return op->kind == OP_READ ? outcome->data : op->kind == OP_WRITE ? op->value : 0;
    case MEMBER_IRQ:
        return outcome->levels.irq;
    case MEMBER_OUT:
        return outcome->levels.out;
    default:
        return outcome->levels.driven;
    }
}

static uint64_t lane_value(Lane lane, const GArray *ops, const GArray *outcomes, guint i)
{
    uint64_t value =
        member_of(&g_array_index(ops, Op, i), &g_array_index(outcomes, Outcome, i), lane.member);

    return lane.line < 0 ? value : value >> lane.line & 1;
}

/* Lines of the member that differ at the end; and those that change on the way. */
static void find_lines(Member member, const GArray *ops, const GArray *ref, const GArray *dut,
                       uint64_t *differing, uint64_t *changing)
{
    Lane all = { member, -1 };
    guint last = ops->len - 1;

    *differing = lane_value(all, ops, ref, last) ^ lane_value(all, ops, dut, last);
    *changing = 0;
    for (guint i = 1; i < ops->len; i++) {
        *changing |= lane_value(all, ops, ref, i) ^ lane_value(all, ops, ref, i - 1);
        *changing |= lane_value(all, ops, dut, i) ^ lane_value(all, ops, dut, i - 1);
    }
}

static void add_lines(GArray *lanes, Member member, uint64_t lines, guint most)
{
    for (int i = 0; i < 64 && lanes->len < most; i++) {
        Lane lane = { member, i };

        if (lines >> i & 1) {
            g_array_append_val(lanes, lane);
        }
    }
}

/* The words, then lines: those that differ come first. */
static GArray *choose_lanes(const Pair *pair, const GArray *ops, const GArray *ref,
                            const GArray *dut)
{
    GArray *lanes = g_array_new(FALSE, FALSE, sizeof(Lane));
    uint64_t differing[MEMBERS] = { 0 };
    uint64_t changing[MEMBERS] = { 0 };
    guint most;

    for (Member m = 0; m < MEMBERS; m++) {
        Lane lane = { m, -1 };

        if (pair->compared & members[m].observed) {
            g_array_append_val(lanes, lane);
        }
    }
    most = lanes->len + LINES_MAX;
    for (Member m = MEMBER_IRQ; m < MEMBERS; m++) {
        if (pair->compared & members[m].observed) {
            find_lines(m, ops, ref, dut, &differing[m], &changing[m]);
            add_lines(lanes, m, differing[m], most);
        }
    }
    for (Member m = MEMBER_IRQ; m < MEMBERS; m++) {
        add_lines(lanes, m, changing[m] & ~differing[m], most);
    }
    return lanes;
}

static void add_signals(Wave *wave, const GArray *lanes)
{
    wave_add(wave, WAVE_OP, "operation");
    for (guint i = 0; i < lanes->len; i++) {
        Lane lane = g_array_index(lanes, Lane, i);
        g_autofree char *name =
            lane.line < 0 ? g_strdup(members[lane.member].name)
                          : g_strdup_printf("%s[%d]", members[lane.member].name, lane.line);

        wave_add_pair(wave, lane.line < 0 ? WAVE_WORD : WAVE_BIT, name);
    }
}

Wave *levels_wave(const Pair *pair, const GArray *ops, const GArray *ref, const GArray *dut,
                  size_t first)
{
    g_autoptr(GArray) lanes = NULL;
    Wave *wave;

    if (ops->len == 0) {
        return NULL;
    }
    lanes = choose_lanes(pair, ops, ref, dut);
    wave = wave_new("both sides after each operation", "operation", ops->len);
    add_signals(wave, lanes);
    for (guint i = 0; i < ops->len; i++) {
        uint64_t values[SIGNALS_MAX] = { first + i };

        for (guint k = 0; k < lanes->len; k++) {
            Lane lane = g_array_index(lanes, Lane, k);

            values[1 + 2 * k] = lane_value(lane, ops, ref, i);
            values[2 + 2 * k] = lane_value(lane, ops, dut, i);
        }
        wave_sample(wave, first + i, values);
    }
    return wave;
}
