// Single cases of DMA: a device behind the bridge uses the design's memory through the DMA port. And proof that the checkers see
// every kind of misdeed on the port's bus.
#include "tests/rtl/bridge/bench.h"
#include "tests/rtl/bridge/fake_qosim.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "cosim/dpi/qosim_dpi.h"

using namespace bench;

namespace
{

constexpr uint32_t ram = 0x80000000;
constexpr uint32_t dma_page = 0xa000; // an access there makes the device do its DMA
constexpr int timeout_cycles = 200;
const Urls one_port = { "fake:a", "fake:b", "fake:a", "" };
const Urls two_ports = { "fake:a", "fake:b", "fake:a", "fake:b" };

std::vector<std::string> messages;

void on_message(const char *message)
{
    messages.emplace_back(message);
}

size_t messages_with(const std::string &text)
{
    return static_cast<size_t>(
        std::count_if(messages.begin(), messages.end(),
                      [&](const std::string &m) { return m.find(text) != std::string::npos; }));
}

std::unique_ptr<Bench> fresh(const Urls &urls = one_port)
{
    messages.clear();
    auto bench = std::make_unique<Bench>(1, urls);
    bench->reset();
    return bench;
}

std::vector<uint8_t> pattern(size_t n)
{
    std::vector<uint8_t> bytes(n);

    std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(0x31));
    return bytes;
}

void want_write(const std::string &url, uint64_t address, size_t length, bool on_poll = false)
{
    fake_want(url.c_str(), true, address, pattern(length).data(), length, on_poll);
}

void want_read(const std::string &url, uint64_t address, size_t length, bool on_poll = false)
{
    fake_want(url.c_str(), false, address, nullptr, length, on_poll);
}

// The access that makes the device do its DMA, until it is answered.
void kick(Bench &b, int limit = 1000)
{
    b.manager0.write({ dma_page, 1, 0xf });
    check(b.drain(limit), "no answer in %d cycles", limit);
}

void expect_result(size_t i, int result)
{
    const FakeTransfer *t = fake_transfer(i);

    check(t && t->done && t->result == result, "transfer %zu: done %d, result %d, want %d", i,
          t && t->done, t ? t->result : 0, result);
}

void expect_beat(const Memory &m, size_t i, bool is_write, uint32_t addr, uint8_t strb,
                 uint64_t data)
{
    check(i < m.beats.size(), "beat %zu is missing", i);
    if (i < m.beats.size()) {
        const Beat &b = m.beats[i];
        uint64_t mask = 0;

        for (unsigned lane = 0; lane < 8; lane++) {
            mask |= (strb >> lane & 1) ? 0xffull << (8 * lane) : 0;
        }
        check(b.is_write == is_write && b.addr == addr && (!is_write || b.strb == strb) &&
                  (b.data & mask) == data,
              "beat %zu: %s at 0x%x, strobes 0x%x, data 0x%llx", i, b.is_write ? "write" : "read",
              b.addr, b.strb, (unsigned long long)b.data);
    }
}

void expect_no_breach(const Bench &b)
{
    for (const std::string &rule : b.broken) {
        check(false, "rule broken: %s", rule.c_str());
    }
}

void beats_of_a_write()
{
    auto b = fresh();
    b->memory0.bytes.assign(0x10000, 0xee);
    want_write("fake:a", ram + 3, 7);
    kick(*b);
    expect_result(0, QOSIM_BUS_OK);
    check(b->memory0.beats.size() == 3, "%zu beats", b->memory0.beats.size());
    expect_beat(b->memory0, 0, true, ram, 0x8, 0x31000000);
    expect_beat(b->memory0, 1, true, ram + 4, 0xf, 0x35343332);
    expect_beat(b->memory0, 2, true, ram + 8, 0x3, 0x3736);
    check(b->memory0.bytes[2] == 0xee && b->memory0.bytes[10] == 0xee, "the bytes around changed");
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("a write of 7 bytes to 3 is three beats, each with the strobes of its bytes");
}

