/*
 * Functional coverage: what a run has exercised, counted in bins. A *point* is a row of up to 32 bins of one kind, mostly one for
 * each bit or pin, so that one mask tells which of them were hit:
 *
 *     rise_ip.read.0-1[17]        bit 17 of rise_ip was read as 0, and as 1 the next time
 *     pue.write.lanes[1100]       the upper half of pue was written
 *
 * The points of registers come from the device's register table (coverage_registers.c). A device can have a part of its own,
 * which knows what it does with its lines (RegressDevice's *coverage*). All is computed from operations and from what the reference
 * came to: what is tested makes no difference.
 */
#ifndef QOSIM_COSIM_REGRESS_COVERAGE_H
#define QOSIM_COSIM_REGRESS_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "cosim/regress/device.h"
#include "cosim/regress/op.h"

G_BEGIN_DECLS

/* A bin counts up to here and no further; what is counted often costs nothing then. */
#define COVERAGE_COUNT_MAX 1000u
#define COVERAGE_BINS 32u

typedef struct CoverPoint {
    char *name;
    const char *const *labels; /* of its bins; NULL: they are numbers */
    uint32_t there;            /* bins that there are */
    uint32_t open;             /* of these: below COVERAGE_COUNT_MAX */
    uint16_t counts[COVERAGE_BINS];
} CoverPoint;

typedef struct Coverage Coverage;

/* A device's own part. *create* adds its points; what it returns is passed to the others. */
typedef struct CoverageClass {
    void *(*create)(Coverage *coverage);
    /* A sequence starts, from the device's prelude. */
    void (*begin)(void *part);
    void (*ran)(void *part, const Op *op, const Outcome *ref);
    void (*destroy)(void *part);
} CoverageClass;

Coverage *coverage_new(const RegressDevice *device);
void coverage_free(Coverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Coverage, coverage_free)

/* What follows starts from the device's prelude. Counts stay. */
void coverage_begin(Coverage *coverage);

/* @n operations were run, and the reference came to @ref. */
void coverage_ran(Coverage *coverage, const Op *ops, const Outcome *ref, size_t n);

const RegressDevice *coverage_device(const Coverage *coverage);
size_t coverage_n_points(const Coverage *coverage);
const CoverPoint *coverage_point(const Coverage *coverage, size_t index);

/* The point called @name; NULL when there is none. */
const CoverPoint *coverage_point_named(const Coverage *coverage, const char *name);

/* The point's bin as people read it: "rise_ip.read.0-1[17]". Owned by the caller. */
char *coverage_bin_name(const CoverPoint *point, unsigned bin);

/* Adds @count to the bin. */
void coverage_add(Coverage *coverage, size_t point, unsigned bin, uint64_t count);

/* --- For the parts that count --- */

/* A new point with the bins of @there. @labels are borrowed for ever. Returns its index. */
size_t coverage_add_point(Coverage *coverage, uint32_t there, const char *const *labels,
                          const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Each bin of @bins was hit once. */
void coverage_hit_open(CoverPoint *point, uint32_t bins);
CoverPoint *coverage_points(Coverage *coverage);

static inline void coverage_hit(Coverage *coverage, size_t point, uint32_t bins)
{
    CoverPoint *row = coverage_points(coverage) + point;

    if (bins & row->open) {
        coverage_hit_open(row, bins & row->open);
    }
}

/* The registers' part. */
extern const CoverageClass coverage_registers;

/* The SiFive GPIO's. */
extern const CoverageClass coverage_gpio;

G_END_DECLS

#endif
