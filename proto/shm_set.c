#include "proto/shm_set.h"

void shm_set_add(ShmSet *set, ShmLink *link)
{
    if (!link->place && set->n < SHM_SET_MAX) {
        set->links[set->n++] = link;
        link->place = set->n;
        set->n_awake += !link->sleeps;
    }
}

void shm_set_remove(ShmSet *set, ShmLink *link)
{
    if (link->place) {
        ShmLink *last = set->links[--set->n];

        set->links[link->place - 1] = last;
        last->place = link->place;
        link->place = 0;
        set->n_awake -= !link->sleeps;
    }
}

/* Something to read, or an end to be seen to. What waits to be written goes out on the way. */
static inline bool has_something(ShmLink *link)
{
    if (link->pending && !shm_link_flush(link)) {
        link->is_broken = true;
    }
    return shm_link_is_ready(link) || link->has_ended || link->is_broken;
}

ShmLink *shm_set_ready(ShmSet *set)
{
    for (size_t i = 0; i < set->n; i++) {
        size_t at = set->next < set->n ? set->next : 0;

        set->next = at + 1;
        if (has_something(set->links[at])) {
            return set->links[at];
        }
    }
    return NULL;
}

static bool is_ready(const ShmSet *set)
{
    for (size_t i = 0; i < set->n; i++) {
        if (has_something(set->links[i])) {
            return true;
        }
    }
    return false;
}

/* Without the doorbell a frame costs its sender no system call. */
static void wake_all(ShmSet *set)
{
    for (size_t i = 0; set->n_awake < set->n && i < set->n; i++) {
        set->n_awake += set->links[i]->sleeps;
        shm_link_wake(set->links[i]);
    }
}

/* Whether some client runs on another processor; also tells all of them where this side runs. */
static bool is_elsewhere(const ShmSet *set)
{
    bool elsewhere = false;

    for (size_t i = 0; i < set->n; i++) {
        elsewhere = !shm_link_shares_cpu(set->links[i]) || elsewhere;
    }
    return elsewhere;
}

/* Has all ask for the doorbell. False when something came before they did. */
static bool rest(ShmSet *set)
{
    if (set->n_awake > 0) {
        for (size_t i = 0; i < set->n; i++) {
            shm_link_sleep(set->links[i]);
        }
        set->n_awake = 0;
        shm_link_fence();
    }
    if (is_ready(set)) {
        return false;
    }
    while (set->n > 0) {
        set->links[--set->n]->place = 0;
    }
    return true;
}

bool shm_set_spin(ShmSet *set)
{
    SpinSpell spell = { 0 };
    bool came;

    if (set->n == 0) {
        return false;
    }
    if (set->n_awake == set->n && is_ready(set)) {
        return true;
    }
    if (set->spin.skip == 0 && set->spin.limit_us > 0 && is_elsewhere(set)) {
        wake_all(set);
    }
    if (is_ready(set)) {
        return true;
    }
    if (!spin_pays(&set->spin) || set->n_awake == 0) {
        return !rest(set);
    }
    do {
        came = is_ready(set);
    } while (!came && spin_turn(&set->spin, &spell));
    spin_ends(&set->spin, !came);
    return came || !rest(set);
}
