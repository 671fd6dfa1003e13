#include "cosim/regress/report/html_parts.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/regress/report/markup.h"

/* In units of the picture. */
#define CELL 11u
#define ROW 13u
#define LABELS 150u

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

/* Bins from @first to @last, which look the same. */
static void add_cells(GString *to, const CoverPoint *point, unsigned first, unsigned last,
                      Heat heat, unsigned y)
{
    g_string_append_printf(
        to, "<rect class=\"h%d\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>", (int)heat,
        LABELS + first * CELL, y, (last - first + 1) * CELL, ROW - 2);
    markup_text(to, point->name);
    g_string_append_c(to, '[');
    add_bin_name(to, point, first);
    if (last > first) {
        g_string_append(to, " – ");
        add_bin_name(to, point, last);
    }
    g_string_append_printf(to, "]: %s</title></rect>", heat_names[heat]);
}

/* One point: what it is called behind the group's name, and its bins from left to right. */
static void add_row(GString *to, const Results *results, size_t index, unsigned y)
{
    const CoverPoint *point = coverage_point(results->coverage, index);
    const char *dot = strchr(point->name, '.');

    g_string_append_printf(to, "<text x=\"0\" y=\"%u\">", y + ROW - 4);
    markup_text(to, dot ? dot + 1 : point->name);
    g_string_append(to, "</text>");
    for (unsigned bin = 0; bin < COVERAGE_BINS;) {
        Heat heat = heat_of(results, index, bin);
        unsigned last = bin;

        while (last + 1 < COVERAGE_BINS && heat_of(results, index, last + 1) == heat) {
            last++;
        }
        if (heat != HEAT_ABSENT) {
            add_cells(to, point, bin, last, heat, y);
        }
        bin = last + 1;
    }
    g_string_append_c(to, '\n');
}

/* A line between every eight bins, over the cells. */
static void add_ruler(GString *to, unsigned rows)
{
    for (unsigned bin = 0; bin <= COVERAGE_BINS; bin += 8) {
        g_string_append_printf(to, "<path class=\"w-grid\" d=\"M%u 0V%u\"/>", LABELS + bin * CELL,
                               rows * ROW);
    }
}

/* What stands before the first dot: a register, mostly. */
static size_t group_length(const char *name)
{
    return strcspn(name, ".");
}

/* Points of one group from @first on: where it ends. */
static size_t group_end(const Coverage *coverage, size_t first)
{
    const char *name = coverage_point(coverage, first)->name;
    size_t length = group_length(name);
    size_t end = first + 1;

    while (end < coverage_n_points(coverage)) {
        const char *next = coverage_point(coverage, end)->name;

        if (group_length(next) != length || strncmp(name, next, length) != 0) {
            break;
        }
        end++;
    }
    return end;
}

static GoalsMet measure(const Results *results, size_t first, size_t end)
{
    GoalsMet met = { 0 };

    for (size_t i = first; i < end; i++) {
        unsigned bins = (unsigned)__builtin_popcount(goals_of_point(results->goals, i));

        met.bins += bins;
        met.met +=
            bins - (unsigned)__builtin_popcount(goals_missed(results->goals, results->coverage, i));
    }
    return met;
}

static void add_group(GString *to, const Results *results, size_t first, size_t end)
{
    const char *name = coverage_point(results->coverage, first)->name;
    g_autofree char *group = g_strndup(name, group_length(name));
    GoalsMet met = measure(results, first, end);
    unsigned rows = (unsigned)(end - first);
    unsigned width = LABELS + COVERAGE_BINS * CELL + 1;

    g_string_append(to, "<figure class=\"heat\"><figcaption><strong>");
    markup_text(to, group);
    g_string_append_printf(to, "</strong> <span class=\"%s\">%zu of %zu</span></figcaption>\n",
                           met.met < met.bins ? "v1" : "dim", met.met, met.bins);
    g_string_append_printf(to, "<svg class=\"map\" role=\"img\" viewBox=\"0 0 %u %u\">\n", width,
                           rows * ROW);
    for (size_t i = first; i < end; i++) {
        add_row(to, results, i, (unsigned)(i - first) * ROW);
    }
    add_ruler(to, rows);
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
    GoalsMet met;

    if (!results->coverage || results_operations(results) == 0) {
        return;
    }
    met = goals_measure(results->goals, results->coverage);
    g_string_append(to, "<h2 id=\"coverage\">Coverage</h2>\n");
    g_string_append_printf(
        to, "<p>%.2f %% of the goals: %zu of %zu are met; %zu bins are excluded.</p>\n",
        goals_percent(met), met.met, met.bins, met.excluded);
    add_legend(to);
    g_string_append(to, "<div class=\"heats\">\n");
    for (size_t first = 0; first < coverage_n_points(results->coverage);) {
        size_t end = group_end(results->coverage, first);

        add_group(to, results, first, end);
        first = end;
    }
    g_string_append(to, "</div>\n");
    add_missing(to, results, met);
}
