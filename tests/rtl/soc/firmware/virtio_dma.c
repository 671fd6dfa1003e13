/*
 * One chain of two segments through the hosted virtio console, at addresses that the test looks for in the waveform: descriptors
 * at 0x80030000, the rings at +0x100 and +0x400, the text at 0x80031003 and 0x80032001.
 */
#include "check.h"

#define TRANSPORT 0x10008000u
#define RINGS 0x80030000u
#define TEXT1 0x80031003u
#define TEXT2 0x80032001u

static const char text[] = "out of the RAM of the RTL\n";
#define FIRST 10u
#define SECOND (sizeof(text) - 1 - FIRST)

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    (void)mepc;
    (void)mcause;
    (void)mtval;
    soc_exit(2);
}

static void reg(uint32_t offset, uint32_t value)
{
    write32(TRANSPORT + offset, value);
}

static void set_up(void)
{
    CHECK_EQUAL(read32(TRANSPORT), 0x74726976);
    reg(0x70, 0);
    reg(0x70, 1);
    reg(0x70, 3);
    reg(0x24, 1);
    reg(0x20, 1);
    reg(0x24, 0);
    reg(0x20, 0);
    reg(0x70, 0xb);
    reg(0x30, 1);
    reg(0x38, 4);
    reg(0x80, RINGS);
    reg(0x90, RINGS + 0x100);
    reg(0xa0, RINGS + 0x400);
    reg(0x44, 1);
    reg(0x70, 0xf);
    CHECK_EQUAL(read32(TRANSPORT + 0x70), 0xf);
}

static void describe(uint32_t index, uint32_t address, uint32_t length, uint32_t flags_next)
{
    write32(RINGS + 16 * index, address);
    write32(RINGS + 16 * index + 4, 0);
    write32(RINGS + 16 * index + 8, length);
    write32(RINGS + 16 * index + 12, flags_next);
}

int main(void)
{
    set_up();
    for (uint32_t i = 0; i < FIRST; i++) {
        write8(TEXT1 + i, (uint8_t)text[i]);
    }
    for (uint32_t i = 0; i < SECOND; i++) {
        write8(TEXT2 + i, (uint8_t)text[FIRST + i]);
    }
    describe(2, TEXT1, FIRST, 1 | 3u << 16);
    describe(3, TEXT2, SECOND, 0);
    write32(RINGS + 0x400, 0);
    write16(RINGS + 0x104, 2);
    write32(RINGS + 0x100, 1u << 16);
    reg(0x50, 1);
    CHECK_EQUAL(read32(RINGS + 0x400) >> 16, 1); /* the kick was answered: the chain is back */
    CHECK_EQUAL(read32(RINGS + 0x404), 2);
    CHECK_EQUAL(read32(TRANSPORT + 0x60), 1);
    print("the device has read its descriptors and given the chain back\n");
    return 0;
}
