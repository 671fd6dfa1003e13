/* SPDX-License-Identifier: MIT
 *
 * Start-up, report and verdict of the test programmes, and the trap handler that they share. */
#include "test.inc"

    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_top
    la t0, trap_entry
    csrw mtvec, t0
    la t0, bss_start
    la t1, bss_end
1:  beq t0, t1, 2f
    sw x0, 0(t0)
    addi t0, t0, 4
    j 1b
2:  /* The timer would be pending from the start, as mtimecmp has no reset value that programmes may rely on. */
    li t0, -1
    li t1, CLINT_MTIMECMP
    sw t0, 0(t1)
    sw t0, 4(t1)
    la a0, program_name
    call print
    li a0, '\n'
    call print_char
    call test_main
    call verdict
3:  j 3b

    .text

/* Records the trap. An exception returns to TRAP_RESUME if that is set, once, else to the instruction behind it. An
 * interrupt is masked in mie, so that it comes once, and returns to where it struck. */
    .balign 4
    .globl trap_entry
trap_entry:
    csrw mscratch, t0
    la t0, trap_log
    sw t1, TRAP_SAVE(t0)
    csrr t1, mepc
    sw t1, TRAP_EPC(t0)
    csrr t1, mtval
    sw t1, TRAP_TVAL(t0)
    csrr t1, mstatus
    sw t1, TRAP_STATUS(t0)
    lw t1, TRAP_COUNT(t0)
    addi t1, t1, 1
    sw t1, TRAP_COUNT(t0)
    csrr t1, mcause
    sw t1, TRAP_CAUSE(t0)
    bltz t1, 2f
    lw t1, TRAP_RESUME(t0)
    bnez t1, 1f
    csrr t1, mepc
    addi t1, t1, 4
1:  csrw mepc, t1
    sw x0, TRAP_RESUME(t0)
    j 3f
2:  sw t2, (TRAP_LOG_SIZE)(t0)
    lw t2, TRAP_ORDER(t0)
    slli t2, t2, 8
    andi t1, t1, 0xff
    or t2, t2, t1
    sw t2, TRAP_ORDER(t0)
    li t2, 1
    sll t2, t2, t1
    csrc mie, t2
    lw t2, (TRAP_LOG_SIZE)(t0)
3:  lw t1, TRAP_SAVE(t0)
    csrr t0, mscratch
    mret

/* report(name, got, want): one line, and the count of wrong ones. */
    .globl report
report:
    addi sp, sp, -16
    sw ra, 12(sp)
    sw s0, 8(sp)
    sw s1, 4(sp)
    mv s0, a1
    mv s1, a2
    la t0, case_count
    lw t1, 0(t0)
    addi t1, t1, 1
    sw t1, 0(t0)
    call print
    li a0, ' '
    call print_char
    mv a0, s0
    call print_hex
    beq s0, s1, 1f
    la a0, wrong_text
    call print
    mv a0, s1
    call print_hex
    la t0, wrong_count
    lw t1, 0(t0)
    addi t1, t1, 1
    sw t1, 0(t0)
1:  li a0, '\n'
    call print_char
    lw s1, 4(sp)
    lw s0, 8(sp)
    lw ra, 12(sp)
    addi sp, sp, 16
    ret

/* report_rtl(name, got, want): report, but only on the RTL and only what is wrong. */
    .globl report_rtl
report_rtl:
    csrr t0, mimpid
    li t1, MIMPID_QOSIM
    bne t0, t1, 1f
    bne a1, a2, report
1:  ret

/* "PASS n" or "FAIL n", where n is how many cases there were or how many were wrong, and the same to the finisher. A
 * programme without cases has not passed. */
verdict:
    la t0, case_count
    lw s0, 0(t0)
    la t0, wrong_count
    lw s1, 0(t0)
    bnez s0, 1f
    li s1, 1
1:  la a0, pass_text
    beqz s1, 2f
    la a0, fail_text
    mv s0, s1
2:  call print
    mv a0, s0
    call print_hex
    li a0, '\n'
    call print_char
    li t0, FINISHER_BASE
    li t1, FINISHER_PASS
    beqz s1, 3f
    slli s1, s1, 16
    li t1, FINISHER_FAIL
    or t1, t1, s1
3:  sw t1, 0(t0)
    ret

/* print(text) */
    .globl print
print:
    addi sp, sp, -16
    sw ra, 12(sp)
    mv t2, a0
1:  lbu a0, 0(t2)
    beqz a0, 2f
    call print_char
    addi t2, t2, 1
    j 1b
2:  lw ra, 12(sp)
    addi sp, sp, 16
    ret

/* print_hex(value): eight digits. */
    .globl print_hex
print_hex:
    addi sp, sp, -16
    sw ra, 12(sp)
    mv t2, a0
    li t3, 28
1:  srl a0, t2, t3
    andi a0, a0, 15
    sltiu t4, a0, 10
    addi a0, a0, '0'
    bnez t4, 2f
    addi a0, a0, 'a' - '0' - 10
2:  call print_char
    addi t3, t3, -4
    bgez t3, 1b
    lw ra, 12(sp)
    addi sp, sp, 16
    ret

/* print_char(c): uses t0 and t1. */
    .globl print_char
print_char:
    li t0, UART_BASE
1:  lbu t1, UART_LSR(t0)
    andi t1, t1, UART_LSR_THRE
    beqz t1, 1b
    sb a0, UART_THR(t0)
    ret

    .section .rodata
pass_text:  .asciz "PASS "
fail_text:  .asciz "FAIL "
wrong_text: .asciz " but want "

    .bss
    .balign 4
    .globl trap_log
trap_log:    .space TRAP_LOG_SIZE + 4
case_count:  .space 4
wrong_count: .space 4