void beats_of_a_read()
{
    auto b = fresh();
    const std::vector<uint8_t> bytes = pattern(16);
    std::copy(bytes.begin(), bytes.end(), b->memory0.bytes.begin());
    want_read("fake:a", ram + 6, 3);
    want_read("fake:a", ram + 4, 1);
    kick(*b);
    expect_result(0, QOSIM_BUS_OK);
    expect_result(1, QOSIM_BUS_OK);
    check(b->memory0.beats.size() == 3, "%zu beats", b->memory0.beats.size());
    expect_beat(b->memory0, 0, false, ram + 4, 0xc, 0x38370000);
    expect_beat(b->memory0, 1, false, ram + 8, 0x1, 0x39);
    expect_beat(b->memory0, 2, false, ram + 4, 0x1, 0x35);
    check(memcmp(fake_transfer(0)->data, bytes.data() + 6, 3) == 0, "other bytes came");
    check(*fake_transfer(1)->data == bytes[4], "another byte came");
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("reads are of whole words, in rising order, and give the bytes that were wanted");
}

void wide_bus()
{
    auto b = fresh(two_ports);
    want_write("fake:b", ram + 6, 11);
    b->manager1.write({ dma_page, 1, 0xf });
    check(b->drain(1000), "no answer");
    expect_result(0, QOSIM_BUS_OK);
    check(b->memory0.beats.empty() && b->memory1.beats.size() == 3, "%zu beats",
          b->memory1.beats.size());
    expect_beat(b->memory1, 0, true, ram, 0xc0, 0x3231000000000000);
    expect_beat(b->memory1, 1, true, ram + 8, 0xff, 0x3a39383736353433);
    expect_beat(b->memory1, 2, true, ram + 16, 0x01, 0x3b);
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("a bus of 64 bits is filled");
}

void long_transfer()
{
    auto b = fresh();
    want_write("fake:a", ram, 0x10000);
    want_read("fake:a", ram, 0x10000);
    kick(*b, 100000);
    expect_result(0, QOSIM_BUS_OK);
    expect_result(1, QOSIM_BUS_OK);
    check(memcmp(fake_transfer(1)->data, fake_transfer(0)->data, 0x10000) == 0, "bytes differ");
    check(b->clock_edges < 0x10000 + 100, "%llu cycles", (unsigned long long)b->clock_edges);
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("64 KiB there and back, two cycles a beat from a memory that answers at once");
}

void order()
{
    auto b = fresh({ "fake:a", "fake:a", "fake:a", "" });
    std::vector<int> answered;
    b->memory0.b_chance = 0;
    b->manager0.on_b = [&](const Write &w, int) { answered.push_back(static_cast<int>(w.addr)); };
    b->manager0.on_r = [&](const Read &r, uint64_t, int) {
        answered.push_back(static_cast<int>(r.addr));
    };
    b->manager1.on_r = [&](const Read &r, uint64_t, int) {
        answered.push_back(static_cast<int>(r.addr));
    };
    want_write("fake:a", ram, 4);
    b->manager0.write({ dma_page, 1, 0xf });
    b->cycles(5);
    b->manager0.write({ 4, 2, 0xf });
    b->manager0.read({ 8, 2 });
    b->manager1.read({ 16, 2 });
    b->cycles(30);
    check(answered.empty() && fake_count() == 1, "%zu answers, %zu accesses during the DMA",
          answered.size(), fake_count());
    check(b->manager0.writes_waiting() == 0 && b->manager0.reads_waiting() == 0 &&
              b->manager1.reads_waiting() == 0,
          "the bridge does not take what waits");
    check(b->dma_busy(0), "not busy");
    b->memory0.b_chance = 100;
    check(b->drain(20), "no answer");
    check(fake_count() == 4, "%zu accesses", fake_count());
    check(answered.size() == 4 && answered[0] == static_cast<int>(dma_page), "%zu answers",
          answered.size());
    check(!b->dma_busy(0), "still busy");
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict(
        "while an access waits for DMA no other reaches the server, of either bridge; then all do");
}

