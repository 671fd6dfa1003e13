#include "lights.h"

#include "plic.h"
#include "soc.h"
#include "trap.h"

#define LIGHTS 0x0ffu
#define FIRST_BUTTON 8u
#define BUTTONS 4u
#define BUTTON_MASK 0xf00u

/* How long an edge is awaited: 5 s of the SoC's time, minutes at the simulator. */
#define PATIENCE_TICKS (5000ull * TICKS_PER_MS)

enum { EXIT_REGISTER = 10, EXIT_WALK, EXIT_TIMEOUT, EXIT_EDGE, EXIT_LEVEL, EXIT_COUNT = 17 };

static bool is_strict;
static unsigned shown; /* edges that the light has moved on for */
static bool done;

/* Written by the interrupt. */
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

static void count_edge(unsigned source, unsigned pin, bool rose)
{
    if (rose) {
        presses[pin - FIRST_BUTTON]++;
    } else {
        releases[pin - FIRST_BUTTON]++;
    }
    edges++;
    print("demo: edge %u: button %u %s (source %u)\n", edges, pin - FIRST_BUTTON,
          rose ? "pressed" : "released", source);
}

/* @opaque is the source of pin 0. */
static void take_edge(unsigned source, void *opaque)
{
    const unsigned pin = source - (unsigned)(uintptr_t)opaque;
    const uint32_t bit = 1u << pin;
    const bool rose = read32(GPIO_RISE_IP) & bit;
    const bool fell = read32(GPIO_FALL_IP) & bit;
    const bool level = read32(GPIO_VALUE) & bit;

    if (is_strict && rose == fell) {
        fail(EXIT_EDGE, rose ? "two edges at once" : "an interrupt without an edge");
    }
    if (is_strict && level != rose) {
        fail(EXIT_LEVEL, "the pin's level is not what its edge says");
    }
    if (rose) {
        write32(GPIO_RISE_IP, bit);
        count_edge(source, pin, true);
    }
    if (fell) {
        write32(GPIO_FALL_IP, bit);
        count_edge(source, pin, false);
    }
    if (is_strict && (read32(GPIO_RISE_IP) | read32(GPIO_FALL_IP)) & bit) {
        fail(EXIT_EDGE, "the edge is still pending after it was acknowledged");
    }
}

static void expire(void)
{
    timed_out = true;
}

static void start_patience(void)
{
    if (is_strict) {
        set_mtimecmp(mtime() + PATIENCE_TICKS);
        set_mie(MIE_TIMER);
    }
}

/* RISE_IE comes last: who sees it set knows that all the rest is ready. */
static void enable_buttons(unsigned first_source)
{
    for (unsigned pin = FIRST_BUTTON; pin < FIRST_BUTTON + BUTTONS; pin++) {
        plic_connect(first_source + pin, take_edge, (void *)(uintptr_t)first_source);
    }
    write32(GPIO_RISE_IP, 0xffffffff);
    write32(GPIO_FALL_IP, 0xffffffff);
    set_light(0);
    write32(GPIO_FALL_IE, BUTTON_MASK);
    write32(GPIO_RISE_IE, BUTTON_MASK);
}

void lights_start(unsigned first_source, bool strict)
{
    is_strict = strict;
    trap_set_timer(expire);
    write_and_check(GPIO_INPUT_EN, LIGHTS | BUTTON_MASK, "INPUT_EN");
    write_and_check(GPIO_OUTPUT_EN, LIGHTS, "OUTPUT_EN");
    walk();
    enable_buttons(first_source);
    start_patience();
    print("demo: waiting for %u edges of buttons 0 to 3 (pins 8 to 11)\n", LIGHTS_EDGES);
}

/* After the last edge: was it what there should be? */
static void finish(void)
{
    bool once = true;

    for (unsigned b = 0; b < BUTTONS; b++) {
        once &= presses[b] == 1 && releases[b] == 1;
    }
    if (is_strict && !once) {
        fail(EXIT_COUNT, "not every button was pressed and released once");
    }
    done = true;
    print("demo: %s, %u edges\n", once ? "PASS" : "enough", edges);
}

void lights_poll(void)
{
    if (shown == edges) {
        if (timed_out && !done) {
            fail(EXIT_TIMEOUT, "nobody pressed a button in time");
        }
        return;
    }
    shown = edges;
    start_patience();
    if (shown < LIGHTS_EDGES || done) {
        set_light(shown % 8);
    } else {
        finish();
    }
}

bool lights_done(void)
{
    return done;
}
