/* What the command run was asked for. A new option is a member, an entry in run_options.c, and a row in docs/regress.md. */
#ifndef QOSIM_COSIM_REGRESS_RUN_OPTIONS_H
#define QOSIM_COSIM_REGRESS_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "cosim/regress/parallel_options.h"

typedef struct RunOptions {
    char *ref; /* target's name */
    char *dut;
    char **masks;    /* REGISTER=BITS; NULL: none */
    char *mask_file; /* NULL: none */
    char *compare;
    char *goals; /* a file or "default"; NULL: not asked for */
    gboolean until_covered;
    char *coverage; /* where the database goes; NULL: nowhere */
    char *output;
    char *junit;
    char *html;
    char *trace; /* NULL: no waveform */
    uint64_t trace_ops;
    gboolean no_shrink;
    gboolean quiet;
    char **files; /* NULL: random operations */
    uint64_t count;
    uint64_t seed;

    /* As they were written; the numbers are above */
    char *count_text;
    char *seed_text;
    char *trace_ops_text;

    char **words; /* all options again, as "--name=value" */
    ParallelOptions parallel;
} RunOptions;

/* Takes the command's words, its name first. False with REGRESS_ERROR_USAGE. run_options_clear() in any case. */
bool run_options_parse(RunOptions *options, int argc, char **argv, GError **error);
void run_options_clear(RunOptions *options);

#endif
