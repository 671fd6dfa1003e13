/* How far a worker is, in a small file: so it can be seen from other hosts that share the folder, too. */
#ifndef QOSIM_COSIM_REGRESS_WORKER_PROGRESS_H
#define QOSIM_COSIM_REGRESS_WORKER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct WorkerProgress {
    int fd; /* -1: nobody wants to know */
    uint64_t done;
    uint64_t beats;
    gint64 written_us;
} WorkerProgress;

/* What the file tells. */
typedef struct WorkerBeat {
    uint64_t done;  /* operations of the run */
    uint64_t beats; /* each time that something has been done this is another number */
} WorkerBeat;

/* The worker's side. NULL for @path: nobody wants to know. False with REGRESS_ERROR_TARGET. */
bool worker_progress_open(WorkerProgress *progress, const char *path, GError **error);

/* Tells that @n more operations are done; a few times a second at most, so it may be called often. Fits Pair's *beat*. */
void worker_progress_beat(void *progress, size_t n);

/* Tells the last of it, however soon that is. */
void worker_progress_close(WorkerProgress *progress);

/* The other side; zeros when there is no such file yet. */
WorkerBeat worker_progress_read(const char *path);

G_END_DECLS

#endif
