// Drives the bus of the Verilated bridge_bench as AXI4-Lite managers do, with random gaps, and collects the rules that
// the checkers report as broken.
#ifndef TESTS_RTL_BRIDGE_BENCH_H
#define TESTS_RTL_BRIDGE_BENCH_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

class Vbridge_bench;
class VerilatedContext;

namespace bench
{

struct Write {
    uint32_t addr;
    uint64_t data;
    uint8_t strb;
};

struct Read {
    uint32_t addr;
    uint8_t size; // log2 of the bytes
};

// Ways in which a manager can misbehave; the checker has a rule for each.
enum class Misdeed {
    None,
    AwDrop,
    AwChange,
    WDrop,
    WChange,
    ArDrop,
    ArChange,
    ValidInReset,
};

class Bench;

// One manager. Chances are in percent per cycle.
class Manager
{
  public:
    Manager(Bench &bench, int bus) : bench(bench), bus(bus)
    {
    }

    void write(const Write &w)
    {
        aw_todo.push_back(w);
        w_todo.push_back(w);
        b_todo.push_back(w);
    }
    void read(const Read &r)
    {
        ar_todo.push_back(r);
        r_todo.push_back(r);
    }
    bool idle() const
    {
        return b_todo.empty() && r_todo.empty();
    }
    void forget() // what a reset has dropped
    {
        aw_held = w_held = ar_held = false;
        aw_todo.clear();
        w_todo.clear();
        b_todo.clear();
        ar_todo.clear();
        r_todo.clear();
    }
    size_t writes_waiting() const
    {
        return aw_todo.size();
    }
    size_t reads_waiting() const
    {
        return ar_todo.size();
    }

    void drive();  // before the clock edge: valids and readies
    void sample(); // the handshakes of this edge

    int aw_chance = 100, w_chance = 100, ar_chance = 100, b_chance = 100, r_chance = 100;
    Misdeed misdeed = Misdeed::None;
    std::function<void(const Write &, int)> on_b = [](const Write &, int) {};
    std::function<void(const Read &, uint64_t, int)> on_r = [](const Read &, uint64_t, int) {};

  private:
    void misbehave();

    Bench &bench;
    int bus;
    bool aw_held = false, w_held = false, ar_held = false;
    std::deque<Write> aw_todo, w_todo, b_todo;
    std::deque<Read> ar_todo, r_todo;
};

// One beat that a memory has answered.
struct Beat {
    bool is_write;
    uint32_t addr;
    uint64_t data;
    uint8_t strb;
    int resp;
};

// Ways in which a memory can misbehave.
enum class Slip {
    None,
    BDrop,
    BChange,
    BUnasked,
    BExOkay,
    BNever,
    RDrop,
    RChange,
    RUnasked,
    RExOkay,
    RNever,
    AwNever,
    WNever,
    ArNever,
    RInReset,
};

// The memory behind one DMA port: 64 KiB, whatever the upper address bits are. Chances are in percent per cycle.
class Memory
{
  public:
    Memory(Bench &bench, int bus) : bench(bench), bus(bus), width(bus ? 8 : 4)
    {
    }

    void drive();
    void sample();
    void reset();

    int aw_chance = 100, w_chance = 100, ar_chance = 100, b_chance = 100, r_chance = 100;
    int slverr_chance = 0, decerr_chance = 0;
    Slip slip = Slip::None;
    std::vector<uint8_t> bytes = std::vector<uint8_t>(0x10000);
    std::vector<Beat> beats;

  private:
    int random_response();
    void answer_write();
    void answer_read();
    void misbehave();

    Bench &bench;
    int bus;
    unsigned width;
    bool aw_full = false, w_full = false, ar_full = false, b_held = false, r_held = false;
    Beat write = {}, read = {};
};

// The bridges' URLs, and those of the DMA ports ("": none).
struct Urls {
    std::string bridge0, bridge1, dma0, dma1;
};

class Bench
{
  public:
    Bench(uint32_t seed, const std::string &url, const std::string &url1);
    Bench(uint32_t seed, const Urls &urls);
    ~Bench();
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    void reset(int cycles = 3);
    void cycle();
    void cycles(int n);
    // Runs until both managers have all their answers; false after @limit cycles.
    bool drain(int limit);
    bool chance(int percent);
    uint32_t random();
    uint64_t irqs(int bus) const;
    bool bvalid(int bus) const;
    bool lost(int bus) const;
    void fault(int number); // a fault_e of bridge_bench
    bool stopped() const;   // by $fatal
    bool dma_busy(int bus) const;

    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Vbridge_bench> top;
    Manager manager0, manager1;
    Memory memory0, memory1;
    uint64_t clock_edges = 0;     // since reset
    std::set<std::string> broken; // "bus:rule"

  private:
    std::mt19937 rng;
};

// One access that a write on a bus stands for.
struct Piece {
    uint64_t address;
    unsigned size;
    uint64_t data;
};

uint64_t low_bytes(uint64_t value, unsigned size);
// The accesses of a write to the @width bytes from @base on, in lane order.
std::vector<Piece> pieces_of(const Write &w, uint64_t base, unsigned width);

// A check that goes on: prints what is wrong and counts it.
extern int failures;
void check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Prints the verdict of a named case since the last call.
void verdict(const char *name);

} // namespace bench

#endif
