#include "cosim/regress/worker_progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cosim/regress/error.h"

#define WRITE_EVERY_US 200000
/* Two numbers of 20 digits, a blank, a newline: always as long, so a new one covers the old one. */
#define BEAT_BYTES 42

bool worker_progress_open(WorkerProgress *progress, const char *path, GError **error)
{
    *progress = (WorkerProgress){ .fd = -1 };
    if (path) {
        progress->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (progress->fd < 0) {
            regress_trouble(error, "%s: %s", path, g_strerror(errno));
            return false;
        }
    }
    return true;
}

static void write_beat(WorkerProgress *progress)
{
    char text[BEAT_BYTES + 1];

    snprintf(text, sizeof(text), "%020" PRIu64 " %020" PRIu64 "\n", progress->done,
             ++progress->beats);
    /* A disk that is full must not end the run: whoever reads takes the worker for silent and asks why. */
    if (pwrite(progress->fd, text, BEAT_BYTES, 0) != BEAT_BYTES) {
        progress->beats--;
    }
}

void worker_progress_beat(void *opaque, size_t n)
{
    WorkerProgress *progress = opaque;
    gint64 now = progress->fd < 0 ? 0 : g_get_monotonic_time();

    progress->done += n;
    if (progress->fd >= 0 && now - progress->written_us >= WRITE_EVERY_US) {
        progress->written_us = now;
        write_beat(progress);
    }
}

void worker_progress_close(WorkerProgress *progress)
{
    if (progress->fd >= 0) {
        write_beat(progress);
        close(progress->fd);
        progress->fd = -1;
    }
}

WorkerBeat worker_progress_read(const char *path)
{
    WorkerBeat beat = { 0 };
    char text[BEAT_BYTES + 1] = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        if (pread(fd, text, BEAT_BYTES, 0) != BEAT_BYTES ||
            sscanf(text, "%" SCNu64 " %" SCNu64, &beat.done, &beat.beats) != 2) {
            beat = (WorkerBeat){ 0 };
        }
        close(fd);
    }
    return beat;
}
