/* The three phases of a reset, over whatever tree child_foreach() shows; and a machine's reset list. */
#include "models/core/reset.h"

/* Far above any sensible nesting; a count beyond it is an assert without its release. */
#define MAX_RESET_COUNT 50

static ResettableState *get_state(Object *obj)
{
    return RESETTABLE_GET_CLASS(obj)->get_state(obj);
}

static ResettableTrFunction *get_tr_function(Object *obj)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);

    return rc->get_transitional_function ? rc->get_transitional_function(obj) : NULL;
}

static void foreach_child(Object *obj, ResettableChildCallback *callback, void *opaque,
                          ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);

    if (rc->child_foreach) {
        rc->child_foreach(obj, callback, opaque, type);
    }
}

static void phase_enter(Object *obj, void *opaque, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableState *state = get_state(obj);
    bool first = state->count++ == 0;

    g_assert(!state->exit_phase_in_progress);
    g_assert(state->count <= MAX_RESET_COUNT);
    /* Also below an object that is in reset already: the children count their parents' resets. */
    foreach_child(obj, phase_enter, opaque, type);
    if (first) {
        if (rc->phases.enter && !get_tr_function(obj)) {
            rc->phases.enter(obj, type);
        }
        state->hold_phase_pending = true;
    }
}

static void phase_hold(Object *obj, void *opaque, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableState *state = get_state(obj);
    ResettableTrFunction *tr_function = get_tr_function(obj);

    g_assert(!state->exit_phase_in_progress);
    foreach_child(obj, phase_hold, opaque, type);
    if (!state->hold_phase_pending) {
        return;
    }
    state->hold_phase_pending = false;
    if (tr_function) {
        tr_function(obj);
    } else if (rc->phases.hold) {
        rc->phases.hold(obj);
    }
}

static void phase_exit(Object *obj, void *opaque, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableState *state = get_state(obj);

    g_assert(!state->exit_phase_in_progress);
    state->exit_phase_in_progress = true;
    foreach_child(obj, phase_exit, opaque, type);
    g_assert(state->count > 0);
    if (--state->count == 0 && rc->phases.exit && !get_tr_function(obj)) {
        rc->phases.exit(obj);
    }
    state->exit_phase_in_progress = false;
}

void resettable_reset(Object *obj, ResetType type)
{
    resettable_assert_reset(obj, type);
    resettable_release_reset(obj, type);
}

void resettable_assert_reset(Object *obj, ResetType type)
{
    g_autoptr(Object) keep = object_ref(obj);

    phase_enter(keep, NULL, type);
    phase_hold(keep, NULL, type);
}

void resettable_release_reset(Object *obj, ResetType type)
{
    g_autoptr(Object) keep = object_ref(obj);

    phase_exit(keep, NULL, type);
}

bool resettable_is_in_reset(Object *obj)
{
    return get_state(obj)->count > 0;
}

static unsigned count_of(Object *obj)
{
    return obj ? get_state(obj)->count : 0;
}

void resettable_change_parent(Object *obj, Object *new_parent, Object *old_parent)
{
    unsigned now = count_of(old_parent);
    unsigned then = count_of(new_parent);

    for (; now < then; now++) {
        resettable_assert_reset(obj, RESET_TYPE_COLD);
    }
    for (; now > then; now--) {
        resettable_release_reset(obj, RESET_TYPE_COLD);
    }
}

void resettable_class_set_parent_phases(ResettableClass *rc, ResettableEnterPhase *enter,
                                        ResettableHoldPhase *hold, ResettableExitPhase *exit,
                                        ResettablePhases *parent_phases)
{
    *parent_phases = rc->phases;
    if (enter) {
        rc->phases.enter = enter;
    }
    if (hold) {
        rc->phases.hold = hold;
    }
    if (exit) {
        rc->phases.exit = exit;
    }
}

/* --- The list --- */

typedef struct ResetEntry {
    ResetHandler *handler; /* NULL: unregistered during a run, to be swept up after it */
    void *opaque;
} ResetEntry;

struct ResetList {
    GQueue entries; /* of ResetEntry */
    unsigned runs;  /* in progress */
};

ResetList *reset_list_new(void)
{
    ResetList *list = g_new0(ResetList, 1);

    g_queue_init(&list->entries);
    return list;
}

void reset_list_free(ResetList *list)
{
    if (list) {
        g_queue_clear_full(&list->entries, g_free);
        g_free(list);
    }
}

void reset_list_register(ResetList *list, ResetHandler *handler, void *opaque)
{
    ResetEntry *entry = g_new(ResetEntry, 1);

    *entry = (ResetEntry){ .handler = handler, .opaque = opaque };
    g_queue_push_tail(&list->entries, entry);
}

void reset_list_unregister(ResetList *list, ResetHandler *handler, void *opaque)
{
    for (GList *item = list->entries.head; item; item = item->next) {
        ResetEntry *entry = item->data;

        if (entry->handler != handler || entry->opaque != opaque) {
            continue;
        }
        entry->handler = NULL;
        if (!list->runs) {
            g_free(entry);
            g_queue_delete_link(&list->entries, item);
        }
        return;
    }
}

static void sweep(ResetList *list)
{
    for (GList *item = list->entries.head, *next; item; item = next) {
        ResetEntry *entry = item->data;

        next = item->next;
        if (!entry->handler) {
            g_free(entry);
            g_queue_delete_link(&list->entries, item);
        }
    }
}

void reset_list_run(ResetList *list)
{
    list->runs++;
    for (GList *item = list->entries.head; item; item = item->next) {
        const ResetEntry *entry = item->data;

        if (entry->handler) {
            entry->handler(entry->opaque);
        }
    }
    if (--list->runs == 0) {
        sweep(list);
    }
}

static const TypeInfo reset_types[] = {
    {
        .name = TYPE_RESETTABLE_INTERFACE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(ResettableClass),
    },
};

DEFINE_TYPES(reset_types)
