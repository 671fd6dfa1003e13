/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csr_machine
/* The registers of the trap machinery, each by what can be stored in it. */
    csrr a5, misa
    CHECK "csr/misa-is-rv32im", a5, 0x40001100
    li a3, -1
    csrw misa, a3
    csrr a5, misa
    CHECK "csr/misa-cannot-be-changed", a5, 0x40001100
    csrr a5, mvendorid
    CHECK "csr/mvendorid", a5, 0
    csrr a5, marchid
    CHECK "csr/marchid", a5, 0
    csrr a5, mhartid
    CHECK "csr/mhartid", a5, 0
    csrr a5, mconfigptr
    CHECK "csr/mconfigptr", a5, 0
    csrr a5, 0x310
    CHECK "csr/mstatush", a5, 0
/* mstatus: MIE and MPIE are bits, MPP says machine mode for ever. Interrupts are all masked in mie here. */
    csrw mie, x0
    li a3, MSTATUS_MPP
    csrw mstatus, a3
    csrr a5, mstatus
    li a4, MSTATUS_MASK
    and a5, a5, a4
    CHECK "csr/mstatus-bits-clear", a5, MSTATUS_MPP
    li a3, MSTATUS_MPP | MSTATUS_MIE
    csrw mstatus, a3
    csrr a5, mstatus
    and a5, a5, a4
    CHECK "csr/mstatus-mie", a5, MSTATUS_MPP | MSTATUS_MIE
    li a3, MSTATUS_MPP | MSTATUS_MPIE
    csrw mstatus, a3
    csrr a5, mstatus
    and a5, a5, a4
    CHECK "csr/mstatus-mpie", a5, MSTATUS_MPP | MSTATUS_MPIE
    csrsi mstatus, MSTATUS_MIE
    csrr a5, mstatus
    and a5, a5, a4
    CHECK "csr/mstatus-set-mie", a5, MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE
    csrci mstatus, MSTATUS_MIE
    csrr a5, mstatus
    and a5, a5, a4
    CHECK "csr/mstatus-clear-mie", a5, MSTATUS_MPP | MSTATUS_MPIE
    csrw mstatus, x0
    csrr a5, mstatus
    CHECK_RTL "csr/mstatus-mpp-is-hardwired", a5, MSTATUS_MPP
    li a3, -1
    csrw mstatus, a3
    csrr a5, mstatus
    CHECK_RTL "csr/mstatus-has-three-fields", a5, MSTATUS_MASK
    li a3, MSTATUS_MPP
    csrw mstatus, a3
/* mie has three bits that both machines know; mip is read-only in them. */
    csrw mie, x0
    csrr a5, mie
    CHECK "csr/mie-clear", a5, 0
    li a3, MIE_MASK
    csrw mie, a3
    csrr a5, mie
    CHECK "csr/mie-set", a5, MIE_MASK
    li a3, MIE_TIMER
    csrrc a5, mie, a3
    csrr a5, mie
    CHECK "csr/mie-clear-one", a5, MIE_SOFTWARE | MIE_EXTERNAL
    csrsi mie, MIE_SOFTWARE
    csrw mie, x0
    li a3, -1
    csrw mie, a3
    csrr a5, mie
    CHECK_RTL "csr/mie-has-three-bits", a5, MIE_MASK
    csrw mie, x0
    li a3, MIE_MASK
    csrs mip, a3
    csrr a5, mip
    and a5, a5, a3
    CHECK "csr/mip-cannot-be-set", a5, 0
/* mtvec: the base in bits 31:2, modes 0 and 1; a reserved mode changes nothing. */
    csrr s0, mtvec
    li a3, 0x12345678
    csrw mtvec, a3
    csrr a5, mtvec
    CHECK "csr/mtvec-direct", a5, 0x12345678
    li a3, 0xfffffffd
    csrw mtvec, a3
    csrr a5, mtvec
    CHECK "csr/mtvec-vectored", a5, 0xfffffffd
    li a3, 0x12345676
    csrw mtvec, a3
    csrr a5, mtvec
    CHECK "csr/mtvec-mode-2-is-refused", a5, 0xfffffffd
    li a3, 0x12345677
    csrw mtvec, a3
    csrr a5, mtvec
    CHECK "csr/mtvec-mode-3-is-refused", a5, 0xfffffffd
    csrw mtvec, s0
/* mepc holds instruction addresses. */
    li a3, 0xfffffffc
    csrw mepc, a3
    csrr a5, mepc
    CHECK "csr/mepc-largest", a5, 0xfffffffc
    csrw mepc, x0
    csrr a5, mepc
    CHECK "csr/mepc-zero", a5, 0
    li a3, 0x80000003
    csrw mepc, a3
    csrr a5, mepc
    CHECK_RTL "csr/mepc-is-word-aligned", a5, 0x80000000
    li a3, 0x80000007
    csrw mcause, a3
    csrr a5, mcause
    CHECK "csr/mcause-interrupt", a5, 0x80000007
    csrwi mcause, 11
    csrr a5, mcause
    CHECK "csr/mcause-exception", a5, 11
    li a3, 0xdeadbeef
    csrw mtval, a3
    csrr a5, mtval
    CHECK "csr/mtval", a5, 0xdeadbeef
    csrw mtval, x0
    csrr a5, mtval
    CHECK "csr/mtval-zero", a5, 0
END
