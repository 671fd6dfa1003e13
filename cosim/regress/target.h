/*
 * A target: something that has the device, be it a model, its RTL, an emulator or a record. All of them take the same operations
 * and tell what they did, so that any two can be compared.
 *
 * A kind of target fills in a TargetClass and embeds Target as its first member:
 *
 *     typedef struct MyTarget { Target parent; ... } MyTarget;
 *     static const TargetClass my_class = { .kind = "my", .observes = OBSERVED_ALL, .read = my_read, ... };
 *
 * All calls return true, or false with an error of REGRESS_ERROR_TARGET: the target is then good for nothing but target_close().
 * A bus error is none of these; it is in the access's *bus. Every call ends in bounded time.
 */
#ifndef QOSIM_COSIM_REGRESS_TARGET_H
#define QOSIM_COSIM_REGRESS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "cosim/regress/device.h"
#include "cosim/regress/op.h"

G_BEGIN_DECLS

typedef struct Target Target;
typedef struct Wave Wave;

typedef struct TargetClass {
    const char *kind;  /* what stands before the colon in its name */
    unsigned observes; /* Observed; what only one of two targets can tell is not compared */
    unsigned takes;    /* OpFeature; random operations are such that both targets take them */
    /* Operations that are best run in one call of run(), because each answer takes its time; 0 or 1: makes no difference */
    unsigned batch;

    bool (*reset)(Target *target, GError **error);
    bool (*read)(Target *target, uint32_t offset, unsigned size, uint64_t *data, qosim_bus *bus,
                 GError **error);
    bool (*write)(Target *target, uint32_t offset, unsigned size, uint64_t data, qosim_bus *bus,
                  GError **error);
    /* @level: 0, 1 or OP_RELEASED */
    bool (*set_line)(Target *target, unsigned line, int level, GError **error);
    /* A line of the device's input list number @list; @level: 0 or 1. NULL where OP_TAKES_INPUTS is not taken */
    bool (*set_input)(Target *target, unsigned list, unsigned line, int level, GError **error);
    bool (*advance)(Target *target, uint64_t ns, GError **error);
    /* Levels once they have settled */
    bool (*observe)(Target *target, Levels *levels, GError **error);
    /* May be NULL: then operations are run one by one by the calls above, which may be NULL if this is not. */
    bool (*run)(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error);
    /* Makes the target as it was when it was opened; NULL where nothing more than a reset can be had */
    bool (*restart)(Target *target, GError **error);
    /* What this very target observes, where that is not the same for all of its class; may be NULL */
    unsigned (*observed)(const Target *target);
    /* The state that sequences start from is reached: what is random begins anew, the next operation is number 0. May be NULL */
    void (*begin)(Target *target);
    /* What there is to say about the last OpBus since begin(), such as the handshake that is stuck; NULL or "": nothing. May be NULL */
    const char *(*note)(const Target *target);
    /* What the summary has to say of the target besides its name: bus, latencies that are allowed; NULL or "": nothing. May be NULL */
    const char *(*about)(const Target *target);
    /*
     * Adds its signals to @wave, which is empty, and from now on a sample for each half clock, until @wave is NULL; the time is in ns, or
     * what the wave's unit says. NULL where there is no clock.
     */
    void (*watch)(Target *target, Wave *wave);
    /* Writes the waveform of what follows to the file @path as an FST; NULL: it is complete. NULL where there is no clock. */
    bool (*trace)(Target *target, const char *path, GError **error);
    /* An empty request to the server that has the device, and its answer; NULL where there is no server */
    bool (*ping)(Target *target, GError **error);
    /* Requests that the server has counted so far; goes with ping */
    bool (*requests)(Target *target, uint64_t *n, GError **error);
    void (*close)(Target *target);
} TargetClass;

struct Target {
    const TargetClass *ops;
    const RegressDevice *device;
    char *name; /* as it was asked for */
    unsigned
        n_lines; /* the device's; fewer if this one has fewer, then its class sets it when it opens */
    unsigned takes; /* the class's; a class whose targets are not all alike sets it when it opens */

    /* By target_run(): what sequences do not start with */
    uint32_t lines_set;   /* lines that are not released, or that nobody knows of */
    uint32_t *inputs_set; /* by list: those that are 1, or that nobody knows of */
};

/*
 * Opens the target called @name, KIND:REST (docs/regress.md lists them), for @device, which must outlive it. NULL with
 * REGRESS_ERROR_USAGE when there is no such kind, else REGRESS_ERROR_TARGET.
 */
Target *target_open(const char *name, const RegressDevice *device, GError **error);

typedef Target *TargetOpen(const char *name, const char *rest, const RegressDevice *device,
                           GError **error);

/*
 * Makes one more kind known: for programs with targets of their own (RTL, another emulator), before the first target_open() or
 * regress_main(). @kind and @help (what stands behind the colon and what it is, for --help: "FILE\t what replay printed") are borrowed
 * for ever; a kind that is there already is replaced.
 */
void target_register(const char *kind, const char *help, TargetOpen *open);

/* Appends a line for each kind that is known and that can have @device, as --help shows them. */
void target_list(GString *to, const RegressDevice *device);

/* NULL is fine. */
void target_close(Target *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Target, target_close)

/*
 * Runs @n operations in order and tells what each came to. An operation that the target does not take is trouble. Where a class has no
 * run(), writes by strobes are cut into the whole words, halves and bytes that they consist of.
 */
bool target_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error);

/* As if it had just been opened, as far as its kind can. */
bool target_restart(Target *target, GError **error);

/* What the target can tell: Observed. */
unsigned target_observes(const Target *target);

/* Brings the target to the state that sequences start from: inputs released or 0, then the device's prelude; a record to its start. */
bool target_begin(Target *target, GError **error);

/* What there is to say about the last OpBus; "" if nothing. */
const char *target_note(const Target *target);

/* What the summary has to say of the target besides its name; "" if nothing. */
const char *target_about(const Target *target);

/* Lets @wave record what follows; NULL: no more. False where the target has no clock. */
bool target_watch(Target *target, Wave *wave);

/* Fills in the common part. */
void target_init(Target *target, const TargetClass *ops, const RegressDevice *device,
                 const char *name);

/* The kinds that are always there; @rest is what stands behind the colon, "" if nothing. */
Target *target_model_open(const char *name, const char *rest, const RegressDevice *device,
                          GError **error);
Target *target_qemu_open(const char *name, const char *rest, const RegressDevice *device,
                         GError **error);
Target *target_log_open(const char *name, const char *rest, const RegressDevice *device,
                        GError **error);

/* The recorded operations of a log target, which are the only ones that it answers; NULL of another kind. Borrowed. */
const GArray *target_log_steps(const Target *target);

/* Back to the record's first operation. */
void target_log_rewind(Target *target);

G_END_DECLS

#endif
