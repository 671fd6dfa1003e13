/*
 * Firmware whose devices may be far away: rounds of computing, stores, a load that shows that all of them arrived, and now and then an
 * interrupt. For scripts/remote_iss_delay.
 */
#include "soc.h"

#define ROUNDS 100u
#define STORES 16u
#define LOOPS 5000u /* of some three instructions */
#define ROUNDS_PER_INTERRUPT 10u
#define PIN 8u

static volatile unsigned taken;

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    const uint32_t source = read32(PLIC_CLAIM);

    (void)mepc;
    (void)mtval;
    if (mcause != CAUSE_EXTERNAL || source != GPIO_SOURCE(PIN)) {
        fail(2, "another trap");
    }
    write32(GPIO_LOW_IE, 0);
    if (read32(GPIO_LOW_IE) != 0) { /* the store has arrived, and the line is low */
        fail(3, "the interrupt is not off");
    }
    taken++;
    write32(PLIC_CLAIM, source);
}

static void compute(void)
{
    for (volatile unsigned i = 0; i < LOOPS; i++) {
    }
}

static void store_and_check(uint32_t round)
{
    for (uint32_t i = 0; i < STORES; i++) {
        write32(GPIO_PORT, round << 8 | i);
    }
    if (read32(GPIO_PORT) != (round << 8 | (STORES - 1))) {
        fail(1, "a store did not arrive");
    }
}

/* The pin is low. */
static void take_interrupt(void)
{
    const unsigned before = taken;

    write32(GPIO_LOW_IE, 1u << PIN);
    while (taken == before) {
        wait_for_interrupt();
        interrupts_on();
        interrupts_off();
    }
}

int main(void)
{
    const uint32_t source = GPIO_SOURCE(PIN);

    write32(PLIC_PRIORITY(source), 1);
    write32(PLIC_ENABLE(source), 1u << source % 32);
    set_mie(MIE_EXTERNAL);
    write32(GPIO_INPUT_EN, 1u << PIN);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        compute();
        store_and_check(round);
        if (round % ROUNDS_PER_INTERRUPT == 0) {
            take_interrupt();
        }
    }
    print("far: %u rounds, %u interrupts\n", ROUNDS, taken);
    return taken == ROUNDS / ROUNDS_PER_INTERRUPT ? 0 : 4;
}
