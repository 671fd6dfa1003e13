#include "cosim/regress/report/html_parts.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/regress/report/markup.h"

/* In units of the picture. */
#define CELL 11u
#define ROW 13u
#define CHARACTER 5u
#define LABEL_PAD 8u

/* How a bin looks. */
typedef enum Heat {
    HEAT_ABSENT, /* there is no such bin */
    HEAT_SPARED, /* not hit, and nobody wants it to be */
    HEAT_MISSED, /* a goal, never hit */
    HEAT_SELDOM, /* a goal, hit too seldom */
    HEAT_HIT,    /* hit */
    HEAT_OFTEN,  /* ten times and more */
    HEAT_HOT,    /* a hundred times and more */
    HEATS,
} Heat;

static const char *const heat_names[HEATS] = {
    "",
    "no goal, not hit",
    "never hit",
    "hit too seldom",
    "hit",
    "hit 10 times or more",
    "hit 100 times or more",
};

static Heat heat_of(const Results *results, size_t index, unsigned bin)
{
    const CoverPoint *point = coverage_point(results->coverage, index);
    unsigned count = point->counts[bin];
    unsigned wanted = goals_wanted(results->goals, index, bin);

    if (!(point->there >> bin & 1)) {
        return HEAT_ABSENT;
    }
    if (count < wanted) {
        return count == 0 ? HEAT_MISSED : HEAT_SELDOM;
    }
    return count == 0 ? HEAT_SPARED : count < 10 ? HEAT_HIT : count < 100 ? HEAT_OFTEN : HEAT_HOT;
}

static void add_bin_name(GString *to, const CoverPoint *point, unsigned bin)
{
    if (point->labels) {
        markup_text(to, point->labels[bin]);
    } else {
        g_string_append_printf(to, "%u", bin);
    }
}

/* Bins from @first to @last, which look the same; bin 0 is at @left. */
static void add_cells(GString *to, const CoverPoint *point, unsigned first, unsigned last,
                      Heat heat, unsigned left, unsigned y)
{
    g_string_append_printf(
        to, "<rect class=\"h%d\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>", (int)heat,
        left + first * CELL, y, (last - first + 1) * CELL, ROW - 2);
    markup_text(to, point->name);
    g_string_append_c(to, '[');
    add_bin_name(to, point, first);
    if (last > first) {
        g_string_append(to, " – ");
        add_bin_name(to, point, last);
    }
    g_string_append_printf(to, "]: %s</title></rect>", heat_names[heat]);
}

/* What a point is called behind the group's name. */
static const char *row_name(const CoverPoint *point)
{
    const char *dot = strchr(point->name, '.');

    return dot ? dot + 1 : point->name;
}

/* One point: its name, and its bins from left to right. */
static void add_row(GString *to, const Results *results, size_t index, unsigned left, unsigned y)
{
    const CoverPoint *point = coverage_point(results->coverage, index);

    g_string_append_printf(to, "<text x=\"0\" y=\"%u\">", y + ROW - 4);
    markup_text(to, row_name(point));
    g_string_append(to, "</text>");
    for (unsigned bin = 0; bin < COVERAGE_BINS;) {
        Heat heat = heat_of(results, index, bin);
        unsigned last = bin;

        while (last + 1 < COVERAGE_BINS && heat_of(results, index, last + 1) == heat) {
            last++;
        }
        if (heat != HEAT_ABSENT) {
            add_cells(to, point, bin, last, heat, left, y);
        }
        bin = last + 1;
    }
    g_string_append_c(to, '\n');
}

/* A line between every eight bins, over the cells. */
static void add_ruler(GString *to, unsigned left, unsigned rows)
{
    for (unsigned bin = 0; bin <= COVERAGE_BINS; bin += 8) {
        g_string_append_printf(to, "<path class=\"w-grid\" d=\"M%u 0V%u\"/>", left + bin * CELL,
                               rows * ROW);
    }
}

/* --- Points whose names begin with the same word, a register's mostly, are one picture --- */

typedef struct Group {
    char *name;
    GArray *points; /* size_t */
} Group;

static void clear_group(gpointer data)
{
    Group *group = data;

    g_free(group->name);
    g_array_unref(group->points);
}

