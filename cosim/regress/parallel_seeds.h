/* Which seeds a run over many has, and which of them, or of the files, are one share's. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_SEEDS_H
#define QOSIM_COSIM_REGRESS_PARALLEL_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Most seeds of one run. */
#define PARALLEL_SEEDS_MAX 10000u

/* The share "i/n": of what is numbered from 0 on, that which leaves i-1 when it is divided by n. */
typedef struct Share {
    uint64_t index; /* from 1 */
    uint64_t of;
} Share;

/*
 * The seeds of --seeds: "A..B" is every number from A to B, a number N is as many seeds, derived from @base. The same text and base
 * give the same seeds, and none twice. An array of uint64_t; NULL with REGRESS_ERROR_USAGE.
 */
GArray *parallel_seeds(const char *text, uint64_t base, GError **error);

/* Whether the text of --seeds is of the kind that needs a base. */
bool parallel_seeds_are_derived(const char *text);

/* NULL: the share 1/1, which is all. REGRESS_ERROR_USAGE. */
bool parallel_share(const char *text, Share *share, GError **error);

/* Whether the share has what is numbered @i. */
bool share_has(const Share *share, uint64_t i);

#endif
