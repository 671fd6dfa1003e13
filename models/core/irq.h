/*
 * One end of a line between devices: something that can be told a level.
 *
 * A line is a function with an argument: the source holds a qemu_irq and calls qemu_set_irq() on it; NULL is an
 * unconnected line. Levels are ints: 0 and 1 for most lines, other values where two devices agree on them (a GPIO input
 * takes -1 for "driven by nobody").
 */
#ifndef QOSIM_MODELS_CORE_IRQ_H
#define QOSIM_MODELS_CORE_IRQ_H

#include "qom/object.h"

#define TYPE_IRQ "irq"
OBJECT_DECLARE_SIMPLE_TYPE(IRQState, IRQ)

typedef IRQState *qemu_irq;

/* Told that line @n of @opaque has @level now; called for every set, also when the level is the same (but see below). */
typedef void (*qemu_irq_handler)(void *opaque, int n, int level);

/* Sets the line's level; nothing happens on an unconnected one (NULL). */
void qemu_set_irq(qemu_irq irq, int level);

/* Sets each line i of @irqs whose bit is set in @which to bit i of @levels, line 0 first. */
void qemu_set_irqs(const qemu_irq *irqs, uint32_t which, uint32_t levels);

static inline void qemu_irq_raise(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
}

static inline void qemu_irq_lower(qemu_irq irq)
{
    qemu_set_irq(irq, 0);
}

static inline void qemu_irq_pulse(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
    qemu_set_irq(irq, 0);
}

/* Makes line end @n of @handler; the caller owns the reference. */
qemu_irq qemu_allocate_irq(qemu_irq_handler handler, void *opaque, int n);

/*
 * The handler of @irq does nothing when a line is set to the level it has: from now on it is not called then, and listeners are
 * not either, but for the first set after they came. Devices set all their lines at each write of a register, so this is
 * worth saying.
 */
void qemu_irq_ignore_repeats(qemu_irq irq);

/* Drops a reference from qemu_allocate_irq(); NULL is ignored. */
void qemu_free_irq(qemu_irq irq);

/* The device behind @irq is going: levels that somebody still sends end here. */
void qemu_irq_disconnect(qemu_irq irq);

/*
 * Makes a line end that tells @handler each level and then passes it on to @target (may be NULL; a reference is held).
 * The caller owns the reference.
 */
qemu_irq qemu_allocate_intercept(qemu_irq_handler handler, void *opaque, int n, qemu_irq target);

/* Whether @irq was made by qemu_allocate_intercept(). */
bool qemu_irq_is_intercept(qemu_irq irq);

/* What an intercept passes levels on to (borrowed; may be NULL). */
qemu_irq qemu_irq_intercept_target(qemu_irq irq);

/* Lets an intercept pass levels on to @target (a reference is held; NULL for nobody). */
void qemu_irq_intercept_retarget(qemu_irq irq, qemu_irq target);

/* From now on @handler is told each level that @irq gets, before the handler @irq has. */
void qemu_irq_intercept_in(qemu_irq irq, qemu_irq_handler handler, void *opaque, int n);

#endif
