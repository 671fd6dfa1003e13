#include "cosim/regress/coverage.h"

#include <string.h>

#define PARTS 2u

typedef struct Part {
    const CoverageClass *ops;
    void *self;
} Part;

struct Coverage {
    const RegressDevice *device;
    GArray *points;    /* CoverPoint */
    GHashTable *names; /* of points → index + 1 */
    Part parts[PARTS];
    unsigned n_parts;
};

static void clear_point(void *point)
{
    g_free(((CoverPoint *)point)->name);
}

static void add_part(Coverage *coverage, const CoverageClass *ops)
{
    Part *part = &coverage->parts[coverage->n_parts++];

    part->ops = ops;
    part->self = ops->create(coverage);
}

Coverage *coverage_new(const RegressDevice *device)
{
    Coverage *coverage = g_new0(Coverage, 1);

    coverage->device = device;
    coverage->points = g_array_new(FALSE, FALSE, sizeof(CoverPoint));
    g_array_set_clear_func(coverage->points, clear_point);
    coverage->names = g_hash_table_new(g_str_hash, g_str_equal);
    add_part(coverage, &coverage_registers);
    if (device->coverage) {
        add_part(coverage, device->coverage);
    }
    coverage_begin(coverage);
    return coverage;
}

void coverage_free(Coverage *coverage)
{
    if (!coverage) {
        return;
    }
    for (unsigned i = 0; i < coverage->n_parts; i++) {
        coverage->parts[i].ops->destroy(coverage->parts[i].self);
    }
    g_hash_table_unref(coverage->names);
    g_array_unref(coverage->points);
    g_free(coverage);
}

void coverage_begin(Coverage *coverage)
{
    for (unsigned i = 0; i < coverage->n_parts; i++) {
        coverage->parts[i].ops->begin(coverage->parts[i].self);
    }
}

void coverage_ran(Coverage *coverage, const Op *ops, const Outcome *ref, size_t n)
{
    for (unsigned i = 0; i < coverage->n_parts; i++) {
        const Part *part = &coverage->parts[i];

        for (size_t k = 0; k < n; k++) {
            part->ops->ran(part->self, &ops[k], &ref[k]);
        }
    }
}

const RegressDevice *coverage_device(const Coverage *coverage)
{
    return coverage->device;
}

size_t coverage_n_points(const Coverage *coverage)
{
    return coverage->points->len;
}

CoverPoint *coverage_points(Coverage *coverage)
{
    return (CoverPoint *)coverage->points->data;
}

const CoverPoint *coverage_point(const Coverage *coverage, size_t index)
{
    return &g_array_index(coverage->points, CoverPoint, index);
}

const CoverPoint *coverage_point_named(const Coverage *coverage, const char *name)
{
    size_t index = GPOINTER_TO_SIZE(g_hash_table_lookup(coverage->names, name));

    return index ? coverage_point(coverage, index - 1) : NULL;
}

char *coverage_bin_name(const CoverPoint *point, unsigned bin)
{
    return point->labels ? g_strdup_printf("%s[%s]", point->name, point->labels[bin])
                         : g_strdup_printf("%s[%u]", point->name, bin);
}

size_t coverage_add_point(Coverage *coverage, uint32_t there, const char *const *labels,
                          const char *format, ...)
{
    CoverPoint point = { .labels = labels, .there = there, .open = there };
    size_t index = coverage->points->len;
    va_list args;

    va_start(args, format);
    point.name = g_strdup_vprintf(format, args);
    va_end(args);
    g_array_append_val(coverage->points, point);
    g_assert(g_hash_table_insert(coverage->names, point.name, GSIZE_TO_POINTER(index + 1)));
    return index;
}

void coverage_add(Coverage *coverage, size_t point, unsigned bin, uint64_t count)
{
    CoverPoint *row = coverage_points(coverage) + point;
    uint64_t sum = row->counts[bin] + MIN(count, COVERAGE_COUNT_MAX);

    row->counts[bin] = (uint16_t)MIN(sum, COVERAGE_COUNT_MAX);
    if (row->counts[bin] == COVERAGE_COUNT_MAX) {
        row->open &= ~(UINT32_C(1) << bin);
    }
}

void coverage_hit_open(CoverPoint *point, uint32_t bins)
{
    for (uint32_t left = bins; left; left &= left - 1) {
        unsigned bin = (unsigned)__builtin_ctz(left);

        if (++point->counts[bin] == COVERAGE_COUNT_MAX) {
            point->open &= ~(UINT32_C(1) << bin);
        }
    }
}
