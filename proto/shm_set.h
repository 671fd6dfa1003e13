/* The links of a server end that may have something: it looks at these rings, and spins on them, before it sleeps. */
#ifndef QOSIM_PROTO_SHM_SET_H
#define QOSIM_PROTO_SHM_SET_H

#include "proto/shm_link.h"
#include "proto/spin.h"

#define SHM_SET_MAX 1024u

typedef struct ShmSet {
    ShmLink *links[SHM_SET_MAX]; /* in no order; borrowed */
    size_t n;
    size_t n_awake; /* of them do without the doorbell */
    size_t next;    /* whose turn it is */
    Spin spin;
} ShmSet;

/* Adding what is there and removing what is not is fine. */
void shm_set_add(ShmSet *set, ShmLink *link);
void shm_set_remove(ShmSet *set, ShmLink *link);

/* A link to read from, each in its turn; NULL: none has anything. */
ShmLink *shm_set_ready(ShmSet *set);

/*
 * Waits for as long as it pays. True: a link has something. False: none has, the set is empty, and whoever sends the next frame
 * rings the doorbell, so the caller may sleep.
 */
bool shm_set_spin(ShmSet *set);

#endif
