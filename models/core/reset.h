/*
 * Reset in three phases, and the list of what a machine's reset reaches.
 *
 * enter: an object gets its own state back to what it is after power-on and touches nobody else. hold: it may drive its
 * outputs. exit: it leaves reset. Every phase visits an object's children first. A device's children are its buses and a
 * bus's are its devices, newest first. An object that is asserted twice (by its own reset and by its parent's) stays in
 * reset until both are released, and runs each phase once.
 */
#ifndef QOSIM_MODELS_CORE_RESET_H
#define QOSIM_MODELS_CORE_RESET_H

#include "qom/object.h"

#define TYPE_RESETTABLE_INTERFACE "resettable"
typedef struct ResettableClass ResettableClass;
DECLARE_CLASS_CHECKERS(ResettableClass, RESETTABLE, TYPE_RESETTABLE_INTERFACE)

typedef enum ResetType {
    RESET_TYPE_COLD, /* as after power-on */
} ResetType;

/* Where one object stands; embedded in it and found through get_state(). */
typedef struct ResettableState {
    unsigned count;              /* how many times the object is held in reset at present */
    bool hold_phase_pending;     /* enter has run, hold has not */
    bool exit_phase_in_progress; /* exit is running */
} ResettableState;

typedef void ResettableEnterPhase(Object *obj, ResetType type);
typedef void ResettableHoldPhase(Object *obj);
typedef void ResettableExitPhase(Object *obj);
/* A reset in one go, from before there were phases; runs in place of hold. */
typedef void ResettableTrFunction(Object *obj);
typedef void ResettableChildCallback(Object *child, void *opaque, ResetType type);

typedef struct ResettablePhases {
    ResettableEnterPhase *enter; /* each may be NULL */
    ResettableHoldPhase *hold;
    ResettableExitPhase *exit;
} ResettablePhases;

struct ResettableClass {
    InterfaceClass parent_class;

    ResettablePhases phases;
    /* The object's state; every implementation has one. */
    ResettableState *(*get_state)(Object *obj);
    /* The object's one-go reset, or NULL when it has phases only. */
    ResettableTrFunction *(*get_transitional_function)(Object *obj);
    /* Calls @callback on each child; may be NULL. */
    void (*child_foreach)(Object *obj, ResettableChildCallback *callback, void *opaque,
                          ResetType type);
};

/* Puts @obj and everything below it through a whole reset. */
void resettable_reset(Object *obj, ResetType type);

/* Enters and holds reset, until resettable_release_reset(). */
void resettable_assert_reset(Object *obj, ResetType type);

/* Undoes one resettable_assert_reset(). */
void resettable_release_reset(Object *obj, ResetType type);

/* Whether @obj is held in reset. */
bool resettable_is_in_reset(Object *obj);

/* Brings the state of @obj in line when it moves from below @old_parent to below @new_parent (either may be NULL). */
void resettable_change_parent(Object *obj, Object *new_parent, Object *old_parent);

/* Sets a class's phases and keeps what they were in @parent_phases; NULL leaves a phase as it is. */
void resettable_class_set_parent_phases(ResettableClass *rc, ResettableEnterPhase *enter,
                                        ResettableHoldPhase *hold, ResettableExitPhase *exit,
                                        ResettablePhases *parent_phases);

/* What a machine's reset calls, in order of registration. */
typedef struct ResetList ResetList;
typedef void ResetHandler(void *opaque);

/* Makes an empty list; free with reset_list_free(). */
ResetList *reset_list_new(void);
void reset_list_free(ResetList *list);

/* Adds @handler at the end. */
void reset_list_register(ResetList *list, ResetHandler *handler, void *opaque);

/* Removes the first entry that has both; nothing happens when there is none. Allowed inside a handler. */
void reset_list_unregister(ResetList *list, ResetHandler *handler, void *opaque);

/* Calls all handlers; one that is added meanwhile is called too. */
void reset_list_run(ResetList *list);

#endif
