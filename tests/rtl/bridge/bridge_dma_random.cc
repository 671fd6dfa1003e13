// Random accesses on both buses whose devices do random DMA, into memories that answer late, in any order of AW and W, and
// sometimes refuse: each transfer must have come as exactly the beats that its address and length mean, with its bytes, up to
// the first that was refused, and no rule of the protocol may be broken.
//   bridge_dma_random [SEED [OPERATIONS]]
#include "tests/rtl/bridge/bench.h"
#include "tests/rtl/bridge/fake_qosim.h"

#include <algorithm>

#include "cosim/dpi/qosim_dpi.h"

using namespace bench;

namespace
{

constexpr uint32_t ram = 0x80000000;
constexpr uint32_t dma_page = 0xa000;

void no_message(const char *) // the memories' refusals
{
}

// One bus: what its device was told to transfer, and what the memory saw.
class Side
{
  public:
    Side(Memory &memory, std::string url, unsigned width)
        : memory(memory), url(std::move(url)), width(width)
    {
    }

    // A transfer with the next access or poll.
    void want(Bench &bench)
    {
        const bool is_write = bench.chance(50);
        const uint32_t length =
            bench.chance(5) ? 1 + bench.random() % 2000 : 1 + bench.random() % 24;
        const uint32_t offset = bench.random() % (0x10000 - length);
        std::vector<uint8_t> bytes(length);

        for (uint8_t &b : bytes) {
            b = static_cast<uint8_t>(bench.random());
        }
        fake_want(url.c_str(), is_write, ram + offset, bytes.data(), length, bench.chance(10));
    }

    bool owns(const FakeTransfer &t) const
    {
        return url == t.url;
    }

    // A transfer that is done: the next beats are its.
    void finished(const FakeTransfer &t)
    {
        int result = QOSIM_BUS_OK;
        size_t at = 0;

        while (at < t.length && result == QOSIM_BUS_OK) {
            if (next == memory.beats.size()) {
                check(false, "a transfer ended before all its beats");
                return;
            }
            at += compare(t, at, memory.beats[next]);
            result = memory.beats[next].resp == 0   ? QOSIM_BUS_OK
                     : memory.beats[next].resp == 3 ? QOSIM_BUS_DECODE_ERROR
                                                    : QOSIM_BUS_ERROR;
            next++;
        }
        check(t.result == result, "result %d, want %d", t.result, result);
        transfers++;
        failed += result != QOSIM_BUS_OK;
    }

    void finish() const
    {
        check(next == memory.beats.size(), "%zu beats that nobody wanted",
              memory.beats.size() - next);
        check(transfers > 0 && failed > 0 && failed < transfers, "%zu transfers, %zu failed",
              transfers, failed);
    }

    size_t transfers = 0, failed = 0;

  private:
    // Returns how many of the transfer's bytes from @at on the beat moves.
    size_t compare(const FakeTransfer &t, size_t at, const Beat &beat) const
    {
        const uint64_t address = t.address + at;
        const unsigned lane = static_cast<unsigned>(address % width);
        const size_t n = std::min<size_t>(width - lane, t.length - at);

        check(beat.is_write == t.is_write && beat.addr == address - lane,
              "beat at 0x%x, want 0x%llx", beat.addr, (unsigned long long)(address - lane));
        check(!t.is_write || beat.strb == ((1u << n) - 1) << lane, "strobes 0x%x at 0x%x",
              beat.strb, beat.addr);
        for (size_t i = 0; i < n && (t.is_write || beat.resp == 0); i++) {
            const auto moved = static_cast<uint8_t>(beat.data >> (8 * (lane + i)));
            check(moved == t.data[at + i], "byte %zu: 0x%x, want 0x%x", at + i, moved,
                  t.data[at + i]);
        }
        return n;
    }

