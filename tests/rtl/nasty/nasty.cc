/*
 * Managers with nasty timing (nasty_*.sv) against the GPIO's front ends or the bridge, with resets in between at any time. They
 * and the protocol checkers tell what goes wrong; this only gives clocks and resets, and sees to it that everything that is
 * nasty did come about.
 *
 *     gpio_nasty SEED CYCLES
 *     bridge_nasty SEED CYCLES [+url=URL]
 */
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include NASTY_HEADER
#include "verilated.h"

static constexpr unsigned buses = NASTY_BUSES;
static constexpr uint64_t silence_limit = 3000; // cycles without an answer on a bus: it is stuck
static const char *const bus_names[] = { "axil", "apb", "wishbone", "tilelink" };
static constexpr uint32_t all_situations[] = { 0x7f, 0x7, 0xf, 0xf };

static std::string broken_rule; // the first one

extern "C" void bus_rule_broken(const char *rule)
{
    if (broken_rule.empty()) {
        broken_rule = rule;
    }
}

extern "C" void axil_rule_broken(int, const char *rule)
{
    bus_rule_broken(rule);
}

class Bench
{
  public:
    Bench(uint32_t seed, int argc, char **argv) : rng(seed)
    {
        context.commandArgs(argc, argv); // +url=… of the bridge
        context.randSeed(static_cast<int>(seed % INT32_MAX + 1));
        context.fatalOnError(false);
        top = std::make_unique<NASTY_TOP>(&context);
    }
    ~Bench()
    {
        top->final();
    }
    bool run(uint64_t cycles);

  private:
    void clock();
    void reset();
    bool drain();
    bool verdict();
    void watch_silence();

    std::mt19937 rng;
    VerilatedContext context;
    std::unique_ptr<NASTY_TOP> top;
    uint64_t clocks = 0, resets = 0;
    uint32_t done_before[buses] = {};
    uint64_t silent[buses] = {};
};

void Bench::clock()
{
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    clocks++;
    watch_silence();
}

void Bench::watch_silence()
{
    for (unsigned bus = 0; bus < buses; bus++) {
        silent[bus] = top->done_o[bus] == done_before[bus] ? silent[bus] + 1 : 0;
        done_before[bus] = top->done_o[bus];
        if (silent[bus] > silence_limit && !top->stop_i) {
            bus_rule_broken((std::string(bus_names[bus]) + "_stuck").c_str());
        }
    }
}

// In either half of a clock.
void Bench::reset()
{
    if (rng() % 2) {
        top->clk_i = 0;
        top->eval();
    }
    top->rst_ni = 0;
    top->eval();
    for (unsigned n = 1 + rng() % 3; n > 0; n--) {
        clock();
    }
    top->clk_i = 0;
    top->eval();
    top->rst_ni = 1;
    top->eval();
    resets++;
}

// Whether all that is on the way is answered when nothing is added.
bool Bench::drain()
{
    top->stop_i = 1;
    for (unsigned n = 0; n < 1000 && broken_rule.empty(); n++) {
        clock();
        if (top->idle_o == 0xf) {
            return true;
        }
    }
    return false;
}

bool Bench::verdict()
{
    bool ok = broken_rule.empty();

    printf("%" PRIu64 " clocks, %" PRIu64 " resets", clocks, resets);
    for (unsigned bus = 0; bus < buses; bus++) {
        printf(", %s %" PRIu32, bus_names[bus], top->done_o[bus]);
    }
    printf("\n");
    if (!ok) {
        printf("not ok - %s\n", broken_rule.c_str());
        return false;
    }
    for (unsigned bus = 0; bus < buses; bus++) {
        if (top->situations_o[bus] != all_situations[bus]) {
            printf("not ok - %s: of the situations 0x%" PRIx32 " only 0x%" PRIx32 " came about\n",
                   bus_names[bus], all_situations[bus], top->situations_o[bus]);
            ok = false;
        }
    }
    return ok;
}

bool Bench::run(uint64_t cycles)
{
    top->rst_ni = 0;
    reset();
    for (uint64_t i = 0; i < cycles && broken_rule.empty(); i++) {
        clock();
        if (rng() % 700 == 0) {
            reset();
        }
    }
    if (broken_rule.empty() && !drain() && broken_rule.empty()) {
        bus_rule_broken("not_drained");
    }
    return verdict();
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s SEED CYCLES [PLUSARG...]\n", argv[0]);
        return 2;
    }
    Bench bench(static_cast<uint32_t>(strtoul(argv[1], nullptr, 0)), argc, argv);
    const bool ok = bench.run(strtoull(argv[2], nullptr, 0));

    return ok ? 0 : 1;
}
