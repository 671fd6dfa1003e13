// Random traffic on both buses with random gaps, against a client library that writes everything down: what arrives
// must be what the strobes and sizes said, in order, at the right virtual time; what comes back must be what was
// there; no rule of the protocol may be broken.
//   bridge_random [SEED [OPERATIONS]]
#include "tests/rtl/bridge/bench.h"
#include "tests/rtl/bridge/fake_qosim.h"

using namespace bench;

namespace
{

int response_at(uint64_t address)
{
    switch (address >> 12 & 0xf) {
    case FAKE_MIXED_PAGE:
        return (address & 3) == 1 ? 2 : (address & 3) == 2 ? 3 : 0;
    case FAKE_REFUSED_PAGE:
    case FAKE_ACCESS_ERROR_PAGE:
    case FAKE_ERROR_PAGE:
        return 2;
    case FAKE_DECODE_ERROR_PAGE:
        return 3;
    default:
        return 0;
    }
}

// What one bus asked for and what the client library saw of it.
class Scoreboard
{
  public:
    Scoreboard(Manager &manager, uint64_t base, unsigned width)
        : manager(manager), base(base), width(width)
    {
        manager.on_b = [this](const Write &w, int resp) { expect_write(w, resp); };
        manager.on_r = [this](const Read &r, uint64_t data, int resp) {
            expect_read(r, data, resp);
        };
    }

    bool owns(const FakeAccess &a) const
    {
        return (a.address >> 32) == (base >> 32);
    }
    void saw(const FakeAccess &a)
    {
        (a.is_write ? writes : reads).push_back(a);
    }
    void finish() const
    {
        check(writes.empty(), "%zu writes that nobody asked for", writes.size());
        check(reads.empty(), "%zu reads that nobody asked for", reads.size());
        check(checked > 0, "nothing was checked");
    }

    void add_random(Bench &bench)
    {
        const uint32_t page = bench.chance(80) ? 0 : bench.random() & 0xf;
        const uint32_t addr = page << 12 | (bench.random() & 0x3f);
        const uint64_t data = (uint64_t)bench.random() << 32 | bench.random();

        if (bench.chance(50)) {
            const auto all = static_cast<uint8_t>((1u << width) - 1);
            const auto strb = static_cast<uint8_t>(bench.chance(30) ? all : bench.random() & all);
            manager.write({ addr, width == 8 ? data : data & 0xffffffff, strb });
        } else {
            manager.read({ addr, static_cast<uint8_t>(bench.random() & 3) });
        }
    }

  private:
    void expect_write(const Write &w, int resp)
    {
        int want = 0;

        checked++;
        for (const Piece &p : pieces_of(w, base + (w.addr & ~(width - 1)), width)) {
            if (writes.empty()) {
                check(false, "write to 0x%x: answered before it was done", w.addr);
                return;
            }
            const FakeAccess a = writes.front();
            writes.pop_front();
            check(a.address == p.address && a.size == p.size && a.data == p.data,
                  "write to 0x%x, strobes 0x%x, data 0x%llx: saw size %u, 0x%llx at 0x%llx, want "
                  "size %u, 0x%llx at 0x%llx",
                  w.addr, w.strb, (unsigned long long)w.data, a.size, (unsigned long long)a.data,
                  (unsigned long long)a.address, p.size, (unsigned long long)p.data,
                  (unsigned long long)p.address);
            if (want == 0) {
                want = response_at(p.address);
            }
        }
        check(resp == want, "write to 0x%x: response %d, want %d", w.addr, resp, want);
    }

