#include "cosim/regress/coverage_file.h"

#include <string.h>

#include "cosim/cli/nearest.h"
#include "cosim/cli/number.h"
#include "cosim/regress/error.h"
#include "cosim/regress/report/output.h"
#include "cosim/regress/text_file.h"

#define MAGIC "qosim-coverage"
#define VERSION "1"
#define FILE_SIZE_MAX ((gsize)64 << 20)

/* --- Writing --- */

static void print_point(GString *to, const CoverPoint *point)
{
    g_string_append(to, point->name);
    for (unsigned i = 0; i < COVERAGE_BINS; i++) {
        if (point->there >> i & 1) {
            g_string_append_printf(to, " %u", point->counts[i]);
        }
    }
    g_string_append_c(to, '\n');
}

char *coverage_file_print(const Coverage *coverage, const GPtrArray *runs)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, MAGIC " " VERSION " %s\n", coverage_device(coverage)->name);
    for (guint i = 0; i < runs->len; i++) {
        g_string_append_printf(text, "run %s\n", (const char *)g_ptr_array_index(runs, i));
    }
    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        print_point(text, coverage_point(coverage, i));
    }
    return g_strdup(text->str);
}

bool coverage_file_write(const char *path, const Coverage *coverage, const GPtrArray *runs,
                         GError **error)
{
    g_autofree char *text = coverage_file_print(coverage, runs);

    return output_write(path, text, -1, error);
}

/* --- Reading --- */

typedef struct Parser {
    Coverage *coverage;
    GPtrArray *runs;
    bool *taken; /* by point */
    size_t points;
    bool has_head;
} Parser;

static bool take_head(Parser *parser, const TextLine *line, GError **error)
{
    const char *device = coverage_device(parser->coverage)->name;

    if (strcmp(line->words[0], MAGIC) != 0 || line->n_words != 3) {
        return text_line_wrong(line, error, "this is no database of coverage");
    }
    if (strcmp(line->words[1], VERSION) != 0) {
        return text_line_wrong(line, error, "its version is %s, not " VERSION, line->words[1]);
    }
    if (strcmp(line->words[2], device) != 0) {
        return text_line_wrong(line, error, "it is about %s, not %s", line->words[2], device);
    }
    parser->has_head = true;
    return true;
}

static bool unknown_point(const Parser *parser, const TextLine *line, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near = NULL;

    for (size_t i = 0; i < coverage_n_points(parser->coverage); i++) {
        g_ptr_array_add(names, coverage_point(parser->coverage, i)->name);
    }
    near = cli_nearest(line->words[0], names);
    return text_line_wrong(line, error, "no bins are called %s here%s%s%s", line->words[0],
                           near ? "; is it " : "", near ? near : "", near ? "?" : "");
}

static bool take_counts(const Parser *parser, const TextLine *line, size_t index, GError **error)
{
    const CoverPoint *point = coverage_point(parser->coverage, index);
    unsigned word = 1;

    if (line->n_words != 1 + (unsigned)__builtin_popcount(point->there)) {
        return text_line_wrong(line, error, "%s has %d bins here, not %u", point->name,
                               __builtin_popcount(point->there), line->n_words - 1);
    }
    for (uint32_t left = point->there; left; left &= left - 1) {
        uint64_t count = 0;

        if (!cli_number(line->words[word], &count)) {
            return text_line_wrong(line, error, "\"%s\" is no count", line->words[word]);
        }
        coverage_add(parser->coverage, index, (unsigned)__builtin_ctz(left), count);
        word++;
    }
    return true;
}

static bool take_line(void *opaque, const TextLine *line, GError **error)
{
    Parser *parser = opaque;
    const CoverPoint *point = NULL;
    size_t index = 0;

    if (!parser->has_head) {
        return take_head(parser, line, error);
    }
    if (strcmp(line->words[0], "run") == 0) {
        g_ptr_array_add(parser->runs, g_strjoinv(" ", line->words + 1));
        return true;
    }
    point = coverage_point_named(parser->coverage, line->words[0]);
    if (!point) {
        return unknown_point(parser, line, error);
    }
    index = (size_t)(point - coverage_point(parser->coverage, 0));
    if (parser->taken[index]) {
        return text_line_wrong(line, error, "%s was there before", point->name);
    }
    parser->taken[index] = true;
    parser->points++;
    return take_counts(parser, line, index, error);
}

bool coverage_file_parse(const char *file, const char *text, Coverage *coverage, GPtrArray *runs,
                         GError **error)
{
    g_autofree bool *taken = g_new0(bool, coverage_n_points(coverage));
    Parser parser = { .coverage = coverage, .runs = runs, .taken = taken };

    if (!text_file_take(file, text, take_line, &parser, error)) {
        return false;
    }
    if (parser.points != coverage_n_points(coverage)) {
        regress_usage(error, "%s is no whole database: %zu of %zu points are there", file,
                      parser.points, coverage_n_points(coverage));
        return false;
    }
    return true;
}

bool coverage_file_add(const char *path, Coverage *coverage, GPtrArray *runs, GError **error)
{
    g_autofree char *text = text_file_read(path, FILE_SIZE_MAX, "database of coverage", error);

    return text && coverage_file_parse(path, text, coverage, runs, error);
}
