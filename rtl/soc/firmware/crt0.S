/* SPDX-License-Identifier: MIT
 *
 * Start and trap entry. main()'s result is the exit code. For RV32, and for RV64 on the instruction-set simulator. */
#if __riscv_xlen == 64
#define STORE sd
#define LOAD ld
#define WIDTH 8
#else
#define STORE sw
#define LOAD lw
#define WIDTH 4
#endif

    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    la t0, trap_entry
    csrw mtvec, t0
    csrw mie, zero
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
    call soc_exit

    /* Calls handle_trap(mcause, &mepc, mtval) with what a C function may change saved. */
    .text
    .balign 4
trap_entry:
    addi sp, sp, -20 * WIDTH
    STORE ra, 0 * WIDTH(sp)
    STORE t0, 1 * WIDTH(sp)
    STORE t1, 2 * WIDTH(sp)
    STORE t2, 3 * WIDTH(sp)
    STORE t3, 4 * WIDTH(sp)
    STORE t4, 5 * WIDTH(sp)
    STORE t5, 6 * WIDTH(sp)
    STORE t6, 7 * WIDTH(sp)
    STORE a0, 8 * WIDTH(sp)
    STORE a1, 9 * WIDTH(sp)
    STORE a2, 10 * WIDTH(sp)
    STORE a3, 11 * WIDTH(sp)
    STORE a4, 12 * WIDTH(sp)
    STORE a5, 13 * WIDTH(sp)
    STORE a6, 14 * WIDTH(sp)
    STORE a7, 15 * WIDTH(sp)
    csrr t0, mepc
    STORE t0, 16 * WIDTH(sp)
    csrr a0, mcause
#if __riscv_xlen == 64 /* as on RV32: the interrupt flag is bit 31 */
    srli t0, a0, 32
    or a0, a0, t0
    sext.w a0, a0
#endif
    addi a1, sp, 16 * WIDTH
    csrr a2, mtval
    call handle_trap
    LOAD t0, 16 * WIDTH(sp)
    csrw mepc, t0
    LOAD ra, 0 * WIDTH(sp)
    LOAD t0, 1 * WIDTH(sp)
    LOAD t1, 2 * WIDTH(sp)
    LOAD t2, 3 * WIDTH(sp)
    LOAD t3, 4 * WIDTH(sp)
    LOAD t4, 5 * WIDTH(sp)
    LOAD t5, 6 * WIDTH(sp)
    LOAD t6, 7 * WIDTH(sp)
    LOAD a0, 8 * WIDTH(sp)
    LOAD a1, 9 * WIDTH(sp)
    LOAD a2, 10 * WIDTH(sp)
    LOAD a3, 11 * WIDTH(sp)
    LOAD a4, 12 * WIDTH(sp)
    LOAD a5, 13 * WIDTH(sp)
    LOAD a6, 14 * WIDTH(sp)
    LOAD a7, 15 * WIDTH(sp)
    addi sp, sp, 20 * WIDTH
    mret
