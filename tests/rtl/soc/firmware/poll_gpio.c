/* Never ends: reads a hosted register over and over, for tests of what happens around it. */
#include "soc.h"

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    (void)mtval;
    print("mcause 0x%x\n", (unsigned)mcause);
    *mepc += 4;
}

int main(void)
{
    print("polling\n");
    for (;;) {
        read32(GPIO_VALUE);
    }
}