    Memory &memory;
    std::string url;
    unsigned width;
    size_t next = 0;
};

void set_temper(Bench &bench, Memory &m)
{
    for (int *chance : { &m.aw_chance, &m.w_chance, &m.ar_chance, &m.b_chance, &m.r_chance }) {
        *chance = bench.chance(30) ? 100 : 15 + static_cast<int>(bench.random() % 85);
    }
    m.slverr_chance = bench.chance(50) ? 0 : 2;
    m.decerr_chance = bench.chance(50) ? 0 : 2;
}

void add_random(Bench &bench, Manager &manager, Side &side)
{
    for (uint32_t n = bench.random() % 4; n > 0; n--) {
        side.want(bench);
    }
    const uint32_t addr = (bench.chance(70) ? dma_page : 0) | (bench.random() & 0x38);
    if (bench.chance(50)) {
        manager.write({ addr, bench.random(), static_cast<uint8_t>(bench.random() & 0xf) });
    } else {
        manager.read({ addr, 2 });
    }
}

// Transfers of one bus finish in the order in which they began; what finished is looked at once.
void look(std::vector<bool> &seen, Side &a, Side &b)
{
    std::vector<const FakeTransfer *> done;

    if (a.transfers + b.transfers == fake_transfers_ended()) {
        return;
    }
    seen.resize(fake_transfers());
    for (size_t i = 0; i < seen.size(); i++) {
        const FakeTransfer *t = fake_transfer(i);

        if (!seen[i] && t->done) {
            seen[i] = true;
            done.push_back(t);
        }
    }
    std::sort(done.begin(), done.end(),
              [](const FakeTransfer *x, const FakeTransfer *y) { return x->ended < y->ended; });
    for (const FakeTransfer *t : done) {
        (a.owns(*t) ? a : b).finished(*t);
    }
}

void run(uint32_t seed, int operations)
{
    Bench bench(seed, Urls{ "fake:a", "fake:b", "fake:a", "fake:b" });
    Side a(bench.memory0, "fake:a", 4), b(bench.memory1, "fake:b", 8);
    std::vector<bool> seen;
    int added = 0, answers = 0, cycles = 0;

    for (Manager *m : { &bench.manager0, &bench.manager1 }) {
        m->on_b = [&](const Write &, int resp) {
            answers++;
            check(resp == 0, "response %d", resp);
        };
        m->on_r = [&](const Read &, uint64_t, int resp) {
            answers++;
            check(resp == 0, "response %d", resp);
        };
    }
    bench.reset();
    while (added < operations || !bench.manager0.idle() || !bench.manager1.idle()) {
        if (added < operations && bench.chance(4)) {
            const bool first = bench.chance(50);
            add_random(bench, first ? bench.manager0 : bench.manager1, first ? a : b);
            added++;
        }
        if (cycles % 500 == 0) {
            set_temper(bench, bench.memory0);
            set_temper(bench, bench.memory1);
        }
        bench.cycle();
        look(seen, a, b);
        if (++cycles > operations * 2000 || failures > 20) {
            check(false, "not done after %d cycles", cycles);
            break;
        }
    }
    // What waits for an access that does not come, and for polls.
    bench.manager0.write({ dma_page, 0, 0xf });
    bench.manager1.write({ dma_page, 0, 0xf });
    check(bench.drain(100000), "no answer");
    for (int i = 0; i < 100 || bench.dma_busy(0) || bench.dma_busy(1); i++) {
        bench.cycle();
    }
    look(seen, a, b);
    a.finish();
    b.finish();
    check(a.transfers + b.transfers == fake_transfers(), "%zu transfers of %zu",
          a.transfers + b.transfers, fake_transfers());
    check(answers == added + 2, "%d answers for %d accesses", answers, added + 2);
    for (const std::string &rule : bench.broken) {
        check(false, "rule broken: %s", rule.c_str());
    }
    printf("# seed %u: %d accesses, %zu transfers (%zu failed), %zu beats, %d cycles\n", seed,
           added, fake_transfers(), a.failed + b.failed,
           bench.memory0.beats.size() + bench.memory1.beats.size(), cycles);
}

} // namespace

int main(int argc, char **argv)
{
    const auto seed = static_cast<uint32_t>(argc > 1 ? strtoul(argv[1], nullptr, 0) : 1);
    const int operations = argc > 2 ? atoi(argv[2]) : 2000;

    qosim_dpi_set_log(no_message);
    fake_reset();
    run(seed, operations);
    check(fake_sessions_open() == 0, "a session was left open");
    verdict("random DMA arrives as the beats that it means and breaks no rule");
    fake_reset();
    return failures != 0;
}
