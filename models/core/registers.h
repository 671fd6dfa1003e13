/*
 * Register tables: one row says everything about a 32-bit register. Reading, writing, reset and dumps derive from it.
 *
 *     #define REG(name_, offset_, field_, ...) { .name = name_, .offset = offset_, .field = offsetof(Foo, field_), __VA_ARGS__ }
 *     static const RegisterInfo foo_rows[] = {
 *         REG("ctrl", 0x00, ctrl, .writable = 0xff),
 *         REG("pending", 0x04, pending, .write_1_clear = 0xffffffff, .hook = foo_update),
 *     };
 *
 * A register without writable and write-1-clear bits is read-only.
 */
#ifndef QOSIM_MODELS_CORE_REGISTERS_H
#define QOSIM_MODELS_CORE_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/core/hwaddr.h"
#include "qom/object.h"

typedef struct RegisterInfo {
    const char *name;
    hwaddr offset;             /* in the device's region */
    uint32_t reset;            /* value after reset */
    uint32_t writable;         /* bits that take what is written */
    uint32_t write_1_clear;    /* bits that a written 1 clears */
    size_t field;              /* where the value (a uint32_t) lives in the state */
    void (*hook)(void *state); /* called after a write; may be NULL */
} RegisterInfo;

typedef struct RegisterMap {
    const RegisterInfo *rows; /* by offset */
    size_t count;
} RegisterMap;

/* The register at exactly @offset; NULL when there is none. */
const RegisterInfo *register_find(const RegisterMap *map, hwaddr offset);

/* The register's value in @state; no side effects, so a dump may use it. */
uint32_t register_read(const RegisterInfo *reg, const void *state);

/* Whether writes to it have any effect on it. */
bool register_is_read_only(const RegisterInfo *reg);

/* Writes @value by the row's masks and calls its hook. */
void register_write(const RegisterInfo *reg, void *state, uint32_t value);

/* Sets every register to its value after reset; hooks are not called. */
void register_reset_all(const RegisterMap *map, void *state);

/* The interface of objects whose registers tools can list; their state is the instance. */
#define TYPE_REGISTER_BANK "register-bank"
typedef struct RegisterBankClass RegisterBankClass;
DECLARE_CLASS_CHECKERS(RegisterBankClass, REGISTER_BANK, TYPE_REGISTER_BANK)

struct RegisterBankClass {
    InterfaceClass parent_class;

    const RegisterMap *map;
};

/* The registers of @obj, to be read with register_read(reg, obj); NULL when it shows none. */
const RegisterMap *register_map_of(Object *obj);

#endif
