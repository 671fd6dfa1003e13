#include "cosim/regress/goals.h"

#include <string.h>

#include "cosim/cli/nearest.h"
#include "cosim/cli/number.h"
#include "cosim/regress/error.h"
#include "cosim/regress/text_file.h"

#define GOALS_SIZE_MAX ((gsize)16 << 20)

/* How often each bin of a point must be hit. */
typedef struct Wanted {
    uint16_t counts[COVERAGE_BINS];
    uint32_t goals;
    uint32_t excluded;
} Wanted;

struct Goals {
    Wanted *wanted; /* by point */
    size_t n_points;
};

/* What lines are read into, for the points of *coverage*. */
typedef struct Parser {
    const Coverage *coverage;
    Goals *goals;
} Parser;

/* --- Patterns --- */

static bool find_label(const CoverPoint *point, const char *word, unsigned *bin)
{
    for (unsigned i = 0; point->labels && i < COVERAGE_BINS; i++) {
        if ((point->there >> i & 1) && strcmp(point->labels[i], word) == 0) {
            *bin = i;
            return true;
        }
    }
    return false;
}

static bool find_number(const char *word, unsigned *bin)
{
    uint64_t value = 0;

    if (!cli_number(word, &value) || value >= COVERAGE_BINS) {
        return false;
    }
    *bin = (unsigned)value;
    return true;
}

/* One of "17", "3-8" or a label. */
static bool select_bins(const CoverPoint *point, const char *word, uint32_t *bins)
{
    const char *dash = point->labels ? NULL : strchr(word, '-');
    g_autofree char *start = dash ? g_strndup(word, (gsize)(dash - word)) : g_strdup(word);
    unsigned first = 0;
    unsigned last = 0;
    bool found = point->labels ? find_label(point, start, &first) : find_number(start, &first);

    if (!found || (dash && !find_number(dash + 1, &last))) {
        return false;
    }
    last = dash ? last : first;
    for (unsigned i = first; i <= last; i++) {
        *bins |= UINT32_C(1) << i;
    }
    return first <= last;
}

/* What stands between the brackets; all bins where there are none. */
static bool bins_of(const CoverPoint *point, const char *list, uint32_t *bins)
{
    g_auto(GStrv) words = NULL;

    *bins = list ? 0 : point->there;
    if (!list) {
        return true;
    }
    words = g_strsplit(list, ",", -1);
    for (unsigned i = 0; words[i]; i++) {
        if (!select_bins(point, words[i], bins)) {
            return false;
        }
    }
    *bins &= point->there;
    return true;
}

static bool no_such_point(const Parser *parser, const TextLine *line, const char *name,
                          GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near = NULL;

    for (size_t i = 0; i < coverage_n_points(parser->coverage); i++) {
        g_ptr_array_add(names, coverage_point(parser->coverage, i)->name);
    }
    near = strpbrk(name, "*?") ? NULL : cli_nearest(name, names);
    return text_line_wrong(line, error, "no bins are called %s%s%s%s", name, near ? "; is it " : "",
                           near ? near : "", near ? "?" : "");
}

static void want(Wanted *wanted, uint32_t bins, unsigned count)
{
    for (uint32_t left = bins; left; left &= left - 1) {
        wanted->counts[__builtin_ctz(left)] = (uint16_t)count;
    }
    wanted->goals = count ? wanted->goals | bins : wanted->goals & ~bins;
    wanted->excluded = count ? wanted->excluded & ~bins : wanted->excluded | bins;
}

/* PATTERN or PATTERN[BINS], of which some point must have some. */
static bool apply(const Parser *parser, const TextLine *line, unsigned count, GError **error)
{
    const char *word = line->words[1];
    const char *bracket = strchr(word, '[');
    g_autofree char *name = bracket ? g_strndup(word, (gsize)(bracket - word)) : g_strdup(word);
    g_autofree char *list = NULL;
    g_autoptr(GPatternSpec) pattern = g_pattern_spec_new(name);
    bool found = false;
    uint32_t any = 0;

    if (bracket && (bracket[1] == '\0' || word[strlen(word) - 1] != ']')) {
        return text_line_wrong(line, error, "%s has no ] at its end", word);
    }
    list = bracket ? g_strndup(bracket + 1, strlen(bracket) - 2) : NULL;
    for (size_t i = 0; i < parser->goals->n_points; i++) {
        const CoverPoint *point = coverage_point(parser->coverage, i);
        uint32_t bins = 0;

        if (!g_pattern_spec_match_string(pattern, point->name)) {
            continue;
        }
        found = true;
        if (bins_of(point, list, &bins)) {
            want(&parser->goals->wanted[i], bins, count);
            any |= bins;
        }
    }
    return !found ? no_such_point(parser, line, name, error)
           : any  ? true
                  : text_line_wrong(line, error, "there are no bins %s", word);
}

