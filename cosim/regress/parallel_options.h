/* What a run over many seeds or files was asked for. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_OPTIONS_H
#define QOSIM_COSIM_REGRESS_PARALLEL_OPTIONS_H

#include <stdbool.h>

#include <glib.h>

#include "cosim/regress/launcher.h"
#include "cosim/regress/parallel_seeds.h"

typedef struct ParallelOptions {
    char *seeds; /* NULL: not asked for */
    char *shard;
    char *results; /* folder */
    gboolean fail_fast;

    /* How they are run */
    char *launcher;
    char *partition;
    char *time;
    char **words;

    /* As they were written */
    char *jobs_text;
    char *timeout_text;

    char *progress_file; /* of a worker: where it tells how far it is */
} ParallelOptions;

/* As it is to be done. Strings are those of the options. */
typedef struct ParallelPlan {
    Share share;
    Launcher launcher;
    LaunchOptions launch; /* its directory is owned by the plan */
} ParallelPlan;

/* The options' entries, to be joined with others; they are the caller's. */
GOptionEntry *parallel_entries(ParallelOptions *options);
void parallel_options_clear(ParallelOptions *options);

/* Whether one of them was given; else a run is one run in this process. */
bool parallel_is_wanted(const ParallelOptions *options);

/* Whether the option is one of these, of which a worker must not know. */
bool parallel_is_option(const char *word);

/* REGRESS_ERROR_USAGE. parallel_plan_clear() in any case. */
bool parallel_plan(const ParallelOptions *options, bool quiet, ParallelPlan *plan, GError **error);
void parallel_plan_clear(ParallelPlan *plan);

#endif