void pieces_of_one_write()
{
    auto b = fresh();
    want_read("fake:a", ram, 4);
    b->manager0.write({ dma_page, 0x44332211, 0xd });
    b->manager0.write({ dma_page + 8, 0x88776655, 0xf });
    check(b->drain(100), "no answer");
    check(fake_count() == 3 && fake_access(0)->address == dma_page && fake_access(0)->size == 1 &&
              fake_access(1)->address == dma_page + 2 && fake_access(1)->data == 0x4433 &&
              fake_access(2)->address == dma_page + 8 && fake_access(2)->data == 0x88776655,
          "%zu accesses", fake_count());
    expect_result(0, QOSIM_BUS_OK);
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("a write of several pieces goes on after the one that needed DMA");
}

void on_poll()
{
    auto b = fresh();
    want_write("fake:a", ram + 1, 2, true);
    b->memory0.b_chance = 0;
    b->cycles(100);
    check(b->memory0.beats.empty() && b->dma_busy(0), "the poll does not wait");
    b->manager0.read({ 4, 2 });
    b->cycles(20);
    check(fake_count() == 0, "an access during the poll's DMA");
    b->memory0.b_chance = 100;
    check(b->drain(20), "no answer");
    expect_result(0, QOSIM_BUS_OK);
    expect_beat(b->memory0, 0, true, ram, 0x6, 0x323100);
    fake_set_irq(8, true);
    b->cycles(40);
    check(b->irqs(0) == 1ull << 8, "wires 0x%llx", (unsigned long long)b->irqs(0));
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("DMA that no access caused is done with a poll, and polls go on after it");
}

void bus_errors()
{
    auto b = fresh();
    want_write("fake:a", ram, 16);
    want_read("fake:a", ram, 16);
    b->memory0.slverr_chance = 100;
    kick(*b);
    expect_result(0, QOSIM_BUS_ERROR);
    expect_result(1, QOSIM_BUS_ERROR);
    check(b->memory0.beats.size() == 2, "%zu beats", b->memory0.beats.size());
    check(messages_with(
              "DMA write of 16 bytes at 0x80000000: the design's memory answers SLVERR") == 1,
          "no message");
    b->memory0.slverr_chance = 0;
    b->memory0.decerr_chance = 100;
    want_read("fake:a", ram, 16);
    kick(*b);
    expect_result(2, QOSIM_BUS_DECODE_ERROR);
    check(messages_with("DMA read of 16 bytes at 0x80000000: the design's memory answers DECERR") ==
              1,
          "no message");
    b->memory0.decerr_chance = 0;
    want_read("fake:a", ram, 16);
    kick(*b);
    expect_result(3, QOSIM_BUS_OK);
    check(!b->lost(0), "the server counts as lost");
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("SLVERR and DECERR of the memory end the transfer and reach the device");
}

void outside()
{
    const uint64_t end = ram + 0x10000ull;
    auto b = fresh(two_ports);
    want_read("fake:a", end, 1);
    want_read("fake:a", end - 4, 8);
    want_write("fake:a", ram - 1, 2);
    want_read("fake:a", UINT64_MAX - 3, 4);
    want_read("fake:a", end - 4, 4);
    want_read("fake:b", 1ull << 32, 4);
    b->manager1.write({ dma_page, 1, 0xf });
    kick(*b);
    for (size_t i = 0; i < 4; i++) {
        expect_result(i, QOSIM_BUS_DECODE_ERROR);
    }
    expect_result(4, QOSIM_BUS_OK);
    check(b->memory0.beats.size() == 1, "%zu beats", b->memory0.beats.size());
    expect_result(5, QOSIM_BUS_DECODE_ERROR);
    check(b->memory1.beats.empty(), "an address of 33 bits came to a bus of 32");
    check(messages_with("outside of the design's memory") == 5, "%zu messages", messages.size());
    b.reset();
    fake_reset();
    verdict("DMA outside of the memory is a decode error without a beat");
}

