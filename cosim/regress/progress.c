#include "cosim/regress/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define BAR 30u
#define REFRESH_US 100000

void progress_start(Progress *progress, uint64_t total, bool quiet)
{
    *progress = (Progress){ .total = total,
                            .start_us = g_get_monotonic_time(),
                            .terminal = isatty(STDERR_FILENO) == 1,
                            .quiet = quiet };
}

static double seconds_since(const Progress *progress)
{
    return (double)(g_get_monotonic_time() - progress->start_us) / 1e6;
}

static void show_bar(Progress *progress, uint64_t done, double rate)
{
    unsigned filled = (unsigned)(BAR * done / progress->total);
    char bar[BAR + 1] = { 0 };
    gint64 now = g_get_monotonic_time();

    if (now - progress->shown_us < REFRESH_US && done < progress->total) {
        return;
    }
    progress->shown_us = now;
    for (unsigned i = 0; i < BAR; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    fprintf(stderr, "\r[%s] %" PRIu64 "/%" PRIu64 " operations, %.0f/s\x1b[K", bar, done,
            progress->total, rate);
}

void progress_show(Progress *progress, uint64_t done)
{
    double seconds = seconds_since(progress);
    double rate = seconds > 0 ? (double)done / seconds : 0;
    unsigned tenths = progress->total ? (unsigned)(10 * done / progress->total) : 0;

    if (progress->quiet || progress->total == 0) {
        return;
    }
    if (progress->terminal) {
        show_bar(progress, done, rate);
    } else if (tenths > progress->tenths) {
        progress->tenths = tenths;
        fprintf(stderr, "%" PRIu64 "/%" PRIu64 " operations, %.0f/s\n", done, progress->total,
                rate);
    }
}

double progress_end(Progress *progress)
{
    if (progress->terminal && !progress->quiet) {
        fputs("\r\x1b[K", stderr);
    }
    return seconds_since(progress);
}