    void expect_read(const Read &r, uint64_t data, int resp)
    {
        const unsigned size = std::min(1u << r.size, width);
        const uint64_t address = base + (r.addr & ~(size - 1));
        const unsigned lane = address & (width - 1);
        const int want = response_at(address);

        checked++;
        if (reads.empty()) {
            check(false, "read of 0x%x: answered before it was done", r.addr);
            return;
        }
        const FakeAccess a = reads.front();
        reads.pop_front();
        check(a.address == address && a.size == size,
              "read of 0x%x, size %u: saw size %u at 0x%llx", r.addr, size, a.size,
              (unsigned long long)a.address);
        check(resp == want, "read of 0x%x: response %d, want %d", r.addr, resp, want);
        const uint64_t want_data = want ? 0 : a.data << (8 * lane);
        check(data == want_data, "read of 0x%x, size %u: 0x%llx, want 0x%llx", r.addr, size,
              (unsigned long long)data, (unsigned long long)want_data);
    }

    Manager &manager;
    uint64_t base;
    unsigned width;
    size_t checked = 0;
    std::deque<FakeAccess> writes, reads;
};

// Levels that change by themselves must be on the wires within a polling interval and the cycle of the poll.
class IrqWatch
{
  public:
    void step(Bench &bench)
    {
        const int bound = 32 + 2;

        if (bench.chance(1)) {
            const unsigned line = bench.random() % 53;
            levels ^= 1ull << line;
            fake_set_irq(line, levels >> line & 1);
            quiet = 0;
        } else if (++quiet > bound) {
            check(bench.irqs(0) == levels && bench.irqs(1) == levels,
                  "irq wires 0x%llx and 0x%llx, want 0x%llx", (unsigned long long)bench.irqs(0),
                  (unsigned long long)bench.irqs(1), (unsigned long long)levels);
            compared++;
        }
    }
    int compared = 0;

  private:
    uint64_t levels = 0;
    int quiet = 0;
};

void run(uint32_t seed, int operations)
{
    Bench bench(seed, "fake:", "fake:");
    Scoreboard board0(bench.manager0, 0, 4), board1(bench.manager1, 1ull << 32, 8);
    IrqWatch irqs;
    size_t seen = 0;
    int added = 0, cycles = 0;

    bench.reset();
    while (added < operations || !bench.manager0.idle() || !bench.manager1.idle()) {
        if (added < operations && bench.chance(70)) {
            (bench.chance(50) ? board0 : board1).add_random(bench);
            added++;
        }
        if (cycles % 500 == 0) { // another temper of all channels
            for (Manager *m : { &bench.manager0, &bench.manager1 }) {
                for (int *chance :
                     { &m->aw_chance, &m->w_chance, &m->ar_chance, &m->b_chance, &m->r_chance }) {
                    *chance = bench.chance(30) ? 100 : 5 + static_cast<int>(bench.random() % 95);
                }
            }
        }
        bench.cycle();
        for (; seen < fake_count(); seen++) {
            const FakeAccess &a = *fake_access(seen);
            (board0.owns(a) ? board0 : board1).saw(a);
            check(a.time_ns == (bench.clock_edges - 1) * 10, "access at %llu ns, in cycle %llu",
                  (unsigned long long)a.time_ns, (unsigned long long)bench.clock_edges);
        }
        irqs.step(bench);
        if (++cycles > operations * 200 || failures > 20) {
            check(false, "not done after %d cycles", cycles);
            break;
        }
    }
    board0.finish();
    board1.finish();
    check(irqs.compared > 0, "irq wires were never compared");
    for (const std::string &rule : bench.broken) {
        check(false, "rule broken: %s", rule.c_str());
    }
    check(fake_sessions_opened() == 1, "%u sessions for one URL", fake_sessions_opened());
    printf("# seed %u: %d operations, %zu accesses, %d cycles\n", seed, added, seen, cycles);
}

} // namespace

int main(int argc, char **argv)
{
    const auto seed = static_cast<uint32_t>(argc > 1 ? strtoul(argv[1], nullptr, 0) : 1);
    const int operations = argc > 2 ? atoi(argv[2]) : 5000;

    run(seed, operations);
    check(fake_sessions_open() == 0, "a session was left open");
    verdict("random traffic arrives as the strobes say and breaks no rule");
    fake_reset();
    return failures != 0;
}