void no_answer(Slip slip, bool is_write, const char *name)
{
    auto b = fresh();
    int response = -1;
    b->manager0.on_b = [&](const Write &, int r) { response = r; };
    b->memory0.slip = slip;
    if (is_write) {
        want_write("fake:a", ram, 64);
    } else {
        want_read("fake:a", ram, 64);
    }
    kick(*b, timeout_cycles + 20);
    check(response == 0 && b->clock_edges > timeout_cycles, "response %d after %llu cycles",
          response, (unsigned long long)b->clock_edges);
    expect_result(0, QOSIM_BUS_ERROR);
    check(messages_with("no answer from the design's memory in time") == 1, "no message");

    want_read("fake:a", ram, 4);
    want_write("fake:a", ram, 4);
    kick(*b, 20);
    expect_result(1, QOSIM_BUS_ERROR);
    expect_result(2, QOSIM_BUS_ERROR);
    check(!b->dma_busy(0), "busy");

    b->memory0.slip = Slip::None; // the answer comes after all
    b->cycles(10);
    want_write("fake:a", ram + 8, 8);
    want_read("fake:a", ram + 8, 8);
    kick(*b, 50);
    expect_result(3, QOSIM_BUS_OK);
    expect_result(4, QOSIM_BUS_OK);
    check(memcmp(fake_transfer(4)->data, fake_transfer(3)->data, 8) == 0, "bytes differ");
    for (const std::string &rule : b->broken) { // the memory's own slip, and nothing else
        check(rule.find("_in_time") != std::string::npos, "rule broken: %s", rule.c_str());
    }
    b.reset();
    fake_reset();
    verdict(name);
}

void reset_during_dma()
{
    auto b = fresh();
    int answers = 0;
    b->manager0.on_b = [&](const Write &, int) { answers++; };
    want_write("fake:a", ram, 64);
    want_read("fake:a", ram, 4); // the same access goes on with it
    b->manager0.write({ dma_page, 1, 0xf });
    b->cycles(20);
    check(b->dma_busy(0) && !b->memory0.beats.empty(), "no DMA");
    b->reset();
    expect_result(0, QOSIM_BUS_ERROR);
    expect_result(1, QOSIM_BUS_ERROR);
    check(messages_with("the design was reset") == 1 && messages_with("is in reset") == 1,
          "%zu messages", messages.size());
    b->cycles(20);
    check(answers == 0 && !b->bvalid(0) && !b->dma_busy(0), "an answer after reset");
    const size_t beats = b->memory0.beats.size();
    want_read("fake:a", ram, 4);
    b->manager0.forget();
    kick(*b);
    expect_result(2, QOSIM_BUS_OK);
    check(b->memory0.beats.size() == beats + 1 && answers == 1, "%zu beats, %d answers",
          b->memory0.beats.size() - beats, answers);
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict(
        "reset ends a DMA with a bus error, and the access that waited; afterwards all is well");
}

void end_during_dma()
{
    auto b = fresh(two_ports);
    want_write("fake:a", ram, 64);
    want_read("fake:b", ram, 64);
    b->memory0.slip = b->memory1.slip = Slip::BNever;
    b->memory1.slip = Slip::RNever;
    b->manager0.write({ dma_page, 1, 0xf });
    b->manager1.write({ dma_page, 1, 0xf });
    b->cycles(20);
    check(b->dma_busy(0) && b->dma_busy(1), "no DMA");
    b.reset(); // final()
    expect_result(0, QOSIM_BUS_ERROR);
    expect_result(1, QOSIM_BUS_ERROR);
    check(fake_sessions_open() == 0, "%u sessions left", fake_sessions_open());
    check(messages_with("the simulation ends") == 2, "%zu messages", messages.size());
    fake_reset();
    verdict("the end of the simulation ends a DMA and the sessions");
}

