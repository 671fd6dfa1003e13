/*
 * What the lockstep cannot see, because it lets the RTL settle: the clocks that an input takes, an edge in the very clock that
 * clears its pending bit, interrupts that must not blink; and TileLink requests that our driver never makes.
 */
#include <cinttypes>
#include <cstdio>
#include <functional>

#include "Vgpio_bench.h"
#include "Vgpio_bench__Dpi.h"
#include "cosim/bfm/ports.h"
#include "verilated.h"

using namespace qosim::bfm;

static constexpr int stages = GPIO_SYNC_STAGES;
enum Register : uint32_t {
    InputVal = 0x00,
    InputEn = 0x04,
    OutputVal = 0x0c,
    RiseIe = 0x18,
    RiseIp = 0x1c,
    HighIe = 0x28,
    HighIp = 0x2c,
};

static int failures;
static bool rules_count = true;

void bus_rule_broken(const char *rule)
{
    if (rules_count) {
        printf("# broke %s\n", rule);
        failures++;
    }
}

void axil_rule_broken(int, const char *rule)
{
    bus_rule_broken(rule);
}

static void check(bool ok, const char *what, int detail = 0)
{
    if (!ok) {
        printf("not ok - %s (%d)\n", what, detail);
        failures++;
    }
}

class Bench
{
  public:
    explicit Bench(unsigned bus) : top(&context)
    {
        top.bus_i = static_cast<uint8_t>(bus);
        for (unsigned i = 0; i < 4; i++) {
            managers[i] = make_manager(top, i, Timing{}, i);
        }
        manager = managers[bus].get();
        top.rst_ni = 0;
        edge();
        top.clk_i = 0;
        top.eval();
        top.rst_ni = 1;
        top.outside_en = UINT32_MAX;
        top.eval();
    }
    ~Bench()
    {
        top.final();
    }
    void edge()
    {
        top.clk_i = 0;
        top.eval();
        top.clk_i = 1;
        top.eval();
    }
    void clock()
    {
        manager->drive();
        top.clk_i = 0;
        top.eval();
        manager->sample();
        top.clk_i = 1;
        top.eval();
        if (watched & ~top.irq) {
            blinked = true;
        }
    }
    void settle()
    {
        for (int i = 0; i < stages + 3; i++) {
            clock();
        }
    }
    void write(uint32_t address, uint32_t value)
    {
        const Response r =
            manager->transfer(Request::store(address, 4, value), [this] { clock(); });

        check(r.status == Status::Okay, "write", static_cast<int>(address));
    }
    uint32_t read(uint32_t address)
    {
        const Response r = manager->transfer(Request::read(address, 4), [this] { clock(); });

        check(r.status == Status::Okay, "read", static_cast<int>(address));
        return r.value();
    }

    VerilatedContext context;
    Vgpio_bench top;
    BusManager *manager;
    uint32_t watched = 0; // interrupts that must stay up
    bool blinked = false;

  private:
    std::unique_ptr<BusManager> managers[4];
};

// The clocks from the pad to an interrupt.
static void test_latency(uint32_t enable, int clocks)
{
    Bench b(1);

    b.write(InputEn, 1);
    b.settle();
    b.write(enable, 1);
    b.top.outside = 1;
    for (int i = 0; i < clocks; i++) {
        check(b.top.irq == 0, "interrupt came too early", i);
        b.clock();
    }
    check(b.top.irq == 1, "interrupt came too late", clocks);
}

// On APB an access that starts in clock @start clears at the end of the next one.
static void test_set_wins(int rise, int start)
{
    Bench b(1);
    const int sets = rise + stages, clears = start + 1;

    b.write(InputEn, 1);
    b.settle();
    for (int clock = 0; clock < 16; clock++) {
        if (clock == rise) {
            b.top.outside = 1;
        }
        if (clock == start) {
            b.manager->submit(Request::store(RiseIp, 4, 1));
        }
        b.clock();
    }
    check(b.read(RiseIp) == (sets >= clears ? 1u : 0u), "edge and clear", sets - clears);
}

static void test_level_does_not_blink()
{
    Bench b(1);

    b.write(InputEn, 1);
    b.write(HighIe, 1);
    b.top.outside = 1;
    b.settle();
    b.watched = 1;
    b.write(HighIp, 1);
    b.settle();
    check(!b.blinked, "interrupt blinked while its level lasts");
}

struct Message {
    const char *what;
    uint8_t opcode, param, size, mask, corrupt;
    uint32_t address;
};

static const Message refused[] = {
    { "PutFullData that is corrupt", 0, 0, 2, 0xf, 1, OutputVal },
    { "PutFullData with a hole", 0, 0, 2, 0x7, 0, OutputVal },
    { "PutPartialData outside of its size", 1, 0, 0, 0xf, 0, OutputVal },
    { "PutFullData of 8 bytes", 0, 0, 3, 0xf, 0, OutputVal },
    { "PutFullData, unaligned", 0, 0, 2, 0xf, 0, OutputVal + 1 },
    { "PutFullData with a parameter", 0, 1, 2, 0xf, 0, OutputVal },
    { "ArithmeticData", 2, 0, 2, 0xf, 0, OutputVal },
    { "Intent", 5, 0, 2, 0xf, 0, OutputVal },
    { "Get of 8 bytes", 4, 0, 3, 0xf, 0, OutputVal },
};

static void test_refused(const Message &m)
{
    Bench b(3);

    rules_count = false; // that is the point
    b.top.tl_a_valid = 1;
    b.top.tl_a_opcode = m.opcode;
    b.top.tl_a_param = m.param;
    b.top.tl_a_size = m.size;
    b.top.tl_a_mask = m.mask;
    b.top.tl_a_corrupt = m.corrupt;
    b.top.tl_a_address = m.address;
    b.top.tl_a_data = UINT32_MAX;
    b.top.tl_a_source = 9;
    b.edge();
    b.top.tl_a_valid = 0;
    b.top.eval();
    check(b.top.tl_d_valid && b.top.tl_d_denied && b.top.tl_d_source == 9, m.what);
    check(b.top.tl_d_opcode == 0 || b.top.tl_d_corrupt, m.what);
    b.top.tl_d_ready = 1;
    b.edge();
    b.top.tl_d_ready = 0;
    rules_count = true;
    check(b.read(OutputVal) == 0, m.what);
}

int main()
{
    test_latency(RiseIe, stages + 1);
    test_latency(HighIe, stages + 2);
    for (int rise = 0; rise < 8; rise++) {
        for (int start = 0; start < 8; start++) {
            test_set_wins(rise, start);
        }
    }
    test_level_does_not_blink();
    for (const Message &m : refused) {
        test_refused(m);
    }
    printf("%s - %d stages\n", failures ? "not ok" : "ok", stages);
    return failures ? 1 : 0;
}