/* --- Lines --- */

static bool take_goal(const Parser *parser, const TextLine *line, GError **error)
{
    uint64_t count = 1;

    if (line->n_words < 2 || line->n_words > 3) {
        return text_line_wrong(line, error, "goal wants PATTERN [COUNT]");
    }
    if (line->n_words == 3 &&
        (!cli_number(line->words[2], &count) || count < 1 || count > COVERAGE_COUNT_MAX)) {
        return text_line_wrong(line, error, "a count is 1 to %u, not %s", COVERAGE_COUNT_MAX,
                               line->words[2]);
    }
    return apply(parser, line, (unsigned)count, error);
}

static bool take_exclude(const Parser *parser, const TextLine *line, GError **error)
{
    if (line->n_words != 2) {
        return text_line_wrong(line, error, "exclude wants PATTERN");
    }
    if (!line->has_comment) {
        return text_line_wrong(line, error, "what is excluded needs its reason behind a #");
    }
    return apply(parser, line, 0, error);
}

static bool take_line(void *parser, const TextLine *line, GError **error)
{
    if (strcmp(line->words[0], "goal") == 0) {
        return take_goal(parser, line, error);
    }
    if (strcmp(line->words[0], "exclude") == 0) {
        return take_exclude(parser, line, error);
    }
    return text_line_wrong(line, error, "a line begins with goal or exclude, not \"%s\"",
                           line->words[0]);
}

Goals *goals_parse(const char *file, const char *text, const Coverage *coverage, GError **error)
{
    g_autoptr(Goals) goals = g_new0(Goals, 1);
    Parser parser = { .coverage = coverage, .goals = goals };

    goals->n_points = coverage_n_points(coverage);
    goals->wanted = g_new0(Wanted, goals->n_points);
    if (!text_file_take(file, text, take_line, &parser, error)) {
        return NULL;
    }
    if (goals_measure(goals, coverage).bins == 0) {
        regress_usage(error, "%s has no goals", file);
        return NULL;
    }
    return g_steal_pointer(&goals);
}

Goals *goals_load(const char *path, const Coverage *coverage, GError **error)
{
    g_autofree char *text = text_file_read(path, GOALS_SIZE_MAX, "goal file", error);

    return text ? goals_parse(path, text, coverage, error) : NULL;
}

Goals *goals_default(const Coverage *coverage)
{
    const RegressDevice *device = coverage_device(coverage);
    g_autoptr(GError) error = NULL;
    Goals *goals =
        goals_parse("default goals", device->goals ? device->goals : "goal *\n", coverage, &error);

    g_assert_no_error(error);
    return goals;
}

Goals *goals_open(const char *path, const Coverage *coverage, GError **error)
{
    return path && strcmp(path, "default") != 0 ? goals_load(path, coverage, error)
                                                : goals_default(coverage);
}

void goals_free(Goals *goals)
{
    if (goals) {
        g_free(goals->wanted);
        g_free(goals);
    }
}

/* --- Measuring --- */

unsigned goals_wanted(const Goals *goals, size_t point, unsigned bin)
{
    return goals->wanted[point].counts[bin];
}

uint32_t goals_of_point(const Goals *goals, size_t point)
{
    return goals->wanted[point].goals;
}

uint32_t goals_missed(const Goals *goals, const Coverage *coverage, size_t point)
{
    const Wanted *wanted = &goals->wanted[point];
    uint32_t missed = 0;

    for (uint32_t left = wanted->goals; left; left &= left - 1) {
        unsigned bin = (unsigned)__builtin_ctz(left);

        if (coverage_point(coverage, point)->counts[bin] < wanted->counts[bin]) {
            missed |= UINT32_C(1) << bin;
        }
    }
    return missed;
}

GoalsMet goals_measure(const Goals *goals, const Coverage *coverage)
{
    GoalsMet met = { .bins = 0 };

    for (size_t i = 0; i < goals->n_points; i++) {
        unsigned bins = (unsigned)__builtin_popcount(goals->wanted[i].goals);

        met.bins += bins;
        met.met += bins - (unsigned)__builtin_popcount(goals_missed(goals, coverage, i));
        met.excluded += (unsigned)__builtin_popcount(goals->wanted[i].excluded);
    }
    return met;
}

double goals_percent(GoalsMet met)
{
    size_t hundredths = met.bins ? met.met * 10000 / met.bins : 10000;

    return (double)hundredths / 100;
}
