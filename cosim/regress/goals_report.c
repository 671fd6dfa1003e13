/* What the goals came to, as text. */
#include <string.h>

#include "cosim/regress/goals.h"
#include "cosim/regress/report.h"

/* Points whose names have the same first two words stand in one row of the table. */
typedef struct Group {
    char *name;
    GoalsMet met;
} Group;

static void clear_group(void *group)
{
    g_free(((Group *)group)->name);
}

/* "rise_ip.set-by.pue" → "rise_ip.set-by" */
static char *group_name(const char *point)
{
    const char *dot = strchr(point, '.');
    const char *second = dot ? strchr(dot + 1, '.') : NULL;

    return second ? g_strndup(point, (gsize)(second - point)) : g_strdup(point);
}

static Group *find_group(GArray *groups, const char *point)
{
    g_autofree char *name = group_name(point);
    Group group = { .met.bins = 0 };

    for (guint i = 0; i < groups->len; i++) {
        if (strcmp(g_array_index(groups, Group, i).name, name) == 0) {
            return &g_array_index(groups, Group, i);
        }
    }
    group.name = g_steal_pointer(&name);
    g_array_append_val(groups, group);
    return &g_array_index(groups, Group, groups->len - 1);
}

static void append_groups(GString *to, const Goals *goals, const Coverage *coverage)
{
    g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(Group));

    g_array_set_clear_func(groups, clear_group);
    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        Group *group = find_group(groups, coverage_point(coverage, i)->name);
        unsigned bins = (unsigned)__builtin_popcount(goals_of_point(goals, i));

        group->met.bins += bins;
        group->met.met += bins - (unsigned)__builtin_popcount(goals_missed(goals, coverage, i));
    }
    for (guint i = 0; i < groups->len; i++) {
        const Group *group = &g_array_index(groups, Group, i);

        if (group->met.bins > 0) {
            g_string_append_printf(to, "  %-28s %6.2f %%  %5zu of %zu\n", group->name,
                                   goals_percent(group->met), group->met.met, group->met.bins);
        }
    }
}

/* "[3, 8-15]", or the labels. */
static void append_bins(GString *to, const CoverPoint *point, uint32_t bins)
{
    const char *separator = "";

    g_string_append_printf(to, "  %s[", point->name);
    if (!point->labels) {
        report_bits(to, bins);
    }
    for (uint32_t left = point->labels ? bins : 0; left; left &= left - 1) {
        g_string_append_printf(to, "%s%s", separator, point->labels[__builtin_ctz(left)]);
        separator = ", ";
    }
    g_string_append(to, "]\n");
}

/* Bins of the point that were hit, if seldom. */
static uint32_t hit_bins(const CoverPoint *point)
{
    uint32_t bins = 0;

    for (unsigned i = 0; i < COVERAGE_BINS; i++) {
        bins |= point->counts[i] ? UINT32_C(1) << i : 0;
    }
    return bins;
}

static void append_missed(GString *to, const Goals *goals, const Coverage *coverage, bool never,
                          const char *title)
{
    bool any = false;

    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        const CoverPoint *point = coverage_point(coverage, i);
        uint32_t hit = hit_bins(point);
        uint32_t bins = goals_missed(goals, coverage, i) & (never ? ~hit : hit);

        if (bins) {
            g_string_append(to, any ? "" : title);
            append_bins(to, point, bins);
            any = true;
        }
    }
}

void goals_report(GString *to, const Goals *goals, const Coverage *coverage)
{
    GoalsMet met = goals_measure(goals, coverage);

    g_string_append_printf(to, "coverage: %.2f %%, %zu of %zu goals met, %zu bins excluded\n",
                           goals_percent(met), met.met, met.bins, met.excluded);
    append_groups(to, goals, coverage);
    append_missed(to, goals, coverage, true, "never exercised:\n");
    append_missed(to, goals, coverage, false, "exercised too seldom:\n");
}
