/*
 * The demo SoC as its firmware sees it: registers, interrupts, console, exit. docs/soc.md has the address map.
 */
#ifndef QOSIM_SOC_FIRMWARE_SOC_H
#define QOSIM_SOC_FIRMWARE_SOC_H

#include <stdbool.h>
#include <stdint.h>

#define FINISHER 0x00100000u
#define CLINT_MSIP 0x02000000u
#define CLINT_MTIMECMP 0x02004000u
#define CLINT_MTIME 0x0200bff8u
#define PLIC_PRIORITY(source) (0x0c000000u + 4 * (source))
#define PLIC_PENDING(source) (0x0c001000u + 4 * ((source) / 32))
#define PLIC_ENABLE(source) (0x0c002000u + 4 * ((source) / 32))
#define PLIC_THRESHOLD 0x0c200000u
#define PLIC_CLAIM 0x0c200004u
/* A 16550's transmitter: a byte stored is printed once the status says that there is room. */
#define CONSOLE 0x10000000u
#define CONSOLE_STATUS (CONSOLE + 5)
#define CONSOLE_READY 0x20u
#define GPIO 0x10012000u

/* Registers of the hosted GPIO (sifive_soc.gpio). */
#define GPIO_VALUE (GPIO + 0x00)
#define GPIO_INPUT_EN (GPIO + 0x04)
#define GPIO_OUTPUT_EN (GPIO + 0x08)
#define GPIO_PORT (GPIO + 0x0c)
#define GPIO_PUE (GPIO + 0x10)
#define GPIO_DS (GPIO + 0x14)
#define GPIO_RISE_IE (GPIO + 0x18)
#define GPIO_RISE_IP (GPIO + 0x1c)
#define GPIO_FALL_IE (GPIO + 0x20)
#define GPIO_FALL_IP (GPIO + 0x24)
#define GPIO_HIGH_IE (GPIO + 0x28)
#define GPIO_HIGH_IP (GPIO + 0x2c)
#define GPIO_LOW_IE (GPIO + 0x30)
#define GPIO_LOW_IP (GPIO + 0x34)
#define GPIO_OUT_XOR (GPIO + 0x40)
/* Source of a GPIO pin at the interrupt controller. */
#define GPIO_SOURCE(pin) (8u + (pin))

/* A variable that is not zero at the start. */
#define NOINIT __attribute__((section(".noinit")))

/* mtime counts at 10 MHz. */
#define TICKS_PER_MS 10000u

/* Causes of traps, and the interrupt enables in mie. */
#define CAUSE_INSN_FAULT 1u
#define CAUSE_ILLEGAL 2u
#define CAUSE_LOAD_MISALIGNED 4u
#define CAUSE_LOAD_FAULT 5u
#define CAUSE_STORE_MISALIGNED 6u
#define CAUSE_STORE_FAULT 7u
#define CAUSE_SOFTWARE 0x80000003u
#define CAUSE_TIMER 0x80000007u
#define CAUSE_EXTERNAL 0x8000000bu
#define MIE_SOFTWARE 0x008u
#define MIE_TIMER 0x080u
#define MIE_EXTERNAL 0x800u
#define MSTATUS_MIE 0x8u

static inline uint32_t read32(uint32_t address)
{
    return *(volatile uint32_t *)(uintptr_t)address;
}

static inline uint16_t read16(uint32_t address)
{
    return *(volatile uint16_t *)(uintptr_t)address;
}

static inline uint8_t read8(uint32_t address)
{
    return *(volatile uint8_t *)(uintptr_t)address;
}

static inline void write32(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)address = value;
}

static inline void write16(uint32_t address, uint16_t value)
{
    *(volatile uint16_t *)(uintptr_t)address = value;
}

static inline void write8(uint32_t address, uint8_t value)
{
    *(volatile uint8_t *)(uintptr_t)address = value;
}

static inline void set_mie(uint32_t bits)
{
    __asm__ volatile("csrs mie, %0" ::"r"(bits) : "memory");
}

static inline void clear_mie(uint32_t bits)
{
    __asm__ volatile("csrc mie, %0" ::"r"(bits) : "memory");
}

static inline uint32_t read_mip(void)
{
    uint32_t value;

    __asm__ volatile("csrr %0, mip" : "=r"(value)::"memory");
    return value;
}

static inline void interrupts_on(void)
{
    __asm__ volatile("csrsi mstatus, %0" ::"i"(MSTATUS_MIE) : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("csrci mstatus, %0" ::"i"(MSTATUS_MIE) : "memory");
}

/* Sleeps until an interrupt that mie enables is pending, whether or not interrupts are on. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

uint64_t mtime(void);
/* The timer interrupt is pending from this time on. */
void set_mtimecmp(uint64_t when);

/* Prints as format() does. */
void print(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* Ends the simulation; 0 is success. */
void soc_exit(unsigned code) __attribute__((noreturn));

/* Prints what was wrong and ends the simulation with @code. */
void fail(unsigned code, const char *what) __attribute__((noreturn));

/* The firmware's own; @mepc may be changed to return elsewhere. There is one for programs that take no trap. */
void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval);

#endif
