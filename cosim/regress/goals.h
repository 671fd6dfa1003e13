/*
 * Goals: which bins of coverage must be hit, and how often. docs/regress.md has the syntax of a goal file:
 *
 *     goal * 1                             # every bin, once
 *     goal rise_ip.set-by.*[0-3,31] 5      # these, five times
 *     exclude ds.write.lanes[0000]         # a reason, which must be there
 *
 * Of two lines that speak of the same bin, the later one holds.
 */
#ifndef QOSIM_COSIM_REGRESS_GOALS_H
#define QOSIM_COSIM_REGRESS_GOALS_H

#include "cosim/regress/coverage.h"

G_BEGIN_DECLS

typedef struct Goals Goals;

/* How far the goals are met. */
typedef struct GoalsMet {
    size_t bins; /* that are goals */
    size_t met;
    size_t excluded;
} GoalsMet;

/*
 * The goals of a file's text for the points of @coverage. NULL with REGRESS_ERROR_USAGE, which begins with @file and the line's
 * number: among others when a pattern matches nothing.
 */
Goals *goals_parse(const char *file, const char *text, const Coverage *coverage, GError **error);

/* The same of a file's contents. */
Goals *goals_load(const char *path, const Coverage *coverage, GError **error);

/* The device's own goals; every bin once, where it has none. */
Goals *goals_default(const Coverage *coverage);

/* @path, or the device's own where that is NULL or "default". */
Goals *goals_open(const char *path, const Coverage *coverage, GError **error);

void goals_free(Goals *goals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Goals, goals_free)

/* How often the bin must be hit; 0: it need not. */
unsigned goals_wanted(const Goals *goals, size_t point, unsigned bin);

/* Bins of the point that are goals, and those of them that are not met. */
uint32_t goals_of_point(const Goals *goals, size_t point);
uint32_t goals_missed(const Goals *goals, const Coverage *coverage, size_t point);

GoalsMet goals_measure(const Goals *goals, const Coverage *coverage);

/* In percent, rounded down to a hundredth: 100 means all. */
double goals_percent(GoalsMet met);

/*
 * Appends a table of the points' groups with their percentages, and the name of every goal that was not met: never exercised, and
 * too seldom.
 */
void goals_report(GString *to, const Goals *goals, const Coverage *coverage);

G_END_DECLS

#endif
