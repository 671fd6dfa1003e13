#include "server/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

#define WORD_MAX 63
#define NEAR_MAX 2

static size_t min3(size_t a, size_t b, size_t c)
{
    return MIN(MIN(a, b), c);
}

size_t suggest_distance(const char *a, const char *b)
{
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);
    size_t rows[3][WORD_MAX + 1] = { 0 }; /* the row in work and the two before it */

    if (len_a > WORD_MAX || len_b > WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= len_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= len_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        const size_t *above2 = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = MIN(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[len_a % 3][len_b];
}

static bool is_near(const char *word, const char *candidate, size_t distance)
{
    return g_ascii_strcasecmp(word, candidate) == 0 ||
           (distance <= NEAR_MAX && 2 * distance < strlen(candidate));
}

const char *suggest_nearest(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    for (; *candidates; candidates++) {
        size_t distance = suggest_distance(word, *candidates);

        if (is_near(word, *candidates, distance) && (!best || distance < best_distance)) {
            best = *candidates;
            best_distance = distance;
        }
    }
    return best;
}
