/* Values of signals over time, as few as a picture of the end of a run needs. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_WAVE_H
#define QOSIM_COSIM_REGRESS_REPORT_WAVE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum WaveKind {
    WAVE_BIT,  /* a line that is up or down */
    WAVE_WORD, /* a number, shown in hexadecimal */
    WAVE_OP,   /* the number of the operation that goes on, shown in decimal */
} WaveKind;

#define WAVE_NO_TWIN UINT_MAX

typedef struct WaveSignal {
    char *name; /* owned */
    WaveKind kind;
    unsigned twin; /* the signal that should show the same; WAVE_NO_TWIN */
} WaveSignal;

typedef struct Wave {
    GArray *signals; /* WaveSignal */
    GArray *values;  /* uint64_t: as many for each sample as there are signals */
    GArray *times;   /* uint64_t: of each sample, in what the recorder counts in */
    size_t limit;    /* samples that are shown: the last ones */
    char *unit;      /* of time, as in "ns", "operation" */
    char *title;
} Wave;

/* An empty record that keeps the last @limit samples, at least 1. */
Wave *wave_new(const char *title, const char *unit, size_t limit);
void wave_free(Wave *wave);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wave, wave_free)

/* Adds a signal and returns its number. Signals come before the first sample. */
unsigned wave_add(Wave *wave, WaveKind kind, const char *name);

/* Adds a pair of signals that should show the same, NAME ref and NAME dut, and returns the first one's number. */
unsigned wave_add_pair(Wave *wave, WaveKind kind, const char *name);

/* Adds a sample: as many @values as there are signals. @time is at least that of the sample before. */
void wave_sample(Wave *wave, uint64_t time, const uint64_t *values);

/* Samples that are there, at most the limit; their times, and their values by signal. */
size_t wave_length(const Wave *wave);
uint64_t wave_time(const Wave *wave, size_t sample);
uint64_t wave_value(const Wave *wave, size_t sample, unsigned signal);

G_END_DECLS

#endif
