#include "cosim/cli/nearest.h"

#include <string.h>

#define WORD_MAX 31u
#define SLIPS_MAX 2u

size_t cli_slips(const char *a, const char *b)
{
    size_t rows = strlen(a);
    size_t columns = strlen(b);
    size_t cost[WORD_MAX + 1][WORD_MAX + 1];

    if (rows > WORD_MAX || columns > WORD_MAX) {
        return G_MAXSIZE;
    }
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            cost[i][j] = MIN(cost[i][j], cost[i - 1][j] + 1);
            cost[i][j] = MIN(cost[i][j], cost[i][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = MIN(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[rows][columns];
}

const char *cli_nearest(const char *word, const GPtrArray *candidates)
{
    const char *best = NULL;
    size_t best_slips = SLIPS_MAX + 1;

    for (guint i = 0; i < candidates->len; i++) {
        const char *candidate = g_ptr_array_index(candidates, i);
        size_t slips = cli_slips(word, candidate);

        if (strlen(word) >= 2 && g_str_has_prefix(candidate, word)) {
            slips = 0;
        }
        if (slips < best_slips && 2 * slips < strlen(word) + 1) {
            best = candidate;
            best_slips = slips;
        }
    }
    return best;
}
