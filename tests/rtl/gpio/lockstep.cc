/*
 * The GPIO's RTL, on one of four buses, in lockstep with the model sifive_soc.gpio,variant=fe310: random accesses, pin storms and
 * resets to both, and all answers, interrupts and outputs compared after each.
 *
 *     gpio_lockstep BUS SEED OPERATIONS      BUS: axil, apb, wishbone, tilelink
 *
 * The model has no clock, so the RTL gets the time to settle after each operation: its synchroniser, the register behind it and
 * the level pending bits, GPIO_SYNC_STAGES + 3 clocks in all. Within a storm pins change at either edge of the clock, but each pin
 * once a clock at most: what is shorter than a clock is nothing to the hardware.
 */
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <stdexcept>
#include <string>

#include <qosim/qosim.h>

#include "Vgpio_bench.h"
#include "Vgpio_bench__Dpi.h"
#include "cosim/bfm/ports.h"
#include "verilated.h"

using namespace qosim::bfm;

static constexpr unsigned pins = GPIO_NUM_PINS;
static constexpr unsigned settle_clocks = GPIO_SYNC_STAGES + 3;
static constexpr uint64_t base = 0x10012000;
static constexpr const char *gpio_path = "/machine/soc/riscv.sifive.e.gpio0";
static const char *const bus_names[] = { "axil", "apb", "wishbone", "tilelink" };

static std::string broken_rule; // the first one, as a checker told

void bus_rule_broken(const char *rule)
{
    if (broken_rule.empty()) {
        broken_rule = rule;
    }
}

void axil_rule_broken(int, const char *rule)
{
    bus_rule_broken(rule);
}

/* --- The model --- */

class Model
{
  public:
    Model()
    {
        const std::string url = "inproc:sifive_e -global sifive_soc.gpio.variant=fe310"
                                " -global sifive_soc.gpio.ngpio=" +
                                std::to_string(pins) +
                                " -global sifive_soc.gpio.iof0=0x00ff0f0f"
                                " -global sifive_soc.gpio.iof1=0x0f0f3c3c";
        qosim_options options = {};

        options.role = QOSIM_ROLE_DRIVER;
        if (qosim_open(url.c_str(), &options, &session) != QOSIM_OK) {
            throw std::runtime_error(qosim_open_error());
        }
        qosim_set_event_handler(session, note, this);
        expect(qosim_watch_lines(session, "/machine/soc", QOSIM_LINE_OUT, &watch, nullptr));
        reset();
    }
    ~Model()
    {
        qosim_close(session);
    }
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    void reset()
    {
        expect(qosim_reset(session));
    }
    qosim_bus read(const Request &r, uint32_t &value)
    {
        qosim_bus bus = QOSIM_BUS_OK;
        uint64_t data = 0;

        expect(qosim_read(session, base + r.address, r.size, &data, &bus));
        value = static_cast<uint32_t>(data);
        return bus;
    }
    // The model takes whole bytes, halves and words: strobes are cut into those.
    qosim_bus write(const Request &r, unsigned lane = 0, unsigned size = 4)
    {
        const unsigned mask = ((1u << size) - 1) << lane;
        qosim_bus bus = QOSIM_BUS_OK;

        if ((r.strobes & mask) == mask) {
            const uint64_t data = r.data >> (8 * lane);
            const uint64_t address = base + (r.address & ~3u) + lane;

            expect(qosim_write(session, address, size, data & ((1ull << (8 * size)) - 1), &bus));
        } else if (r.strobes & mask) {
            bus = write(r, lane, size / 2);
            const qosim_bus upper = write(r, lane + size / 2, size / 2);
            bus = bus == QOSIM_BUS_OK ? upper : bus;
        }
        return bus;
    }
    void set_pin(unsigned pin, int level)
    {
        expect(qosim_set_line(session, "/machine/soc", nullptr, pin, level));
    }
    void set_function(const char *list, unsigned pin, int level)
    {
        expect(qosim_set_line(session, gpio_path, list, pin, level));
    }
    uint32_t irqs() const
    {
        uint32_t bits = 0;

        for (unsigned i = 0; i < pins; i++) {
            bits |= static_cast<uint32_t>(qosim_irq_level(session, 8 + i)) << i;
        }
        return bits;
    }

    int out[32] = {};

  private:
    static void note(void *opaque, const qosim_event *event)
    {
        Model *m = static_cast<Model *>(opaque);

        if (event->kind == QOSIM_EVENT_LINE && event->watch != QOSIM_WATCH_IRQ &&
            event->line < 32) {
            m->out[event->line] = event->level;
        }
    }
    void expect(qosim_result result)
    {
        if (result != QOSIM_OK) {
            throw std::runtime_error(qosim_last_error(session));
        }
    }

