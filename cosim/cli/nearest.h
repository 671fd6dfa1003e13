/* "Did you mean …?" */
#ifndef QOSIM_COSIM_CLI_NEAREST_H
#define QOSIM_COSIM_CLI_NEAREST_H

#include <stddef.h>

#include <glib.h>

/*
 * The candidate that a person most likely meant by @word, borrowed: one that begins with it, or differs by at most two
 * slips of the finger and by less than half of the word. NULL when none is near.
 */
const char *cli_nearest(const char *word, const GPtrArray *candidates);

/* Letters to insert, remove, replace or swap with the next one to turn @a into @b. */
size_t cli_slips(const char *a, const char *b);

#endif
