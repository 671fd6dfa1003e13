#include "cosim/regress/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_MIN 5u
#define BAR_MAX 40u
#define REFRESH_US 100000
/* Of a terminal that does not tell. */
#define COLUMNS 80u

void progress_start(Progress *progress, uint64_t total, bool quiet)
{
    *progress = (Progress){ .total = total,
                            .coverage = -1,
                            .start_us = g_get_monotonic_time(),
                            .terminal = isatty(STDERR_FILENO) == 1,
                            .quiet = quiet };
}

static double seconds_since(const Progress *progress)
{
    return (double)(g_get_monotonic_time() - progress->start_us) / 1e6;
}

/* Asked each time: people resize their terminals. */
static unsigned terminal_columns(void)
{
    struct winsize size = { 0 };

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS;
}

static double fraction(uint64_t done, uint64_t total)
{
    return total > 0 ? MIN((double)done / (double)total, 1.0) : 1.0;
}

static char *long_text(uint64_t done, uint64_t total, double rate, double coverage)
{
    g_autofree char *covered =
        coverage < 0 ? NULL : g_strdup_printf(", coverage %.1f %%", coverage);

    return g_strdup_printf("%" PRIu64 "/%" PRIu64 " operations, %.0f/s%s", done, total, rate,
                           covered ? covered : "");
}

static char *short_text(uint64_t done, uint64_t total, double rate, double coverage)
{
    g_autofree char *covered = coverage < 0 ? NULL : g_strdup_printf(" cov %.0f%%", coverage);

    return g_strdup_printf("%.0f%% %.0f/s%s", 100 * fraction(done, total), rate,
                           covered ? covered : "");
}

/* "[###...] " of at most @room characters; "" when that is too little. */
static char *bar_text(uint64_t done, uint64_t total, size_t room)
{
    size_t length = room < BAR_MIN + 3 ? 0 : MIN(room - 3, BAR_MAX);
    size_t filled = (size_t)((double)length * fraction(done, total));
    GString *bar = g_string_new(NULL);

    if (length > 0) {
        g_string_append_c(bar, '[');
        for (size_t i = 0; i < length; i++) {
            g_string_append_c(bar, i < filled ? '#' : '.');
        }
        g_string_append(bar, "] ");
    }
    return g_string_free(bar, FALSE);
}

char *progress_line(uint64_t done, uint64_t total, double rate, double coverage, unsigned columns)
{
    size_t room = columns > 1 ? columns - 1 : 0;
    g_autofree char *text = long_text(done, total, rate, coverage);
    g_autofree char *bar = NULL;
    char *line;

    if (strlen(text) + BAR_MIN + 3 > room) {
        g_free(text);
        text = short_text(done, total, rate, coverage);
    }
    bar = bar_text(done, total, room > strlen(text) ? room - strlen(text) : 0);
    line = g_strconcat(bar, text, NULL);
    if (strlen(line) > room) {
        line[room] = '\0';
    }
    return line;
}

static unsigned tenths(const Progress *progress, uint64_t done)
{
    return (unsigned)(10 * fraction(done, progress->total));
}

bool progress_due(const Progress *progress, uint64_t done)
{
    if (progress->quiet || progress->total == 0) {
        return false;
    }
    if (!progress->terminal) {
        return tenths(progress, done) > progress->tenths;
    }
    return done >= progress->total || g_get_monotonic_time() - progress->shown_us >= REFRESH_US;
}

void progress_show(Progress *progress, uint64_t done)
{
    double seconds = seconds_since(progress);
    double rate = seconds > 0 ? (double)done / seconds : 0;

    if (!progress_due(progress, done)) {
        return;
    }
    if (progress->terminal) {
        g_autofree char *line =
            progress_line(done, progress->total, rate, progress->coverage, terminal_columns());

        progress->shown_us = g_get_monotonic_time();
        fprintf(stderr, "\r%s\x1b[K", line);
    } else {
        g_autofree char *line = long_text(done, progress->total, rate, progress->coverage);

        progress->tenths = tenths(progress, done);
        fprintf(stderr, "%s\n", line);
    }
}

double progress_end(Progress *progress)
{
    if (progress->terminal && !progress->quiet) {
        fputs("\r\x1b[K", stderr);
    }
    return seconds_since(progress);
}
