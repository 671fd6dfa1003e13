/*
 * The demo: lights on GPIO pins 0 to 7, buttons on pins 8 to 11.
 *
 * It walks a light over the outputs and reads it back, then enables the interrupts of both edges of the buttons and
 * sleeps. Each edge, made by someone outside through the server, wakes it; it takes the interrupt, acknowledges it,
 * checks the button's level and moves the light on. After each button was pressed and released once it reports success.
 * The person at the buttons sees by the light which edge is awaited: light n stands until edge n has come.
 */
#include "soc.h"

#define LIGHTS 0x0ffu
#define FIRST_BUTTON 8u
#define BUTTONS 4u
#define BUTTON_MASK 0xf00u
#define EDGES (2 * BUTTONS)

/* How long an edge is awaited: 5 s of the SoC's time, minutes at the simulator. */
#define PATIENCE_TICKS (5000ull * TICKS_PER_MS)

enum { EXIT_REGISTER = 10, EXIT_WALK, EXIT_TIMEOUT, EXIT_EDGE, EXIT_LEVEL, EXIT_COUNT, EXIT_TRAP };

/* Written by the trap handler. */
static volatile unsigned edges;
static volatile bool timed_out;
static volatile unsigned presses[BUTTONS], releases[BUTTONS];

static void write_and_check(uint32_t address, uint32_t value, const char *name)
{
    write32(address, value);
    if (read32(address) != value) {
        print("demo: %s reads 0x%x, not 0x%x\n", name, (unsigned)read32(address), (unsigned)value);
        fail(EXIT_REGISTER, "a register did not keep its value");
    }
}

static void set_light(unsigned n)
{
    write32(GPIO_PORT, 1u << n);
}

static void check_lights(uint32_t want)
{
    const uint32_t got = read32(GPIO_VALUE) & LIGHTS;

    if (got != want) {
        print("demo: lights are 0x%x, want 0x%x\n", (unsigned)got, (unsigned)want);
        fail(EXIT_WALK, "the outputs do not show what was written");
    }
}

static void walk(void)
{
    print("demo: walking a light over pins 0 to 7:");
    for (unsigned n = 0; n < 8; n++) {
        set_light(n);
        check_lights(1u << n);
        print(" %u", n);
    }
    write32(GPIO_OUT_XOR, LIGHTS);
    check_lights(LIGHTS & ~(1u << 7));
    write32(GPIO_OUT_XOR, 0);
    print(", and inverted\n");
}

/* RISE_IE comes last: who sees it set knows that all the rest is ready. */
static void enable_buttons(void)
{
    for (unsigned pin = FIRST_BUTTON; pin < FIRST_BUTTON + BUTTONS; pin++) {
        const uint32_t source = GPIO_SOURCE(pin);

        write32(PLIC_PRIORITY(source), 1);
        write32(PLIC_ENABLE(source), read32(PLIC_ENABLE(source)) | 1u << source % 32);
    }
    write32(PLIC_THRESHOLD, 0);
    write32(GPIO_RISE_IP, 0xffffffff);
    write32(GPIO_FALL_IP, 0xffffffff);
    set_mie(MIE_EXTERNAL | MIE_TIMER);
    set_light(0);
    write32(GPIO_FALL_IE, BUTTON_MASK);
    write32(GPIO_RISE_IE, BUTTON_MASK);
}

static void take_edge(unsigned pin)
{
    const uint32_t bit = 1u << pin;
    const bool rose = read32(GPIO_RISE_IP) & bit;
    const bool fell = read32(GPIO_FALL_IP) & bit;
    const bool level = read32(GPIO_VALUE) & bit;

    if (rose == fell) {
        fail(EXIT_EDGE, rose ? "two edges at once" : "an interrupt without an edge");
    }
    if (level != rose) {
        fail(EXIT_LEVEL, "the pin's level is not what its edge says");
    }
    write32(rose ? GPIO_RISE_IP : GPIO_FALL_IP, bit);
    if ((read32(GPIO_RISE_IP) | read32(GPIO_FALL_IP)) & bit) {
        fail(EXIT_EDGE, "the edge is still pending after it was acknowledged");
    }
    if (rose) {
        presses[pin - FIRST_BUTTON]++;
    } else {
        releases[pin - FIRST_BUTTON]++;
    }
    edges++;
    print("demo: edge %u: button %u %s (source %u)\n", edges, pin - FIRST_BUTTON,
          rose ? "pressed" : "released", (unsigned)GPIO_SOURCE(pin));
}

static void take_external(void)
{
    uint32_t source;

    while ((source = read32(PLIC_CLAIM)) != 0) {
        if (source < GPIO_SOURCE(FIRST_BUTTON) || source >= GPIO_SOURCE(FIRST_BUTTON + BUTTONS)) {
            fail(EXIT_TRAP, "an interrupt of a source that is not enabled");
        }
        take_edge(source - GPIO_SOURCE(0));
        write32(PLIC_CLAIM, source);
    }
}

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    switch (mcause) {
    case CAUSE_EXTERNAL:
        take_external();
        break;
    case CAUSE_TIMER:
        timed_out = true;
        set_mtimecmp(UINT64_MAX);
        break;
    default:
        print("demo: mcause 0x%x at 0x%x, mtval 0x%x\n", (unsigned)mcause, (unsigned)*mepc,
              (unsigned)mtval);
        fail(EXIT_TRAP, "unexpected trap");
    }
}

/* Sleeps until there were @n edges. Interrupts are on only right after the sleep, so that none slips in before it. */
static void wait_for_edge(unsigned n)
{
    set_mtimecmp(mtime() + PATIENCE_TICKS);
    while (edges < n && !timed_out) {
        wait_for_interrupt();
        interrupts_on();
        interrupts_off();
    }
    if (edges < n) {
        fail(EXIT_TIMEOUT, "nobody pressed a button in time");
    }
}

int main(void)
{
    print("demo: firmware runs; GPIO at 0x%x\n", GPIO);
    write_and_check(GPIO_INPUT_EN, LIGHTS | BUTTON_MASK, "INPUT_EN");
    write_and_check(GPIO_OUTPUT_EN, LIGHTS, "OUTPUT_EN");
    walk();
    enable_buttons();
    print("demo: waiting for %u edges of buttons 0 to 3 (pins 8 to 11)\n", EDGES);
    for (unsigned n = 0; n < EDGES; n++) {
        set_light(n);
        wait_for_edge(n + 1);
    }
    for (unsigned b = 0; b < BUTTONS; b++) {
        if (presses[b] != 1 || releases[b] != 1) {
            fail(EXIT_COUNT, "not every button was pressed and released once");
        }
    }
    print("demo: PASS, %u edges\n", edges);
    return 0;
}