static Group *find_group(GArray *groups, const char *point)
{
    Group group = { .name = g_strndup(point, strcspn(point, ".")) };

    for (guint i = 0; i < groups->len; i++) {
        if (strcmp(g_array_index(groups, Group, i).name, group.name) == 0) {
            g_free(group.name);
            return &g_array_index(groups, Group, i);
        }
    }
    group.points = g_array_new(FALSE, FALSE, sizeof(size_t));
    g_array_append_val(groups, group);
    return &g_array_index(groups, Group, groups->len - 1);
}

static GArray *make_groups(const Coverage *coverage)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(Group));

    g_array_set_clear_func(groups, clear_group);
    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        Group *group = find_group(groups, coverage_point(coverage, i)->name);

        g_array_append_val(group->points, i);
    }
    return groups;
}

static GoalsMet measure(const Results *results, const Group *group)
{
    GoalsMet met = { 0 };

    for (guint i = 0; i < group->points->len; i++) {
        size_t point = g_array_index(group->points, size_t, i);
        unsigned bins = (unsigned)__builtin_popcount(goals_of_point(results->goals, point));

        met.bins += bins;
        met.met += bins - (unsigned)__builtin_popcount(
                              goals_missed(results->goals, results->coverage, point));
    }
    return met;
}

/* Where the cells begin. */
static unsigned left_of(const Results *results, const Group *group)
{
    size_t longest = 0;

    for (guint i = 0; i < group->points->len; i++) {
        size_t point = g_array_index(group->points, size_t, i);

        longest = MAX(longest, strlen(row_name(coverage_point(results->coverage, point))));
    }
    return MAX((unsigned)longest * CHARACTER + LABEL_PAD, 110);
}

static void add_group(GString *to, const Results *results, const Group *group)
{
    GoalsMet met = measure(results, group);
    unsigned rows = group->points->len;
    unsigned left = left_of(results, group);

    g_string_append(to, "<figure class=\"heat\"><figcaption><strong>");
    markup_text(to, group->name);
    g_string_append_printf(to, "</strong> <span class=\"%s\">%zu of %zu</span></figcaption>\n",
                           met.met < met.bins ? "v1" : "dim", met.met, met.bins);
    g_string_append_printf(to, "<svg class=\"map\" role=\"img\" viewBox=\"0 0 %u %u\">\n",
                           left + COVERAGE_BINS * CELL + 1, rows * ROW);
    for (unsigned i = 0; i < rows; i++) {
        add_row(to, results, g_array_index(group->points, size_t, i), left, i * ROW);
    }
    add_ruler(to, left, rows);
    g_string_append(to, "</svg></figure>\n");
}

static void add_legend(GString *to)
{
    g_string_append(to,
                    "<p class=\"dim\">Bits, or other bins, from 0 on the left; every row is one "
                    "kind of access or event. ");
    for (int heat = HEAT_SPARED; heat < HEATS; heat++) {
        g_string_append_printf(to,
                               "<svg class=\"swatch\" viewBox=\"0 0 11 11\"><rect class=\"h%d\" "
                               "width=\"11\" height=\"11\"/></svg>%s ",
                               heat, heat_names[heat]);
    }
    g_string_append(to, "</p>\n");
}

/* By name, for those that are missing. */
static void add_missing(GString *to, const Results *results, GoalsMet met)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (met.met < met.bins) {
        goals_report(text, results->goals, results->coverage);
        g_string_append_printf(to,
                               "<details><summary>%zu goals that are not met, by name</summary>\n",
                               met.bins - met.met);
        g_string_append(to, "<pre class=\"wrap\">");
        markup_text(to, text->str);
        g_string_append(to, "</pre></details>\n");
    }
}

void html_coverage(GString *to, const Results *results)
{
    g_autoptr(GArray) groups = NULL;
    GoalsMet met;

    if (!results->coverage || results_operations(results) == 0) {
        return;
    }
    groups = make_groups(results->coverage);
    met = goals_measure(results->goals, results->coverage);
    g_string_append(to, "<h2 id=\"coverage\">Coverage</h2>\n");
    g_string_append_printf(
        to, "<p>%.2f %% of the goals: %zu of %zu are met; %zu bins are excluded.</p>\n",
        goals_percent(met), met.met, met.bins, met.excluded);
    add_legend(to);
    g_string_append(to, "<div class=\"heats\">\n");
    for (guint i = 0; i < groups->len; i++) {
        add_group(to, results, &g_array_index(groups, Group, i));
    }
    g_string_append(to, "</div>\n");
    add_missing(to, results, met);
}