    qosim_session *session = nullptr;
    uint32_t watch = 0;
};

/* --- Both --- */

class Lockstep
{
  public:
    Lockstep(unsigned bus, uint32_t seed) : rng(seed)
    {
        context = std::make_unique<VerilatedContext>();
        context->fatalOnError(false);
        top = std::make_unique<Vgpio_bench>(context.get());
        top->bus_i = static_cast<uint8_t>(bus);
        for (unsigned i = 0; i < 4; i++) { // the others stay idle
            managers[i] = make_manager(*top, i, Timing{}, seed + i);
        }
        manager = managers[bus].get();
        reset_rtl();
    }
    ~Lockstep()
    {
        top->final();
    }
    // Whether both still agree after one more operation.
    bool step();

    uint64_t clocks = 0, reads = 0, writes = 0, storms = 0, resets = 0, irq_changes = 0;

  private:
    void clock();
    void clocks_of(unsigned n);
    void reset_rtl();
    Request random_access();
    std::string access();
    std::string storm();
    std::string reset();
    void change_pin(unsigned pin);
    void change_function(unsigned pin);
    bool agrees(const char *what, uint32_t model_bits, uint32_t rtl_bits);
    bool compare_lines();
    bool diverge(const std::string &what);
    unsigned random(unsigned below)
    {
        return static_cast<unsigned>(rng() % below);
    }

    std::mt19937 rng;
    Model model;
    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Vgpio_bench> top;
    std::unique_ptr<BusManager> managers[4];
    BusManager *manager = nullptr;
    std::deque<std::string> history;
    std::string trouble;
    uint32_t last_irqs = 0;
};

void Lockstep::clock()
{
    manager->drive();
    top->clk_i = 0;
    top->eval();
    manager->sample();
    top->clk_i = 1;
    top->eval();
    clocks++;
}

void Lockstep::clocks_of(unsigned n)
{
    while (n-- > 0) {
        clock();
    }
}

void Lockstep::reset_rtl()
{
    for (auto &m : managers) {
        m->reset();
    }
    top->rst_ni = 0;
    for (unsigned n = 1 + random(4); n > 0; n--) {
        top->clk_i = 0;
        top->eval();
        top->clk_i = 1;
        top->eval();
    }
    top->clk_i = 0;
    top->eval();
    top->rst_ni = 1;
    top->eval();
}

// Mostly registers that are there, sometimes others of the region; mostly few pins or all of them.
Request Lockstep::random_access()
{
    const uint32_t word = random(10) ? 4 * random(17) : 4 * random(64);
    const uint32_t bits = rng();
    const uint32_t kinds[] = { bits, UINT32_MAX, 0, 1u << random(32),
                               bits & static_cast<uint32_t>(rng()) };
    const uint32_t data = kinds[random(5)];
    const unsigned size = random(4) ? 4 : 1u << random(3);
    const uint32_t address = word + (4 - size ? random(4 / size) * size : 0);

    if (random(5) < 2) {
        return Request::read(address, size);
    }
    return random(6) ? Request::store(address, size, data)
                     : Request::lanes(word, data, static_cast<uint8_t>(random(16)));
}

std::string Lockstep::access()
{
    const Request r = random_access();
    const int valid = static_cast<int>(20 + random(81)), ready = static_cast<int>(20 + random(81));
    uint32_t expected = 0;
    char text[120];

    manager->set_timing(Timing{ valid, ready, 1, 1000 });
    const Response answer = manager->transfer(r, [this] { clock(); });
    const qosim_bus bus = r.write ? model.write(r) : model.read(r, expected);

    (r.write ? writes : reads)++;
    snprintf(text, sizeof(text), "%s 0x%02" PRIx32 " size %u strobes %x data 0x%08" PRIx32,
             r.write ? "write" : "read", r.address, r.size, r.strobes,
             r.write ? r.data : answer.data);
    if ((answer.status == Status::Okay) != (bus == QOSIM_BUS_OK)) {
        trouble = std::string("answers: RTL ") + status_name(answer.status) + " " +
                  manager->stuck() + manager->violation() + ", model " + std::to_string(bus);
    } else if (!r.write && answer.value() != expected) {
        char values[80];
        snprintf(values, sizeof(values), "data: RTL 0x%08" PRIx32 ", model 0x%08" PRIx32,
                 answer.value(), expected);
        trouble = values;
    }
    return text;
}

void Lockstep::change_pin(unsigned pin)
{
    const int level = static_cast<int>(random(3)) - 1;
    const uint32_t bit = 1u << pin;

    top->outside = level > 0 ? top->outside | bit : top->outside & ~bit;
    top->outside_en = level >= 0 ? top->outside_en | bit : top->outside_en & ~bit;
    model.set_pin(pin, level);
}

