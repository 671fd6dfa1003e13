/* SPDX-License-Identifier: MIT
 *
 * The part of QEMU's virt machine that the bench has too, at the same addresses. For assembly and for C. */
#ifndef TESTS_RTL_CPU_PLATFORM_H
#define TESTS_RTL_CPU_PLATFORM_H

#define FINISHER_BASE 0x00100000
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333

#define CLINT_MSIP 0x02000000
#define CLINT_MTIMECMP 0x02004000
#define CLINT_MTIMECMPH 0x02004004
#define CLINT_MTIME 0x0200bff8
#define CLINT_MTIMEH 0x0200bffc

/* One PLIC context, machine mode of hart 0; source 10 is the UART. */
#define PLIC_PRIORITY_UART 0x0c000028
#define PLIC_PENDING 0x0c001000
#define PLIC_ENABLE 0x0c002000
#define PLIC_THRESHOLD 0x0c200000
#define PLIC_CLAIM 0x0c200004
#define PLIC_UART_SOURCE 10

/* 16550. Transmitter-empty is the interrupt that the programmes raise the external line with. */
#define UART_BASE 0x10000000
#define UART_THR 0
#define UART_IER 1
#define UART_IIR 2
#define UART_LSR 5
#define UART_IER_THRI 0x02
#define UART_IIR_THRI 0x02
#define UART_IIR_NONE 0x01
#define UART_LSR_THRE 0x20
#define UART_LSR_TEMT 0x40

/* Nothing answers here: a bus error on the bench, an access fault on both. */
#define HOLE 0x11000000

#define RAM_BASE 0x80000000

#endif
