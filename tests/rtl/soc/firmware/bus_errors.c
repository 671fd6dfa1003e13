/* What the bus refuses is an access fault of the right kind, with the address in mtval, and nothing else is hurt. */
#include "check.h"

#define HOLE 0x40000000u
#define SERVER_HOLE 0x18000000u
#define RAM_END 0x80040000u

static uint32_t resume;

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    traps++;
    trap_cause = mcause;
    trap_tval = mtval;
    *mepc = mcause == CAUSE_INSN_FAULT ? resume : *mepc + 4;
}

static void jump_to(uint32_t address)
{
    __asm__ volatile("la t0, 1f\n\t"
                     "sw t0, %0\n\t"
                     "jr %1\n"
                     "1:"
                     : "=m"(resume)
                     : "r"(address)
                     : "t0", "memory");
}

static void check_hole(uint32_t address)
{
    read32(address);
    CHECK_TRAP(CAUSE_LOAD_FAULT, address);
    read8(address + 3);
    CHECK_TRAP(CAUSE_LOAD_FAULT, address + 3);
    read16(address + 2);
    CHECK_TRAP(CAUSE_LOAD_FAULT, address + 2);
    write32(address, 1);
    CHECK_TRAP(CAUSE_STORE_FAULT, address);
    write8(address + 1, 1);
    CHECK_TRAP(CAUSE_STORE_FAULT, address + 1);
}

int main(void)
{
    check_hole(HOLE);
    check_hole(0);
    check_hole(0xfffffff0);
    check_hole(SERVER_HOLE);
    check_hole(RAM_END);
    print("holes fault\n");

    read32(RAM_END - 4);
    write32(RAM_END - 0x2000, 0x12345678);
    CHECK_EQUAL(read32(RAM_END - 0x2000), 0x12345678);
    CHECK_EQUAL(traps, 0);
    print("the last word of RAM does not\n");

    jump_to(HOLE);
    CHECK_TRAP(CAUSE_INSN_FAULT, HOLE);
    jump_to(GPIO);
    CHECK_TRAP(CAUSE_INSN_FAULT, GPIO);
    jump_to(RAM_END);
    CHECK_TRAP(CAUSE_INSN_FAULT, RAM_END);
    print("instructions come from RAM only\n");

    read8(CLINT_MTIME);
    CHECK_TRAP(CAUSE_LOAD_FAULT, CLINT_MTIME);
    write16(PLIC_THRESHOLD, 1);
    CHECK_TRAP(CAUSE_STORE_FAULT, PLIC_THRESHOLD);
    write8(FINISHER, 0x55);
    CHECK_TRAP(CAUSE_STORE_FAULT, FINISHER);
    print("word registers refuse bytes and halves\n");
    return 0;
}
