#include "cosim/bench/bench.h"

#include <math.h>

static gint compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_percentile(GArray *values, double part)
{
    double rank = ceil(part * values->len);
    guint index = rank < 1 ? 0 : rank > values->len ? values->len - 1 : (guint)rank - 1;

    if (values->len == 0) {
        return 0;
    }
    g_array_sort(values, compare);
    return g_array_index(values, double, index);
}

double bench_median(GArray *values)
{
    guint half = values->len / 2;

    if (values->len == 0) {
        return 0;
    }
    g_array_sort(values, compare);
    if (values->len % 2) {
        return g_array_index(values, double, half);
    }
    return (g_array_index(values, double, half - 1) + g_array_index(values, double, half)) / 2;
}

double bench_mean(const GArray *values)
{
    double sum = 0;

    for (guint i = 0; i < values->len; i++) {
        sum += g_array_index(values, double, i);
    }
    return values->len ? sum / values->len : 0;
}