void lost_during_dma()
{
    auto b = fresh({ "fake:a", "fake:a", "fake:a", "" });
    int response = -1;
    b->manager0.on_b = [&](const Write &, int r) { response = r; };
    want_write("fake:a", ram, 64);
    b->manager0.write({ dma_page, 1, 0xf });
    b->manager0.write({ dma_page, 2, 0xf });
    b->cycles(10);
    fake_lose_after(0);
    check(b->drain(200), "no answer");
    check(response == 2 && b->lost(0), "response %d, lost %d", response, b->lost(0));
    check(messages_with("lost the server") == 1, "%zu messages", messages.size());
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("a server that goes during a DMA is SLVERR for the access and for those that wait");
}

void two_at_once()
{
    auto b = fresh(two_ports);
    want_write("fake:a", ram, 256);
    want_write("fake:b", ram + 1, 256);
    b->manager0.write({ dma_page, 1, 0xf });
    b->manager1.write({ dma_page, 1, 0xf });
    b->cycles(20);
    check(b->dma_busy(0) && b->dma_busy(1), "one waits for the other");
    check(b->drain(400), "no answer");
    check(memcmp(b->memory0.bytes.data(), pattern(256).data(), 256) == 0, "other bytes at a");
    check(memcmp(b->memory1.bytes.data() + 1, pattern(256).data(), 256) == 0, "other bytes at b");
    expect_no_breach(*b);
    b.reset();
    fake_reset();
    verdict("bridges to two servers do their DMA at the same time");
}

void ports_that_do_not_fit()
{
    auto b = fresh({ "fake:a", "fake:b", "fake:a", "fake:a" });
    check(messages_with("has a DMA port already") == 1 && messages.size() == 1, "%zu messages",
          messages.size());
    want_read("fake:a", ram, 4);
    kick(*b);
    expect_result(0, QOSIM_BUS_OK);
    check(b->memory0.beats.size() + b->memory1.beats.size() == 1, "both moved something");
    b.reset();
    fake_reset();
    verdict("a second port for a server is refused");

    b = fresh({ "fake:a", "fake:b", "", "" });
    want_read("fake:a", ram, 4);
    want_write("fake:a", ram, 4, true);
    kick(*b);
    b->cycles(50);
    expect_result(0, QOSIM_BUS_ERROR);
    expect_result(1, QOSIM_BUS_ERROR);
    check(messages_with("the design has no DMA port") == 2, "%zu messages", messages.size());
    b.reset();
    fake_reset();
    verdict("without a port DMA is a bus error");

    fake_set_ram(ram, 0x20000, QOSIM_RAM_CLIENT);
    b = fresh();
    b->cycles(50);
    check(
        messages_with("expects RAM of this design from 0x80000000 to 0x8001ffff (128 KiB), but the "
                      "design's is from 0x80000000 to 0x8000ffff (64 KiB)") == 1,
        "%zu messages", messages.size());
    check(b->lost(0), "lost_o is low");
    b.reset();
    fake_reset();
    verdict("a machine with more RAM than the design is refused");

    fake_set_ram(ram + 0x1000, 0x1000, QOSIM_RAM_CLIENT);
    b = fresh();
    b->cycles(50);
    check(messages_with("uses of this design's RAM only 0x80001000 to 0x80001fff (4 KiB)") == 1 &&
              !b->lost(0),
          "%zu messages", messages.size());
    b.reset();
    fake_reset();
    verdict("one with less is told");

    fake_set_ram(ram, 0x10000, QOSIM_RAM_SERVER);
    b = fresh();
    want_read("fake:a", ram, 4);
    kick(*b);
    check(messages_with("has its RAM in the server") == 1 && !b->lost(0), "%zu messages",
          messages.size());
    expect_result(0, QOSIM_BUS_ERROR); // a server that changed its mind
    b.reset();
    fake_reset();
    verdict("one whose RAM is elsewhere is told");
}

