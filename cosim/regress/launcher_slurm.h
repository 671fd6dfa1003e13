/* Slurm's commands: sbatch, squeue, scancel. No accounting service is needed. */
#ifndef QOSIM_COSIM_REGRESS_LAUNCHER_SLURM_H
#define QOSIM_COSIM_REGRESS_LAUNCHER_SLURM_H

#include <stdbool.h>

#include <glib.h>

typedef enum SlurmState {
    SLURM_UNKNOWN, /* not in the queue, and no longer remembered */
    SLURM_PENDING,
    SLURM_RUNNING, /* or about to, or about to end */
    SLURM_ENDED,
} SlurmState;

/* What the queue says of one element of an array. */
typedef struct SlurmElement {
    SlurmState state;
    char word[24]; /* Slurm's own word: TIMEOUT */
} SlurmElement;

/*
 * Submits; @words are sbatch's, the script last, ended by NULL. Returns the job's number as text, owned by the caller; NULL with
 * REGRESS_ERROR_TARGET, when there is no sbatch or it refuses, in its own words.
 */
char *slurm_submit(const char *const *words, GError **error);

/*
 * Asks the queue for the states of the elements of @job, of which @n are told. False with REGRESS_ERROR_TARGET when the
 * controller gives no answer; a job that it does not know any more is no error.
 */
bool slurm_look(const char *job, SlurmElement *elements, unsigned n, GError **error);

/* Reads what squeue printed: a line "INDEX STATE" for each element; of others nothing is taken. */
void slurm_parse(const char *text, SlurmElement *elements, unsigned n);

/* Cancels a job ("17") or an element ("17_3"). That it is not there any more is no error. */
void slurm_cancel(const char *job);

#endif
