/* The interrupt controller, with sources that the hosted GPIO raises: LOW_IE makes a line follow an idle pin. */
#include "check.h"

#define A GPIO_SOURCE(3)  /* 11 */
#define B GPIO_SOURCE(5)  /* 13 */
#define C GPIO_SOURCE(30) /* 38, in the second words */

#define MIP_EXTERNAL 0x800u

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    (void)mepc;
    traps++;
    trap_cause = mcause;
    trap_tval = mtval;
    clear_mie(MIE_EXTERNAL);
}

static void raise_lines(uint32_t pins)
{
    write32(GPIO_LOW_IE, pins);
}

static bool is_pending(uint32_t source)
{
    return read32(PLIC_PENDING(source)) >> source % 32 & 1;
}

static void enable(uint32_t source, bool on)
{
    const uint32_t bit = 1u << source % 32;
    const uint32_t old = read32(PLIC_ENABLE(source));

    write32(PLIC_ENABLE(source), on ? old | bit : old & ~bit);
}

static bool line_is_up(void)
{
    return read_mip() & MIP_EXTERNAL;
}

static void check_registers(void)
{
    write32(PLIC_PRIORITY(A), 0xffffffff);
    CHECK_EQUAL(read32(PLIC_PRIORITY(A)), 7);
    write32(PLIC_PRIORITY(0), 7);
    CHECK_EQUAL(read32(PLIC_PRIORITY(0)), 0);
    write32(PLIC_PRIORITY(63), 5);
    CHECK_EQUAL(read32(PLIC_PRIORITY(63)), 5);
    write32(PLIC_PRIORITY(64), 5);
    CHECK_EQUAL(read32(PLIC_PRIORITY(64)), 0);
    write32(PLIC_ENABLE(0), 0xffffffff);
    write32(PLIC_ENABLE(32), 0xffffffff);
    CHECK_EQUAL(read32(PLIC_ENABLE(0)), 0xfffffffe);
    CHECK_EQUAL(read32(PLIC_ENABLE(32)), 0xffffffff);
    write32(PLIC_ENABLE(0), 0);
    write32(PLIC_ENABLE(32), 0);
    write32(PLIC_THRESHOLD, 0xf);
    CHECK_EQUAL(read32(PLIC_THRESHOLD), 7);
    write32(PLIC_THRESHOLD, 0);
    CHECK_EQUAL(read32(PLIC_CLAIM), 0);
    print("registers keep what they have room for; there is no source 0 or 64\n");
}

static void check_gateway(void)
{
    write32(PLIC_PRIORITY(A), 2);
    raise_lines(1u << 3);
    CHECK_EQUAL(is_pending(A), 1);
    CHECK_EQUAL(line_is_up(), 0);
    CHECK_EQUAL(read32(PLIC_CLAIM), 0);
    print("a source that is not enabled pends and disturbs nobody\n");

    enable(A, true);
    CHECK_EQUAL(line_is_up(), 1);
    write32(PLIC_PRIORITY(A), 0);
    CHECK_EQUAL(line_is_up(), 0);
    CHECK_EQUAL(read32(PLIC_CLAIM), 0);
    write32(PLIC_PRIORITY(A), 2);
    write32(PLIC_THRESHOLD, 2);
    CHECK_EQUAL(line_is_up(), 0);
    write32(PLIC_THRESHOLD, 1);
    CHECK_EQUAL(line_is_up(), 1);
    print("priority 0 never interrupts, the threshold must be exceeded\n");

    CHECK_EQUAL(read32(PLIC_CLAIM), A);
    CHECK_EQUAL(line_is_up(), 0);
    CHECK_EQUAL(is_pending(A), 0);
    CHECK_EQUAL(read32(PLIC_CLAIM), 0);
    write32(PLIC_CLAIM, B); /* not the one that is served */
    CHECK_EQUAL(is_pending(A), 0);
    write32(PLIC_CLAIM, A);
    CHECK_EQUAL(is_pending(A), 1);
    CHECK_EQUAL(line_is_up(), 1);
    print("a served source pends again only after it was completed, if its level is still high\n");

    raise_lines(0);
    CHECK_EQUAL(is_pending(A), 1);
    CHECK_EQUAL(read32(PLIC_CLAIM), A);
    write32(PLIC_CLAIM, A);
    CHECK_EQUAL(is_pending(A), 0);
    CHECK_EQUAL(line_is_up(), 0);
    print("what pends stays although the level falls, and is gone when it was served\n");
}

static void check_order(void)
{
    write32(PLIC_THRESHOLD, 0);
    write32(PLIC_PRIORITY(A), 3);
    write32(PLIC_PRIORITY(B), 3);
    write32(PLIC_PRIORITY(C), 4);
    enable(B, true);
    enable(C, true);
    raise_lines(1u << 3 | 1u << 5 | 1u << 30);
    write32(PLIC_THRESHOLD, 7);
    CHECK_EQUAL(line_is_up(), 0);
    CHECK_EQUAL(read32(PLIC_CLAIM), C);
    CHECK_EQUAL(read32(PLIC_CLAIM), A);
    CHECK_EQUAL(read32(PLIC_CLAIM), B);
    CHECK_EQUAL(read32(PLIC_CLAIM), 0);
    print("claims go by priority, then number, whatever the threshold\n");
    write32(PLIC_THRESHOLD, 0);
    raise_lines(0);
    write32(PLIC_CLAIM, A);
    write32(PLIC_CLAIM, B);
    write32(PLIC_CLAIM, C);
    CHECK_EQUAL(line_is_up(), 0);
}

static void check_trap(void)
{
    set_mie(MIE_EXTERNAL);
    interrupts_on();
    CHECK_EQUAL(traps, 0);
    raise_lines(1u << 30);
    read32(PLIC_PENDING(C));
    CHECK_EQUAL(traps, 1);
    CHECK_EQUAL(trap_cause, CAUSE_EXTERNAL);
    print("an interrupt reaches the core\n");
}

int main(void)
{
    write32(GPIO_DS, 0); /* the GPIO looks at its pins with the first write */
    check_registers();
    check_gateway();
    check_order();
    check_trap();
    return 0;
}
