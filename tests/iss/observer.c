/* An observer's CPU: takes the interrupts of buttons that somebody else's firmware has set up, and touches nothing. */
#include "soc.h"

#define FIRST_BUTTON 8u
#define BUTTONS 4u

/* Of the buttons; a press and a release that come together are one interrupt. */
static volatile uint32_t seen;

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    uint32_t source;

    (void)mepc;
    (void)mtval;
    if (mcause != CAUSE_EXTERNAL) {
        fail(2, "another trap");
    }
    while ((source = read32(PLIC_CLAIM)) != 0) {
        seen |= 1u << (source - GPIO_SOURCE(FIRST_BUTTON));
        write32(PLIC_CLAIM, source);
    }
}

int main(void)
{
    for (unsigned pin = FIRST_BUTTON; pin < FIRST_BUTTON + BUTTONS; pin++) {
        const uint32_t source = GPIO_SOURCE(pin);

        write32(PLIC_PRIORITY(source), 1);
        write32(PLIC_ENABLE(source), read32(PLIC_ENABLE(source)) | 1u << source % 32);
    }
    set_mie(MIE_EXTERNAL);
    if (read32(GPIO_RISE_IE) != 0xf00) {
        fail(1, "the driver's set-up is not to be seen");
    }
    print("observer: waiting\n");
    while (seen != (1u << BUTTONS) - 1) {
        wait_for_interrupt();
        interrupts_on();
        interrupts_off();
    }
    print("observer: took interrupts of all buttons\n");
    return 0;
}
