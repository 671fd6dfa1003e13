// Single cases of the bridge, and proof that the checker sees every kind of misdeed.
#include "tests/rtl/bridge/bench.h"
#include "tests/rtl/bridge/fake_qosim.h"

#include "cosim/dpi/qosim_dpi.h"

using namespace bench;

namespace
{

std::vector<std::string> messages;

void on_message(const char *message)
{
    messages.emplace_back(message);
}

size_t messages_with(const std::string &text)
{
    size_t n = 0;
    for (const std::string &m : messages) {
        n += m.find(text) != std::string::npos;
    }
    return n;
}

// A bench with an empty log and no messages.
std::unique_ptr<Bench> fresh(const std::string &url = "fake:", const std::string &url1 = "fake:")
{
    fake_reset();
    messages.clear();
    auto bench = std::make_unique<Bench>(1, url, url1);
    bench->reset();
    return bench;
}

void expect_access(size_t i, bool is_write, unsigned size, uint64_t address, uint64_t data)
{
    const FakeAccess *a = fake_access(i);

    check(a != nullptr, "access %zu is missing", i);
    if (a) {
        check(a->is_write == is_write && a->size == size && a->address == address &&
                  a->data == data,
              "access %zu: %s of %u at 0x%llx, data 0x%llx", i, a->is_write ? "write" : "read",
              a->size, (unsigned long long)a->address, (unsigned long long)a->data);
    }
}

void strobes()
{
    auto b = fresh();
    int answers = 0;
    b->manager0.on_b = [&](const Write &, int resp) {
        answers++;
        check(resp == 0, "response %d", resp);
    };

    b->manager0.write({ 0x10, 0x00ff0000, 0x4 });
    check(b->drain(100), "no answer");
    check(fake_count() == 1, "%zu accesses", fake_count());
    expect_access(0, true, 1, 0x12, 0xff);
    verdict("a store of 0xff to 0x12, as data 0x00ff0000, addr 0x10, strobes 0b0100, writes one "
            "byte at 0x12");

    b->manager0.write({ 0x12, 0x00ee0000, 0x4 });
    check(b->drain(100), "no answer");
    expect_access(1, true, 1, 0x12, 0xee);
    verdict("an unaligned address with the same strobe means the same byte");

    b->manager0.write({ 0x20, 0x44332211, 0xd });
    check(b->drain(100), "no answer");
    check(fake_count() == 4, "%zu accesses", fake_count());
    expect_access(2, true, 1, 0x20, 0x11);
    expect_access(3, true, 2, 0x22, 0x4433);
    verdict("strobes 0b1101 write a byte at +0, then a half at +2");

    b->manager0.write({ 0x24, 0x44332211, 0x6 });
    check(b->drain(100), "no answer");
    check(fake_count() == 6, "%zu accesses", fake_count());
    expect_access(4, true, 1, 0x25, 0x22);
    expect_access(5, true, 1, 0x26, 0x33);
    verdict("strobes 0b0110 are no aligned half and write two bytes");

    b->manager0.write({ 0x20, 0x44332211, 0 });
    check(b->drain(100), "no answer");
    check(fake_count() == 6, "%zu accesses", fake_count());
    check(answers == 5, "%d answers", answers);
    verdict("no strobe is answered OKAY without an access");
}

void first_failed_piece()
{
    auto b = fresh();
    std::vector<int> responses;
    b->manager0.on_b = [&](const Write &, int resp) { responses.push_back(resp); };
    b->manager0.write({ 0xf000, 1, 0x9 });
    b->manager0.write({ 0xe000, 1, 0xf });
    b->manager0.write({ 0xd000, 1, 0xf });
    b->manager0.write({ 0xc000, 1, 0xf });
    b->manager0.write({ 0xb000, 0, 0x6 });
    b->manager0.write({ 0xb000, 0, 0xd });
    check(b->drain(100), "no answer");
    check(fake_count() == 9, "%zu accesses", fake_count());
    check(responses == std::vector<int>({ 3, 2, 2, 2, 2, 3 }), "wrong responses");
    check(messages_with("refused an access") == 1, "no message about the refusal");
    check(!b->lost(0), "a refusal counts as loss");
    verdict("the first failed piece decides and stops no other; decode error is DECERR, all else "
            "SLVERR");
}

void write_before_read()
{
    auto b = fresh();
    uint64_t got = 0;
    b->manager0.on_r = [&](const Read &, uint64_t data, int) { got = data; };
    b->manager0.write({ 0x40, 0x12345678, 0xf });
    b->manager0.read({ 0x40, 2 });
    check(b->drain(100), "no answer");
    expect_access(0, true, 4, 0x40, 0x12345678);
    expect_access(1, false, 4, 0x40, 0x12345678);
    check(got == 0x12345678, "read 0x%llx", (unsigned long long)got);
    verdict("of a write and a read that are ready in the same cycle the write goes first");
}

void one_cycle_answers()
{
    auto b = fresh();
    for (uint32_t i = 0; i < 8; i++) {
        b->manager0.write({ 4 * i, i, 0xf });
        b->manager0.read({ 4 * i, 2 });
    }
    b->cycles(10);
    check(b->manager0.idle(), "not done in 10 cycles");
    verdict("a stream of writes and of reads moves one of each per cycle");
}

void channels_do_not_wait()
{
    auto b = fresh();
    int reads = 0;
    b->manager0.on_r = [&](const Read &, uint64_t, int) { reads++; };
    b->manager0.w_chance = 0;
    b->manager0.write({ 0x10, 1, 0xf });
    b->manager0.read({ 0x20, 2 });
    b->cycles(10);
    check(b->manager0.writes_waiting() == 0, "AW waits for W");
    check(reads == 1 && fake_count() == 1, "the read waits for the write");
    b->manager0.w_chance = 100;
    check(b->drain(10), "no answer");
    verdict("AW is taken without W, and a read passes a write that has no data yet");

    b->manager0.aw_chance = 0;
    b->manager0.write({ 0x14, 2, 0xf });
    b->cycles(10);
    check(fake_count() == 2, "a write without an address was done");
    b->manager0.aw_chance = 100;
    check(b->drain(10), "no answer");
    expect_access(2, true, 4, 0x14, 2);
    verdict("W is taken before AW");
}

void held_response()
{
    auto b = fresh();
    b->manager0.b_chance = 0;
    for (uint32_t i = 0; i < 4; i++) {
        b->manager0.write({ 4 * i, i, 0xf });
    }
    b->cycles(50);
    check(fake_count() == 1, "%zu accesses while the first response is held up", fake_count());
    check(b->manager0.writes_waiting() == 2, "%zu writes wait", b->manager0.writes_waiting());
    b->manager0.b_chance = 100;
    check(b->drain(50), "no answer");
    check(fake_count() == 4, "%zu accesses", fake_count());
    verdict("a response that is not taken holds its channel, with one access waiting");
}

void reset_drops()
{
    auto b = fresh();
    b->manager0.b_chance = 0;
    b->manager0.write({ 4, 1, 0xf });
    b->cycles(5);
    b->reset();
    check(!b->bvalid(0), "bvalid after reset");
    b->manager0.b_chance = 100;
    b->cycles(5);
    check(fake_count() == 1, "%zu accesses", fake_count());
    check(b->broken.empty(), "rule broken: %s",
          b->broken.empty() ? "" : b->broken.begin()->c_str());
    verdict("reset withdraws a response and what waits");
}

void virtual_time()
{
    const uint64_t since = 5000000;

    fake_reset();
    fake_set_now(since);
    Bench b(1, "fake:", "fake:");
    b.reset();
    b.cycles(10);
    b.manager0.write({ 4, 1, 0xf });
    check(b.drain(10), "no answer");
    const FakeAccess *a = fake_access(0);
    check(a && a->time_ns == since + (b.clock_edges - 2) * 10, "access at %llu ns",
          a ? (unsigned long long)a->time_ns : 0);
    verdict("virtual time goes on from what the server had");

    const uint64_t before = a ? a->time_ns : 0;
    b.reset();
    b.manager0.write({ 4, 1, 0xf });
    check(b.drain(10), "no answer");
    a = fake_access(1);
    check(a && a->time_ns > before && a->time_ns < before + 100, "access at %llu ns",
          a ? (unsigned long long)a->time_ns : 0);
    verdict("virtual time does not go back with a reset");
}

void interrupts()
{
    auto b = fresh();
    fake_set_irq(8, true);
    fake_set_irq(52, true);
    b->manager0.write({ 0, 0, 0xf });
    check(b->drain(10), "no answer");
    check(b->irqs(0) == (1ull << 8 | 1ull << 52), "wires 0x%llx", (unsigned long long)b->irqs(0));
    verdict("levels that come with an access are on the wires together with its response");

    fake_set_irq(8, false);
    b->cycles(40);
    check(b->irqs(0) == 1ull << 52, "wires 0x%llx", (unsigned long long)b->irqs(0));
    verdict("levels that the server sends by itself come with the next poll");

    fake_guest_error("bad write offset 0x44");
    b->cycles(40);
    check(messages_with("guest error at 0 ns: bad write offset 0x44") == 1, "no message");
    verdict("a guest error is shown");

    fake_set_deadline(10000);
    b->cycles(40);
    check(fake_advanced_to() == 0, "the server was let go on too early");
    b->cycles(1000);
    check(fake_advanced_to() >= 10000 && fake_advanced_to() <= 10000 + 330, "advanced to %llu",
          (unsigned long long)fake_advanced_to());
    verdict("a deadline of the server is met within a polling interval");

    b->cycles(250000);
    check(fake_advanced_to() + 1000000 + 330 >= b->clock_edges * 10, "advanced to %llu",
          (unsigned long long)fake_advanced_to());
    verdict("the server's clock is never more than a millisecond behind");
}

void lost_server()
{
    auto b = fresh();
    std::vector<int> responses;
    b->manager0.on_b = [&](const Write &, int resp) { responses.push_back(resp); };
    fake_lose_after(2);
    for (uint32_t i = 0; i < 5; i++) {
        b->manager0.write({ 4 * i, i, 0xf });
    }
    check(b->drain(100), "no answer");
    check(responses == std::vector<int>({ 0, 0, 2, 2, 2 }), "wrong responses");
    check(fake_count() == 3, "%zu accesses", fake_count());
    check(messages_with("lost the server at 'fake:': it went away") == 1 && messages.size() == 1,
          "%zu messages", messages.size());
    check(b->lost(0), "lost_o is low");
    verdict("a lost server is SLVERR for ever, with one message, and raises lost_o");

    b->cycles(200);
    check(b->lost(1), "lost_o is low");
    check(b->stopped(), "no $fatal");
    verdict("with StopOnLoss the simulation ends by $fatal");
}

void no_server()
{
    auto b = fresh("nowhere:", "fake:");
    int response = 0;
    b->manager0.on_b = [&](const Write &, int resp) { response = resp; };
    b->manager0.write({ 4, 1, 0xf });
    check(b->drain(100), "no answer");
    check(response == 2, "response %d", response);
    check(b->lost(0) && !b->lost(1), "lost_o is wrong");
    check(messages_with("cannot open 'nowhere:': nobody is there") == 1 && messages.size() == 1,
          "%zu messages", messages.size());
    verdict("a server that cannot be opened is one message, SLVERR and lost_o");

    b = fresh("", "fake:");
    b->cycles(1);
    check(b->lost(0) && messages_with("no server URL") == 1, "an empty URL was taken");
    verdict("an empty URL is refused");
}

void handles()
{
    unsigned long long data = 1;
    fake_reset();
    messages.clear();

    const int first = qosim_dpi_open("fake:a");
    const int second = qosim_dpi_open("fake:a");
    const int third = qosim_dpi_open("fake:b");
    check(first > 0 && second > 0 && third > 0, "not opened");
    check(first != second && fake_sessions_open() == 2, "%u sessions", fake_sessions_open());
    qosim_dpi_close(first);
    check(fake_sessions_open() == 2, "closed under the other handle");
    check(qosim_dpi_write(second, 4, 4, 7) == 0, "the other handle is dead");
    const int again = qosim_dpi_open("fake:a");
    check(again != first, "an old handle's number came back");
    check(qosim_dpi_read(first, 4, 4, &data) == 2 && data == 0, "an old handle works");
    check(qosim_dpi_poll(first) == -1 && qosim_dpi_lost(first) == 1, "an old handle polls");
    check(qosim_dpi_irq_word(first, 0) == 0 && qosim_dpi_irq_word(second, -1) == 0 &&
              qosim_dpi_irq_word(second, 32) == 0,
          "irq word of nothing");
    qosim_dpi_set_time(first, 5);
    qosim_dpi_close(first);
    qosim_dpi_close(-1);
    qosim_dpi_close(1 << 30);
    check(messages_with("is not the handle of an open server") == 1, "%zu messages",
          messages.size());
    check(qosim_dpi_write(second, 4, 0, 7) == 2 && qosim_dpi_write(second, 4, -4, 7) == 2, "size");
    qosim_dpi_close(second);
    qosim_dpi_close(third);
    qosim_dpi_close(again);
    check(fake_sessions_open() == 0, "%u sessions left", fake_sessions_open());
    verdict("handles of one URL share a session, and an old handle does no harm");

    std::vector<int> many;
    while (int h = qosim_dpi_open("fake:a")) {
        many.push_back(h);
    }
    check(many.size() == 64, "%zu handles", many.size());
    for (int h : many) {
        qosim_dpi_close(h);
    }
    check(fake_sessions_open() == 0, "%u sessions left", fake_sessions_open());
    verdict("the limit of open handles is refused, not overrun");
}

// Traffic that fills every slot and holds responses up, so that every rule has its occasion.
std::set<std::string> rules_broken_by(int fault, Misdeed misdeed)
{
    auto b = fresh();
    b->fault(fault);
    b->manager0.misdeed = misdeed;
    b->reset();
    b->manager0.b_chance = b->manager0.r_chance = 20;
    for (uint32_t i = 0; i < 40; i++) {
        b->manager0.write({ 4 * (i % 8), i, 0xf });
        b->manager0.read({ 4 * (i % 8), 2 });
    }
    b->cycles(300);
    return b->broken;
}

void checker_notices()
{
    const struct {
        int fault;
        Misdeed misdeed;
        const char *rule;
    } cases[] = {
        { 0, Misdeed::AwDrop, "aw_valid_stays" },
        { 0, Misdeed::AwChange, "aw_payload_holds" },
        { 0, Misdeed::WDrop, "w_valid_stays" },
        { 0, Misdeed::WChange, "w_payload_holds" },
        { 0, Misdeed::ArDrop, "ar_valid_stays" },
        { 0, Misdeed::ArChange, "ar_payload_holds" },
        { 0, Misdeed::ValidInReset, "manager_quiet_in_reset" },
        { 1, Misdeed::None, "b_valid_stays" },
        { 2, Misdeed::None, "b_payload_holds" },
        { 3, Misdeed::None, "r_valid_stays" },
        { 4, Misdeed::None, "r_payload_holds" },
        { 5, Misdeed::None, "b_was_asked" },
        { 6, Misdeed::None, "r_was_asked" },
        { 7, Misdeed::None, "b_comes_in_time" },
        { 8, Misdeed::None, "r_comes_in_time" },
        { 9, Misdeed::None, "b_not_exokay" },
        { 10, Misdeed::None, "r_not_exokay" },
        { 11, Misdeed::None, "aw_taken_in_time" },
        { 12, Misdeed::None, "w_taken_in_time" },
        { 13, Misdeed::None, "ar_taken_in_time" },
        { 14, Misdeed::None, "subordinate_quiet_in_reset" },
    };

    check(rules_broken_by(0, Misdeed::None).empty(), "a rule is broken without a misdeed");
    verdict("the checker is silent on the same traffic without a misdeed");
    for (const auto &c : cases) {
        const std::set<std::string> broken = rules_broken_by(c.fault, c.misdeed);
        check(broken.count(std::string("0:") + c.rule) == 1, "the checker did not notice");
        for (const std::string &rule : broken) {
            check(rule[0] == '0', "the other bus is blamed: %s", rule.c_str());
        }
        verdict((std::string("the checker notices a breach of ") + c.rule).c_str());
    }
}

// Printed by the bridge itself; the test that runs this looks for it.
void stall()
{
    auto b = fresh();
    b->manager0.b_chance = 0;
    b->manager0.write({ 0, 0, 0xf });
    b->cycles(1000);
    verdict("a manager that does not take a response is told once");
}

} // namespace

int main(int argc, char **argv)
{
    qosim_dpi_set_log(on_message);
    if (argc > 1 && std::string(argv[1]) == "stall") {
        stall();
        fake_reset();
        return failures != 0;
    }
    strobes();
    first_failed_piece();
    write_before_read();
    one_cycle_answers();
    channels_do_not_wait();
    held_response();
    reset_drops();
    virtual_time();
    interrupts();
    lost_server();
    no_server();
    handles();
    checker_notices();
    fake_reset();
    return failures != 0;
}
