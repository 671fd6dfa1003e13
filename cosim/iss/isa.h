/* What the simulator must know of RISC-V's encoding: how long an instruction is, and which address a load or store goes to. */
#ifndef QOSIM_COSIM_ISS_ISA_H
#define QOSIM_COSIM_ISS_ISA_H

#include <stdbool.h>
#include <stdint.h>

/* Exception codes of mcause (privileged manual, table 3.6). */
enum {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_FAULT = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_FAULT = 5,
    CAUSE_STORE_FAULT = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_M = 11,
};

/* Interrupts: their bits in mip and mie. */
#define MIP_MSIP (1u << 3)
#define MIP_MTIP (1u << 7)
#define MIP_MEIP (1u << 11)

#define MSTATUS_MIE (1u << 3)
#define MSTATUS_MPIE (1u << 7)
#define MSTATUS_MPP (3u << 11)

#define PRIVILEGE_MACHINE 3u

typedef struct IsaAccess {
    unsigned base;  /* the register that holds the address */
    int32_t offset; /* to be added to it */
    unsigned size;  /* in bytes */
    unsigned data;  /* the register that is stored or loaded */
    bool is_load;
    bool is_store; /* both: an atomic operation */
    bool is_atomic;
    bool is_unsigned; /* what is loaded is not sign-extended */
} IsaAccess;

/* 2 or 4, from the low half of an instruction. */
unsigned isa_length(uint16_t low_half);

/* Whether @insn (its low half if it has 2 bytes) reaches memory, and how. */
bool isa_access(uint32_t insn, bool rv64, IsaAccess *access);

typedef struct IsaCsr {
    unsigned number;
    unsigned destination; /* register, 0: the old value is not wanted */
    unsigned source;      /* register, or the value itself if @is_immediate */
    bool is_immediate;
    bool is_write; /* it stores something */
    enum { CSR_SWAP = 1, CSR_SET, CSR_CLEAR } how;
} IsaCsr;

/* Whether @insn reads or writes a CSR, and how. */
bool isa_csr(uint32_t insn, IsaCsr *csr);

/* "store access fault" */
const char *isa_cause_name(uint64_t cause);

#endif
