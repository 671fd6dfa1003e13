#include "cosim/iss/isa.h"

#define OPCODE_LOAD 0x03u
#define OPCODE_STORE 0x23u
#define OPCODE_AMO 0x2fu
#define OPCODE_SYSTEM 0x73u
#define FUNCT5_LR 2u
#define FUNCT5_SC 3u

static uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
    return word >> low & ((1u << (high - low + 1)) - 1);
}

static int32_t sign_extend(uint32_t value, unsigned width)
{
    const uint32_t sign = 1u << (width - 1);

    return (int32_t)((value ^ sign) - sign);
}

unsigned isa_length(uint16_t low_half)
{
    return (low_half & 3u) == 3 ? 4 : 2;
}

/* Registers x8 to x15, which short instructions name with three bits. */
static unsigned short_register(uint32_t insn, unsigned low)
{
    return 8 + bits(insn, low + 2, low);
}

static uint32_t short_offset_word(uint32_t insn)
{
    return bits(insn, 12, 10) << 3 | bits(insn, 6, 6) << 2 | bits(insn, 5, 5) << 6;
}

static uint32_t short_offset_double(uint32_t insn)
{
    return bits(insn, 12, 10) << 3 | bits(insn, 6, 5) << 6;
}

/* C.LW, C.SW, and on RV64 C.LD, C.SD. */
static bool short_access(uint32_t insn, bool is_store, bool is_double, IsaAccess *access)
{
    const uint32_t offset = is_double ? short_offset_double(insn) : short_offset_word(insn);

    *access = (IsaAccess){ .base = short_register(insn, 7),
                           .offset = (int32_t)offset,
                           .size = is_double ? 8 : 4,
                           .data = short_register(insn, 2),
                           .is_load = !is_store,
                           .is_store = is_store };
    return true;
}

/* C.LWSP, C.SWSP, and on RV64 C.LDSP, C.SDSP. */
static bool stack_access(uint32_t insn, bool is_store, bool is_double, IsaAccess *access)
{
    uint32_t offset;

    if (is_store) {
        offset = is_double ? bits(insn, 12, 10) << 3 | bits(insn, 9, 7) << 6
                           : bits(insn, 12, 9) << 2 | bits(insn, 8, 7) << 6;
    } else {
        offset =
            bits(insn, 12, 12) << 5 | (is_double ? bits(insn, 6, 5) << 3 | bits(insn, 4, 2) << 6
                                                 : bits(insn, 6, 4) << 2 | bits(insn, 3, 2) << 6);
    }
    *access = (IsaAccess){ .base = 2,
                           .offset = (int32_t)offset,
                           .size = is_double ? 8 : 4,
                           .data = is_store ? bits(insn, 6, 2) : bits(insn, 11, 7),
                           .is_load = !is_store,
                           .is_store = is_store };
    return true;
}

static bool compressed_access(uint32_t insn, bool rv64, IsaAccess *access)
{
    const uint32_t function = bits(insn, 15, 13);
    const bool is_double = (function & 1) != 0;

    /* Functions 2, 3 load, 6, 7 store; the odd ones are floating point on RV32. */
    if ((function & 2) == 0 || (is_double && !rv64)) {
        return false;
    }
    switch (insn & 3) {
    case 0:
        return short_access(insn, function >= 6, is_double, access);
    case 2:
        return stack_access(insn, function >= 6, is_double, access);
    default:
        return false;
    }
}

static bool atomic_access(uint32_t insn, IsaAccess *access)
{
    const uint32_t function = bits(insn, 31, 27);

    *access = (IsaAccess){ .base = bits(insn, 19, 15),
                           .size = 1u << bits(insn, 13, 12),
                           .data = bits(insn, 24, 20),
                           .is_load = function != FUNCT5_SC,
                           .is_store = function != FUNCT5_LR,
                           .is_atomic = true };
    return true;
}

bool isa_access(uint32_t insn, bool rv64, IsaAccess *access)
{
    if (isa_length((uint16_t)insn) == 2) {
        return compressed_access(insn & 0xffff, rv64, access);
    }
    switch (bits(insn, 6, 0)) {
    case OPCODE_LOAD:
        *access = (IsaAccess){ .base = bits(insn, 19, 15),
                               .offset = sign_extend(bits(insn, 31, 20), 12),
                               .size = 1u << bits(insn, 13, 12),
                               .data = bits(insn, 11, 7),
                               .is_load = true,
                               .is_unsigned = bits(insn, 14, 14) != 0 };
        return true;
    case OPCODE_STORE:
        *access =
            (IsaAccess){ .base = bits(insn, 19, 15),
                         .offset = sign_extend(bits(insn, 31, 25) << 5 | bits(insn, 11, 7), 12),
                         .size = 1u << bits(insn, 13, 12),
                         .data = bits(insn, 24, 20),
                         .is_store = true };
        return true;
    case OPCODE_AMO:
        return atomic_access(insn, access);
    default:
        return false;
    }
}

bool isa_csr(uint32_t insn, IsaCsr *csr)
{
    const uint32_t function = bits(insn, 14, 12);

    if (bits(insn, 6, 0) != OPCODE_SYSTEM || (function & 3) == 0) {
        return false;
    }
    *csr = (IsaCsr){ .number = bits(insn, 31, 20),
                     .destination = bits(insn, 11, 7),
                     .source = bits(insn, 19, 15),
                     .is_immediate = function >= 4,
                     .how = function & 3 };
    csr->is_write = csr->how == CSR_SWAP || csr->source != 0;
    return true;
}

const char *isa_cause_name(uint64_t cause)
{
    switch (cause) {
    case CAUSE_FETCH_MISALIGNED:
        return "misaligned instruction address";
    case CAUSE_FETCH_FAULT:
        return "instruction access fault";
    case CAUSE_ILLEGAL:
        return "illegal instruction";
    case CAUSE_BREAKPOINT:
        return "breakpoint";
    case CAUSE_LOAD_FAULT:
        return "load access fault";
    case CAUSE_STORE_FAULT:
        return "store access fault";
    case CAUSE_ECALL_U:
    case CAUSE_ECALL_M:
        return "environment call";
    default:
        return "exception";
    }
}
