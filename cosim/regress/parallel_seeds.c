#include "cosim/regress/parallel_seeds.h"

#include <string.h>

#include "cosim/cli/number.h"
#include "cosim/regress/error.h"

/* SplitMix64's step and finish (Steele, Lea, Flood 2014). Both are one-to-one, so no seed comes twice. */
static uint64_t derive(uint64_t base, uint64_t i)
{
    uint64_t z = base + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

bool parallel_seeds_are_derived(const char *text)
{
    return text && !strstr(text, "..");
}

/* One less than their number, as 64 bits cannot hold how many all are. */
static bool parse_range(const char *text, uint64_t *first, uint64_t *n_less_1)
{
    g_auto(GStrv) ends = g_strsplit(text, "..", 2);
    uint64_t last = 0;

    if (!cli_number(ends[0], first) || !cli_number(ends[1], &last) || last < *first) {
        return false;
    }
    *n_less_1 = last - *first;
    return true;
}

GArray *parallel_seeds(const char *text, uint64_t base, GError **error)
{
    bool derived = parallel_seeds_are_derived(text);
    GArray *seeds = NULL;
    uint64_t first = 0;
    uint64_t n_less_1 = 0;

    if (derived ? !cli_number(text, &n_less_1) || n_less_1-- == 0
                : !parse_range(text, &first, &n_less_1)) {
        regress_usage(error, "--seeds wants a number above 0, or FIRST..LAST, not \"%s\"", text);
        return NULL;
    }
    if (n_less_1 >= PARALLEL_SEEDS_MAX) {
        regress_usage(error, "--seeds: at most %u of them", PARALLEL_SEEDS_MAX);
        return NULL;
    }
    seeds = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (uint64_t i = 0; i <= n_less_1; i++) {
        uint64_t seed = derived ? derive(base, i) : first + i;

        g_array_append_val(seeds, seed);
    }
    return seeds;
}

bool parallel_share(const char *text, Share *share, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "1/1", "/", 2);

    *share = (Share){ 0 };
    if (!parts[0] || !parts[1] || !cli_number(parts[0], &share->index) ||
        !cli_number(parts[1], &share->of) || share->index < 1 || share->index > share->of) {
        regress_usage(error, "--shard wants I/N with I from 1 to N, not \"%s\"", text);
        return false;
    }
    return true;
}

bool share_has(const Share *share, uint64_t i)
{
    return i % share->of == share->index - 1;
}
