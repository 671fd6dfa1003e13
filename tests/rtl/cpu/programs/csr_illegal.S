/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csr_illegal
/* Registers that are not there, and writes to those that are read-only. A trapping CSR instruction writes no rd. */
    CASE_ILLEGAL "csr-illegal/read-of-0x7c0", 0x7c0026f3
    CASE_ILLEGAL "csr-illegal/write-of-0x7c0", 0x7c069073
    CASE_ILLEGAL "csr-illegal/read-of-0x000", 0x000026f3
    CASE_ILLEGAL "csr-illegal/read-of-satp", 0x180026f3
    CASE_ILLEGAL "csr-illegal/read-of-sstatus", 0x100026f3
    CASE_ILLEGAL_RTL "csr-illegal/read-of-medeleg", 0x302026f3
    CASE_ILLEGAL_RTL "csr-illegal/read-of-mideleg", 0x303026f3
    CASE_ILLEGAL "csr-illegal/read-of-fcsr", 0x003026f3
    CASE_ILLEGAL "csr-illegal/read-of-pmpcfg0", 0x3a0026f3
    CASE_ILLEGAL "csr-illegal/read-of-dcsr", 0x7b0026f3
    CASE_ILLEGAL "csr-illegal/read-of-0xfff", 0xfff026f3
    CASE_ILLEGAL "csr-illegal/csrrw-to-mhartid", 0xf1469073
    CASE_ILLEGAL "csr-illegal/csrrw-of-x0-to-mhartid", 0xf1401073
    li a3, -1
    CASE_ILLEGAL "csr-illegal/csrrs-to-mvendorid", 0xf116a073
    CASE_ILLEGAL "csr-illegal/csrrc-to-mimpid", 0xf136b073
    CASE_ILLEGAL "csr-illegal/csrrwi-to-marchid", 0xf120d073
    CASE_ILLEGAL "csr-illegal/csrrwi-of-0-to-marchid", 0xf1205073
    CASE_ILLEGAL "csr-illegal/csrrsi-to-marchid", 0xf120e073
    CASE_ILLEGAL "csr-illegal/csrrci-to-marchid", 0xf120f073
    CASE_ILLEGAL "csr-illegal/csrrw-to-cycle", 0xc0069073
    CASE_ILLEGAL "csr-illegal/csrrw-to-instreth", 0xc8269073
/* The set and clear forms with x0 or 0 write nothing and are welcome. */
    TRAP_ARM
    csrrs a5, mhartid, x0
    csrrc a5, mhartid, x0
    csrrsi a5, mhartid, 0
    csrrci a5, mhartid, 0
    CHECK_NO_TRAP "csr-illegal/forms-that-only-read"
/* rs1 is not x0 but holds zero: that is still a write. QEMU looks at the value. */
    li a3, 0
    CASE_ILLEGAL_RTL "csr-illegal/csrrs-of-a-zero-register", 0xf146a7f3
    CASE_ILLEGAL_RTL "csr-illegal/csrrc-of-a-zero-register", 0xf146b7f3
    CASE_ILLEGAL_RTL "csr-illegal/read-of-time", 0xc01027f3
    li a5, 77
    TRAP_ARM
1:  .word 0x7c0027f3
    mv s1, a5
    CHECK_TRAP "csr-illegal/into-a5", CAUSE_ILLEGAL, 1b
    CHECK "csr-illegal/rd-is-not-written", s1, 77
END
