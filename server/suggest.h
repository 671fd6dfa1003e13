/* "Did you mean …?": the word of a list that is nearest to one that a person mistyped. */
#ifndef QOSIM_SERVER_SUGGEST_H
#define QOSIM_SERVER_SUGGEST_H

#include <stddef.h>

/*
 * How many single letters must be inserted, removed, replaced or swapped with their neighbour to turn @a into @b. Words
 * longer than 63 letters count as infinitely far from everything.
 */
size_t suggest_distance(const char *a, const char *b);

/*
 * The word of @candidates (NULL-terminated) that is nearest to @word, borrowed; NULL when none is near. Near is: the same but
 * for the case of letters, or wrong in at most two letters and in less than half of them.
 */
const char *suggest_nearest(const char *word, const char *const *candidates);

#endif