void Lockstep::change_function(unsigned pin)
{
    static const char *const lists[] = { "iof0-oval", "iof0-oe", "iof0-ie",
                                         "iof1-oval", "iof1-oe", "iof1-ie" };
    uint32_t *const ports[] = { &top->iof0_oval, &top->iof0_oe, &top->iof0_ie,
                                &top->iof1_oval, &top->iof1_oe, &top->iof1_ie };
    const unsigned which = random(6), level = random(2);

    *ports[which] = (*ports[which] & ~(1u << pin)) | level << pin;
    model.set_function(lists[which], pin, static_cast<int>(level));
}

std::string Lockstep::storm()
{
    uint32_t changed = 0; // since the last rising edge

    for (unsigned n = 1 + random(12); n > 0; n--) {
        const unsigned pin = random(pins);

        if (changed >> pin & 1) {
            clock();
            changed = 0;
        }
        if (random(2)) {
            top->clk_i = 0; // the second half of a clock
            top->eval();
        }
        if (random(4)) {
            change_pin(pin);
        } else {
            change_function(pin);
        }
        top->eval();
        changed |= 1u << pin;
        if (random(2)) {
            clocks_of(1 + random(3));
            changed = 0;
        }
    }
    storms++;
    return "storm";
}

// Half of them in the middle of an access.
std::string Lockstep::reset()
{
    if (random(2)) {
        manager->submit(random_access());
        clocks_of(random(5));
    }
    reset_rtl();
    model.reset();
    resets++;
    return "reset";
}

bool Lockstep::agrees(const char *what, uint32_t model_bits, uint32_t rtl_bits)
{
    char text[120];

    if (model_bits != rtl_bits && trouble.empty()) {
        snprintf(text, sizeof(text), "%s: RTL 0x%08" PRIx32 ", model 0x%08" PRIx32, what, rtl_bits,
                 model_bits);
        trouble = text;
    }
    return model_bits == rtl_bits;
}

bool Lockstep::compare_lines()
{
    uint32_t out = 0, oe = 0;

    for (unsigned i = 0; i < pins; i++) {
        oe |= static_cast<uint32_t>(model.out[i] >= 0) << i;
        out |= static_cast<uint32_t>(model.out[i] > 0) << i;
    }
    irq_changes += model.irqs() != last_irqs;
    last_irqs = model.irqs();
    return agrees("interrupts", last_irqs, top->irq) && agrees("output enables", oe, top->pad_oe) &&
           agrees("outputs", out, top->pad & top->pad_oe);
}

bool Lockstep::diverge(const std::string &what)
{
    printf("DIVERGENCE: %s\nlast operations:\n", what.c_str());
    for (const auto &text : history) {
        printf("    %s\n", text.c_str());
    }
    return false;
}

bool Lockstep::step()
{
    const unsigned kind = random(1000);

    history.push_back(kind < 2 ? reset() : kind < 250 ? storm() : access());
    if (history.size() > 12) {
        history.pop_front();
    }
    clocks_of(settle_clocks);
    compare_lines();
    if (trouble.empty() && !broken_rule.empty()) {
        trouble = "protocol: " + broken_rule;
    }
    return trouble.empty() || diverge(trouble);
}

static int run(unsigned bus, uint32_t seed, uint64_t count)
{
    Lockstep lockstep(bus, seed);

    for (uint64_t i = 0; i < count; i++) {
        if (!lockstep.step()) {
            printf("bus %s seed %" PRIu32 ": diverged at operation %" PRIu64 "\n", bus_names[bus],
                   seed, i);
            return 1;
        }
    }
    printf("bus %s seed %" PRIu32 " pins %u stages %u: %" PRIu64
           " operations, 0 divergences (%" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64
           " storms, %" PRIu64 " resets, %" PRIu64 " changes of interrupts, %" PRIu64 " clocks)\n",
           bus_names[bus], seed, pins, static_cast<unsigned>(GPIO_SYNC_STAGES), count,
           lockstep.reads, lockstep.writes, lockstep.storms, lockstep.resets, lockstep.irq_changes,
           lockstep.clocks);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s axil|apb|wishbone|tilelink SEED OPERATIONS\n", argv[0]);
        return 2;
    }
    for (unsigned bus = 0; bus < 4; bus++) {
        if (strcmp(argv[1], bus_names[bus]) == 0) {
            try {
                return run(bus, static_cast<uint32_t>(strtoul(argv[2], nullptr, 0)),
                           strtoull(argv[3], nullptr, 0));
            } catch (const std::exception &e) {
                fprintf(stderr, "gpio_lockstep: %s\n", e.what());
                return 2;
            }
        }
    }
    fprintf(stderr, "gpio_lockstep: no bus '%s'\n", argv[1]);
    return 2;
}
