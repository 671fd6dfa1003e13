// Plays the core's data port against the adapter and the interconnect: random accesses to RAM, to a slow subordinate and to
// holes, and what happens when an answer does not come.
//   fabric_bench [SEED [OPERATIONS]]
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include "Vfabric_bench.h"
#include "Vfabric_bench__Dpi.h"
#include "verilated.h"

static std::set<std::string> broken;
static int failures;

void axil_rule_broken(int bus, const char *rule)
{
    broken.insert(std::to_string(bus) + ":" + rule);
}

static void check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void check(bool ok, const char *format, ...)
{
    va_list args;

    if (!ok) {
        failures++;
        va_start(args, format);
        printf("# ");
        vprintf(format, args);
        printf("\n");
        va_end(args);
    }
}

static void verdict(const char *name)
{
    static int told;

    printf("%s - %s\n", failures == told ? "ok" : "not ok", name);
    told = failures;
}

namespace
{

constexpr uint32_t ram = 0x80000000, ram_size = 0x1000;
constexpr uint32_t slow = 0x10010000;
constexpr int timeout_cycles = 100;

struct Answer {
    bool came;
    bool err;
    uint32_t data;
    int cycles; // from the request on
};

class Fabric
{
  public:
    explicit Fabric(uint32_t seed) : top(&context), rng(seed)
    {
        context.fatalOnError(false);
        top.rst_ni = 0;
        for (int i = 0; i < 3; i++) {
            cycle();
        }
        top.rst_ni = 1;
    }
    ~Fabric()
    {
        top.final();
    }

    uint32_t random()
    {
        return static_cast<uint32_t>(rng());
    }
    uint32_t served() const
    {
        return top.served_o;
    }

    void cycle()
    {
        top.dice_i = 0;
        for (int i = 0; i < 5; i++) {
            top.dice_i |= static_cast<uint8_t>((static_cast<int>(random() % 100) < luck) << i);
        }
        top.clk_i = 0;
        top.eval();
        granted = top.data_gnt_o;
        answered = top.data_rvalid_o;
        last = { true, static_cast<bool>(top.data_err_o), top.data_rdata_o, 0 };
        top.clk_i = 1;
        top.eval();
        n_answers += answered;
        n_grants += granted && top.data_req_i;
    }

    // One access as the core makes it, until its answer or for @limit cycles.
    Answer access(bool store, uint32_t addr, unsigned size_log2, uint32_t data, int limit = 2000)
    {
        const unsigned lane = addr & 3;
        int cycles = 0;

        top.data_req_i = 1;
        top.data_we_i = store;
        top.data_size_i = static_cast<uint8_t>(size_log2);
        top.data_be_i = static_cast<uint8_t>(((1u << (1u << size_log2)) - 1) << lane);
        top.data_addr_i = addr;
        top.data_wdata_i = data << (8 * lane);
        do {
            cycle();
            check(!answered, "an answer before the grant");
        } while (!granted && ++cycles < limit);
        top.data_req_i = 0;
        top.data_addr_i = random(); // not looked at any more
        top.data_wdata_i = random();
        do {
            cycle();
        } while (!answered && ++cycles < limit);
        last.came = answered;
        last.cycles = cycles;
        return last;
    }

    int luck = 50; // percent
    size_t n_grants = 0, n_answers = 0;

  private:
    VerilatedContext context;
    Vfabric_bench top;
    std::mt19937 rng;
    bool granted = false, answered = false;
    Answer last = {};
};

void random_accesses(uint32_t seed, int operations)
{
    Fabric fabric(seed);
    std::map<uint32_t, uint8_t> memory;

    for (int i = 0; i < operations && failures < 20; i++) {
        const unsigned size_log2 = fabric.random() % 3;
        const uint32_t offset = fabric.random() % 64 & ~((1u << size_log2) - 1);
        const bool store = fabric.random() & 1;
        const uint32_t data = fabric.random();
        const unsigned kind = fabric.random() % 8;
        uint32_t base = kind < 3 ? ram + ram_size - 64 : slow;
        bool want_err = false;

        fabric.luck = 20 + static_cast<int>(fabric.random() % 80);
        if (kind == 5) {
            base = slow + ((1 + fabric.random() % 2) << 10);
            want_err = true;
        } else if (kind > 5) {
            base = kind == 6 ? ram + ram_size : 0x40000000;
            want_err = true;
        }
        const Answer a = fabric.access(store, base + offset, size_log2, data);
        check(a.came && a.err == want_err, "0x%x: answered %d, error %d, want %d", base + offset,
              a.came, a.err, want_err);
        // An erroneous store to the slow subordinate stores all the same, to the same words.
        const uint32_t where = (kind == 5 ? slow : base) + offset;
        for (unsigned b = 0; b < 1u << size_log2 && kind <= 5; b++) {
            if (store) {
                memory[where + b] = static_cast<uint8_t>(data >> (8 * b));
            } else {
                const auto got = static_cast<uint8_t>(a.data >> (8 * ((where + b) & 3)));
                check(got == memory[where + b], "0x%x: got 0x%x, want 0x%x", where + b, got,
                      memory[where + b]);
            }
        }
    }
    check(fabric.n_grants == fabric.n_answers, "%zu grants, %zu answers", fabric.n_grants,
          fabric.n_answers);
    for (const std::string &rule : broken) {
        check(false, "rule broken: %s", rule.c_str());
    }
    verdict("loads and stores of all sizes come back right, errors and holes as bus errors, no "
            "rule broken");
}

void missing_answers(uint32_t seed, bool store)
{
    Fabric fabric(seed);

    fabric.luck = 0;
    Answer a = fabric.access(store, slow, 2, 0x1234);
    check(a.came && a.err, "came %d, error %d", a.came, a.err);
    check(a.cycles >= timeout_cycles && a.cycles < timeout_cycles + 5, "took %d cycles", a.cycles);
    for (int i = 0; i < 3; i++) {
        a = fabric.access(i & 1, i < 2 ? slow : ram, 2, 0x5678);
        check(a.came && a.err && a.cycles < 5, "came %d, error %d, %d cycles", a.came, a.err,
              a.cycles);
    }
    check(fabric.served() == 0, "the mute subordinate did something");

    fabric.luck = 100;
    const size_t answers = fabric.n_answers;
    for (int i = 0; i < 20; i++) {
        fabric.cycle();
    }
    check(fabric.served() == 1, "%u accesses were done", fabric.served());
    check(fabric.n_answers == answers, "the late answer reached the core");
    fabric.access(true, slow + 4, 2, 0xcafe);
    a = fabric.access(false, slow + 4, 2, 0);
    check(a.came && !a.err && a.data == 0xcafe, "error %d, data 0x%x", a.err, a.data);
    for (const std::string &rule : broken) {
        check(false, "rule broken: %s", rule.c_str());
    }
    verdict(store ? "a store without an answer is a bus error in time, and the bus recovers"
                  : "a load without an answer is a bus error in time, and the bus recovers");
}

} // namespace

int main(int argc, char **argv)
{
    const auto seed = static_cast<uint32_t>(argc > 1 ? strtoul(argv[1], nullptr, 0) : 1);
    const int operations = argc > 2 ? atoi(argv[2]) : 5000;

    random_accesses(seed, operations);
    missing_answers(seed, false);
    missing_answers(seed, true);
    return failures != 0;
}
