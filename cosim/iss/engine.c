#include "cosim/iss/engine.h"

#include <string.h>

#include "cosim/iss/isa.h"

/* Where the probe's code goes. */
#define PROBE_BASE 0x1000u
#define PROBE_SIZE 0x1000u
#define INSN_MRET 0x30200073u
#define INSN_LOOP 0x0000006fu /* j . */

G_DEFINE_QUARK(qosim - iss - engine - error, engine_error)

uint64_t engine_get(const Engine *engine, int reg)
{
    uint64_t value = 0;

    (void)uc_reg_read(engine->uc, reg, &value);
    return engine->rv64 ? value : (uint32_t)value;
}

void engine_set(const Engine *engine, int reg, uint64_t value)
{
    (void)uc_reg_write(engine->uc, reg, &value);
}

/* The bytes of a saved context begin with what uc_context_save() needs; the offsets are into the whole object. */
static uint8_t *context_bytes(const Engine *engine)
{
    return (uint8_t *)engine->context;
}

void engine_set_pending(const Engine *engine, uint32_t mip)
{
    (void)uc_context_save(engine->uc, engine->context);
    memcpy(context_bytes(engine) + engine->mip_offset, &mip, sizeof(mip));
    (void)uc_context_restore(engine->uc, engine->context);
}

unsigned engine_mode(const Engine *engine)
{
    uint32_t mode;

    (void)uc_context_save(engine->uc, engine->context);
    memcpy(&mode, context_bytes(engine) + engine->mode_offset, sizeof(mode));
    return mode;
}

void engine_set_mode(const Engine *engine, unsigned mode)
{
    const uint32_t value = mode;

    (void)uc_context_save(engine->uc, engine->context);
    memcpy(context_bytes(engine) + engine->mode_offset, &value, sizeof(value));
    (void)uc_context_restore(engine->uc, engine->context);
}

void engine_forget(const Engine *engine, uint64_t address, uint64_t size)
{
    (void)uc_ctl_remove_cache(engine->uc, address, address + size);
}

/* --- Finding out where the state is --- */

/* The only word that was @before in @old and is @after now; 0 if there is none or more than one. */
static size_t find_word(const uint8_t *old, const uint8_t *now, size_t size, uint32_t before,
                        uint32_t after)
{
    size_t found = 0;

    for (size_t at = sizeof(uint32_t); at + sizeof(uint32_t) <= size; at += sizeof(uint32_t)) {
        uint32_t was;
        uint32_t is;

        memcpy(&was, old + at, sizeof(was));
        memcpy(&is, now + at, sizeof(is));
        if (was == before && is == after) {
            if (found) {
                return 0;
            }
            found = at;
        }
    }
    return found;
}

static uint8_t *snapshot(const Engine *engine, size_t size)
{
    (void)uc_context_save(engine->uc, engine->context);
    return g_memdup2(engine->context, size);
}

/* mip is the word that a write of it changes, as far as the engine lets one. */
static size_t find_mip(const Engine *engine, size_t size)
{
    const uint32_t pattern = 0x222; /* supervisor's bits */
    g_autofree uint8_t *before = snapshot(engine, size);
    g_autofree uint8_t *after = NULL;

    engine_set(engine, UC_RISCV_REG_MIP, pattern);
    after = snapshot(engine, size);
    engine_set(engine, UC_RISCV_REG_MIP, 0);
    return find_word(before, after, size, 0, pattern);
}

/* The mode is the word that MRET changes from 3 to 0. */
static size_t find_mode(const Engine *engine, size_t size)
{
    const uint32_t code[] = { INSN_MRET, INSN_LOOP };
    g_autofree uint8_t *before = NULL;
    g_autofree uint8_t *after = NULL;

    if (uc_mem_map(engine->uc, PROBE_BASE, PROBE_SIZE, UC_PROT_ALL) != UC_ERR_OK ||
        uc_mem_write(engine->uc, PROBE_BASE, code, sizeof(code)) != UC_ERR_OK) {
        return 0;
    }
    engine_set(engine, UC_RISCV_REG_MEPC, PROBE_BASE + sizeof(INSN_MRET));
    engine_set(engine, UC_RISCV_REG_PC, PROBE_BASE);
    before = snapshot(engine, size);
    (void)uc_emu_start(engine->uc, PROBE_BASE, PROBE_BASE + sizeof(INSN_MRET), 0, 1);
    after = snapshot(engine, size);
    return find_word(before, after, size, PRIVILEGE_MACHINE, 0);
}

static uc_err open_uc(Engine *engine)
{
    const uc_mode mode = engine->rv64 ? UC_MODE_RISCV64 : UC_MODE_RISCV32;
    uc_err result = uc_open(UC_ARCH_RISCV, mode, &engine->uc);

    if (result == UC_ERR_OK) { /* the models without floating point, and without an MMU */
        result = uc_ctl_set_cpu_model(engine->uc, engine->rv64 ? (int)UC_CPU_RISCV64_SIFIVE_E51
                                                               : (int)UC_CPU_RISCV32_SIFIVE_E31);
    }
    if (result == UC_ERR_OK) {
        result = uc_context_alloc(engine->uc, &engine->context);
    }
    return result;
}

/* Looks for mip and the mode in an engine that is then thrown away. */
static bool probe(Engine *engine)
{
    Engine scratch = { .rv64 = engine->rv64 };
    bool ok = open_uc(&scratch) == UC_ERR_OK;

    if (ok) {
        const size_t size = uc_context_size(scratch.uc);

        engine->mip_offset = find_mip(&scratch, size);
        engine->mode_offset = find_mode(&scratch, size);
    }
    engine_close(&scratch);
    return ok && engine->mip_offset && engine->mode_offset;
}

/* Whether what was found is what it seems. */
static bool prove(const Engine *engine)
{
    const uint32_t all = MIP_MSIP | MIP_MTIP | MIP_MEIP;

    engine_set_pending(engine, all);
    if (engine_get(engine, UC_RISCV_REG_MIP) != all) {
        return false;
    }
    engine_set_pending(engine, 0);
    return engine_mode(engine) == PRIVILEGE_MACHINE;
}

bool engine_open(Engine *engine, bool rv64, GError **error)
{
    uc_err result;

    *engine = (Engine){ .rv64 = rv64 };
    result = open_uc(engine);
    if (result != UC_ERR_OK) {
        g_set_error(error, ENGINE_ERROR, 0, "Unicorn: %s", uc_strerror(result));
        engine_close(engine);
        return false;
    }
    if (!probe(engine) || !prove(engine)) {
        g_set_error(error, ENGINE_ERROR, 0,
                    "Unicorn: this version keeps mip and the privilege mode in another way than "
                    "2.0 does");
        engine_close(engine);
        return false;
    }
    return true;
}

void engine_close(Engine *engine)
{
    if (engine->context) {
        (void)uc_context_free(engine->context);
    }
    if (engine->uc) {
        (void)uc_close(engine->uc);
    }
    engine->context = NULL;
    engine->uc = NULL;
}