// DMA with all kinds of beats and waits, so that every rule has its occasion.
std::set<std::string> rules_broken_by(int fault, Slip slip)
{
    auto b = fresh();
    b->memory0.aw_chance = b->memory0.w_chance = b->memory0.ar_chance = 15;
    b->memory0.b_chance = b->memory0.r_chance = 30;
    b->fault(fault);
    b->memory0.slip = slip;
    b->reset();
    for (int i = 0; i < 4; i++) {
        want_write("fake:a", ram + 3, 24);
        want_read("fake:a", ram + 5, 24);
    }
    b->manager0.write({ dma_page, 1, 0xf });
    b->cycles(1000);
    const std::set<std::string> broken = b->broken;
    b.reset();
    fake_reset();
    return broken;
}

void checkers_notice()
{
    const struct {
        int fault;
        Slip slip;
        const char *rule;
    } cases[] = {
        { 15, Slip::None, "aw_valid_stays" },
        { 16, Slip::None, "aw_payload_holds" },
        { 17, Slip::None, "w_valid_stays" },
        { 18, Slip::None, "w_payload_holds" },
        { 19, Slip::None, "ar_valid_stays" },
        { 20, Slip::None, "ar_payload_holds" },
        { 21, Slip::None, "manager_quiet_in_reset" },
        { 22, Slip::None, "dma_ar_is_aligned" },
        { 23, Slip::None, "dma_write_has_bytes" },
        { 24, Slip::None, "dma_bytes_are_one_run" },
        { 25, Slip::None, "dma_takes_b" },
        { 26, Slip::None, "dma_takes_r" },
        { 27, Slip::None, "dma_one_at_a_time" },
        { 28, Slip::None, "dma_aw_is_busy" },
        { 28, Slip::None, "dma_ar_is_busy" },
        { 25, Slip::BDrop, "b_valid_stays" },
        { 0, Slip::BUnasked, "b_was_asked" },
        { 0, Slip::BExOkay, "b_not_exokay" },
        { 0, Slip::BNever, "b_comes_in_time" },
        { 25, Slip::BChange, "b_payload_holds" },
        { 0, Slip::RUnasked, "r_was_asked" },
        { 0, Slip::RExOkay, "r_not_exokay" },
        { 0, Slip::RNever, "r_comes_in_time" },
        { 26, Slip::RDrop, "r_valid_stays" },
        { 26, Slip::RChange, "r_payload_holds" },
        { 0, Slip::AwNever, "aw_taken_in_time" },
        { 0, Slip::WNever, "w_taken_in_time" },
        { 0, Slip::ArNever, "ar_taken_in_time" },
        { 0, Slip::RInReset, "subordinate_quiet_in_reset" },
    };

    check(rules_broken_by(0, Slip::None).empty(), "a rule is broken without a misdeed");
    verdict("the checkers are silent on the same DMA without a misdeed");
    for (const auto &c : cases) {
        const std::set<std::string> broken = rules_broken_by(c.fault, c.slip);
        check(broken.count(std::string("2:") + c.rule) == 1, "the checkers did not notice");
        for (const std::string &rule : broken) {
            check(rule[0] == '2', "another bus is blamed: %s", rule.c_str());
        }
        verdict((std::string("on the port's bus they notice a breach of ") + c.rule).c_str());
    }
}

} // namespace

int main()
{
    qosim_dpi_set_log(on_message);
    fake_reset();
    beats_of_a_write();
    beats_of_a_read();
    wide_bus();
    long_transfer();
    order();
    pieces_of_one_write();
    on_poll();
    bus_errors();
    outside();
    no_answer(Slip::BNever, true, "a memory without B fails the DMA in time, and recovers");
    no_answer(Slip::AwNever, true, "and one that does not take AW");
    no_answer(Slip::WNever, true, "and one that does not take W");
    no_answer(Slip::ArNever, false, "and one that does not take AR");
    no_answer(Slip::RNever, false, "and one without R");
    reset_during_dma();
    end_during_dma();
    lost_during_dma();
    two_at_once();
    ports_that_do_not_fit();
    checkers_notice();
    fake_reset();
    return failures != 0;
}
