/* Bytes and halves arrive at the hosted GPIO as such: at their address, with nothing around them. */
#include "check.h"

int main(void)
{
    write32(GPIO_INPUT_EN, 0xffffffff);
    write8(GPIO_INPUT_EN, 0x11);
    CHECK_EQUAL(read32(GPIO_INPUT_EN), 0x11); /* the model takes a byte for the whole register */
    write32(GPIO_DS, 0x12345678);
    CHECK_EQUAL(read8(GPIO_DS), 0x78);
    CHECK_EQUAL(read16(GPIO_DS), 0x5678);
    CHECK_EQUAL(read8(GPIO_DS + 1), 0); /* no register begins there */
    CHECK_EQUAL(read8(GPIO_DS + 3), 0);
    CHECK_EQUAL(read16(GPIO_DS + 2), 0);
    print("loads of bytes and halves reach their own address\n");

    write8(GPIO_DS + 1, 0xaa);
    write8(GPIO_DS + 2, 0xaa);
    write16(GPIO_DS + 2, 0xaaaa);
    CHECK_EQUAL(read32(GPIO_DS), 0x12345678);
    write16(GPIO_DS, 0xbeef);
    CHECK_EQUAL(read32(GPIO_DS), 0xbeef);
    print("stores of bytes and halves reach their own address\n");

    /* The server's own RAM would do it byte by byte; the SoC's does. */
    static volatile uint32_t word;
    volatile uint8_t *bytes = (volatile uint8_t *)&word;
    volatile uint16_t *halves = (volatile uint16_t *)&word;

    word = 0x11223344;
    bytes[1] = 0xaa;
    CHECK_EQUAL(word, 0x1122aa44);
    bytes[3] = 0xbb;
    CHECK_EQUAL(word, 0xbb22aa44);
    halves[0] = 0xcdef;
    CHECK_EQUAL(word, 0xbb22cdef);
    halves[1] = 0x4567;
    CHECK_EQUAL(word, 0x4567cdef);
    CHECK_EQUAL(bytes[0], 0xef);
    CHECK_EQUAL(bytes[2], 0x67);
    CHECK_EQUAL(halves[1], 0x4567);
    print("RAM has byte lanes\n");
    return 0;
}
