/*
 * Proves the bus drivers: each against a RAM and registers that answer randomly late, under a protocol checker; against buses that
 * hang and answers that are wrong; and proves the checkers, each rule by something that breaks it.
 *
 *     bfm_proof [SEED [ROUNDS]]
 */
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>

#include "Vbfm_bench.h"
#include "Vbfm_bench__Dpi.h"
#include "cosim/bfm/ports.h"
#include "tests/rtl/gpio/subordinates.h"
#include "verilated.h"

using namespace qosim::bfm;

static std::set<std::string> broken;
static int failures;

void bus_rule_broken(const char *rule)
{
    broken.insert(rule);
}

void axil_rule_broken(int, const char *rule)
{
    broken.insert(rule);
}

static bool check(bool ok, const char *bus, const std::string &what)
{
    if (!ok) {
        printf("not ok - %s: %s\n", bus, what.c_str());
        failures++;
    }
    return ok;
}

/* --- The bench --- */

class Bench
{
  public:
    using Meddle = std::function<void(Vbfm_bench &, bool odd)>;

    Bench(unsigned bus, uint32_t seed) : rng(seed)
    {
        context = std::make_unique<VerilatedContext>();
        context->fatalOnError(false);
        top = std::make_unique<Vbfm_bench>(context.get());
        for (unsigned i = 0; i < 4; i++) { // the others stay idle
            managers[i] = make_manager(*top, i, Timing{}, seed + i);
            subordinates[i] = make_subordinate(*top, i, seed + 10 + i);
        }
        manager = managers[bus].get();
        subordinate = subordinates[bus].get();
    }
    ~Bench()
    {
        top->final();
    }
    void reset();
    void cycle();
    Response transfer(const Request &r)
    {
        return manager->transfer(r, [this] { cycle(); });
    }
    Request random_request(uint32_t span, int writes_percent);
    unsigned random(unsigned below)
    {
        return static_cast<unsigned>(rng() % below);
    }

    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Vbfm_bench> top;
    BusManager *manager;
    Subordinate *subordinate;
    Meddle meddle, meddle_in_reset;
    uint64_t cycles = 0;

  private:
    std::mt19937 rng;
    std::unique_ptr<BusManager> managers[4];
    std::unique_ptr<Subordinate> subordinates[4];
};

void Bench::reset()
{
    top->rst_ni = 0;
    for (unsigned i = 0; i < 4; i++) {
        managers[i]->reset();
        subordinates[i]->reset();
    }
    if (meddle_in_reset) {
        meddle_in_reset(*top, false);
    }
    for (int i = 0; i < 3; i++) {
        top->clk_i = 0;
        top->eval();
        top->clk_i = 1;
        top->eval();
    }
    for (unsigned i = 0; i < 4; i++) {
        managers[i]->reset();
        subordinates[i]->reset();
    }
    top->clk_i = 0;
    top->eval();
    top->rst_ni = 1;
    top->eval();
}

void Bench::cycle()
{
    manager->drive();
    if (meddle) {
        meddle(*top, cycles % 2 != 0);
    }
    subordinate->drive();
    top->clk_i = 0;
    top->eval();
    manager->sample();
    subordinate->sample();
    top->clk_i = 1;
    top->eval();
    cycles++;
}

Request Bench::random_request(uint32_t span, int writes_percent)
{
    const unsigned size = 1u << random(3);
    const uint32_t where = random(2) ? 0x1000 + random(64) : random(span);
    const uint32_t address = where & ~(size - 1);

    if (random(100) >= static_cast<unsigned>(writes_percent)) {
        return Request::read(address, size);
    }
    return random(3) ? Request::store(address, size, static_cast<uint32_t>(rng()))
                     : Request::lanes(address, static_cast<uint32_t>(rng()),
                                      static_cast<uint8_t>(random(16)));
}

/* --- The drivers against a device that answers late --- */

static std::string describe(const Request &r)
{
    char text[96];

    snprintf(text, sizeof(text), "%s 0x%" PRIx32 " size %u strobes %x data 0x%08" PRIx32,
             r.write ? "write" : "read", r.address, r.size, r.strobes, r.data);
    return text;
}

// What the device must have answered, by a second one that is asked in the order of the requests.
static bool matches(unsigned bus, const Request &r, const Response &answer, Device &mirror)
{
    const Device::Result wanted =
        r.write ? mirror.write(r.address, r.data, r.strobes) : mirror.read(r.address);
    const Status error = bus == 0 && !r.write ? Status::DecodeError : Status::Error;
    const Response expected = { 0, r, Status::Okay, wanted.data };

    if (answer.status != (wanted.error ? error : Status::Okay)) {
        return false;
    }
    return r.write || wanted.error || answer.value() == expected.value();
}

static void random_timing(Bench &b, bool many)
{
    const auto percent = [&] { return static_cast<int>(b.random(3) ? 10 + b.random(91) : 100); };

    b.manager->set_timing(Timing{ percent(), percent(), many ? 1 + b.random(16) : 1, 2000 });
    b.subordinate->ready_percent = percent();
    b.subordinate->answer_percent = percent();
}

// One at a time, any mix.
static void run_singles(Bench &b, unsigned bus, Device &mirror)
{
    random_timing(b, false);
    for (int i = 0; i < 40; i++) {
        const Request r = b.random_request(256, 50);
        const Response answer = b.transfer(r);

        check(matches(bus, r, answer, mirror), b.manager->name(),
              describe(r) + ": " + status_name(answer.status) + " " + b.manager->stuck() +
                  b.manager->violation());
    }
}

// Many at a time, all reads or all writes, since those two may overtake each other on AXI.
static void run_many(Bench &b, unsigned bus, Device &mirror)
{
    const int writes_percent = b.random(2) ? 100 : 0;
    std::vector<Request> requests;
    std::vector<Response> answers(40);
    Response answer;
    uint64_t first = 0;

    random_timing(b, true);
    for (int i = 0; i < 40; i++) {
        requests.push_back(b.random_request(256, writes_percent));
        const uint64_t id = b.manager->submit(requests.back());
        first = i == 0 ? id : first;
    }
    for (size_t n = 0; n < requests.size();) {
        b.cycle();
        while (b.manager->take(answer)) {
            answers.at(answer.id - first) = answer;
            n++;
        }
    }
    for (size_t i = 0; i < requests.size(); i++) {
        check(matches(bus, requests[i], answers[i], mirror), b.manager->name(),
              describe(requests[i]) + " among many: " + status_name(answers[i].status));
    }
}

static void prove_traffic(unsigned bus, uint32_t seed, int rounds)
{
    Bench b(bus, seed);
    Device mirror;

    broken.clear();
    b.reset();
    for (int round = 0; round < rounds; round++) {
        run_singles(b, bus, mirror);
        run_many(b, bus, mirror);
    }
    for (const std::string &rule : broken) {
        check(false, b.manager->name(), "broke " + rule);
    }
    check(b.manager->violation().empty(), b.manager->name(), b.manager->violation());
    printf("# %s: %d requests in %" PRIu64 " cycles, seed %" PRIu32 "\n", b.manager->name(),
           80 * rounds, b.cycles, seed);
}

/* --- Buses that hang, answers that are wrong --- */

struct Trouble {
    unsigned bus;
    Slip slip;
    bool write;
    Status status;
    const char *text; // of stuck() or violation()
};

static const Trouble troubles[] = {
    { 0, Slip::RequestNever, true, Status::Stuck,
      "AXI4-Lite: AWVALID is up, no AWREADY for 300 cycles" },
    { 0, Slip::AnswerNever, true, Status::Stuck,
      "AXI4-Lite: a write was taken, no BVALID for 300 cycles" },
    { 0, Slip::AnswerNever, false, Status::Stuck,
      "AXI4-Lite: a read was taken, no RVALID for 300 cycles" },
    { 0, Slip::AnswerWrong, true, Status::Violation, "AXI4-Lite: answered EXOKAY" },
    { 0, Slip::AnswerUnasked, false, Status::Okay,
      "AXI4-Lite: BVALID without a write that was taken" },
    { 1, Slip::RequestNever, true, Status::Stuck, "APB: PENABLE is up, no PREADY for 300 cycles" },
    { 2, Slip::RequestNever, true, Status::Stuck,
      "Wishbone: STB is up, STALL does not go down for 300 cycles" },
    { 2, Slip::AnswerNever, false, Status::Stuck,
      "Wishbone: a request was taken, no ACK, ERR or RTY for 300 cycles" },
    { 2, Slip::AnswerTwice, true, Status::Violation,
      "Wishbone: more than one of ACK, ERR and RTY" },
    { 3, Slip::RequestNever, true, Status::Stuck,
      "TileLink-UL: A_VALID is up, no A_READY for 300 cycles" },
    { 3, Slip::AnswerNever, false, Status::Stuck,
      "TileLink-UL: a request was taken, no D_VALID for 300 cycles" },
    { 3, Slip::AnswerWrong, false, Status::Violation,
      "TileLink-UL: D_OPCODE does not fit the request" },
    { 3, Slip::SizeWrong, true, Status::Violation,
      "TileLink-UL: D_SIZE is not that of the request" },
    { 3, Slip::DeniedNotCorrupt, false, Status::Violation,
      "TileLink-UL: data that is denied and not corrupt" },
    { 3, Slip::AnswerUnasked, false, Status::Okay,
      "TileLink-UL: an answer to a source that waits for none" },
};

static void prove_trouble(const Trouble &trouble)
{
    Bench b(trouble.bus, 1);
    const Request r = trouble.write ? Request::store(0x10, 4, 1) : Request::read(0x10, 4);

    b.manager->set_timing(Timing{ 100, 100, 1, 300 });
    b.subordinate->slip = trouble.slip;
    b.reset();
    const Response answer = b.transfer(r);
    const std::string &text =
        trouble.status == Status::Stuck ? b.manager->stuck() : b.manager->violation();

    check(text == trouble.text, b.manager->name(),
          std::string(trouble.text) + ", not '" + text + "'");
    check(answer.status == trouble.status, b.manager->name(),
          std::string(trouble.text) + ": answered " + status_name(answer.status));
    check(b.cycles < 320, b.manager->name(), "took too long");
    if (trouble.status == Status::Stuck) {
        check(b.transfer(r).status == Status::Stuck, b.manager->name(),
              "went on after it was stuck");
    }
    b.subordinate->slip = Slip::None;
    b.reset();
    check(b.transfer(r).status == Status::Okay && b.manager->violation().empty(), b.manager->name(),
          "does not work again after a reset");
}

/* --- The checkers: each rule and what breaks it --- */

#define MEDDLE(...)                                                                                \
    [](Vbfm_bench &t, bool odd) {                                                                  \
        (void)odd;                                                                                 \
        __VA_ARGS__;                                                                               \
    }

struct Mutation {
    unsigned bus;
    const char *rule;
    Slip slip;
    Bench::Meddle meddle;
    Bench::Meddle in_reset;
};

static const Mutation mutations[] = {
    { 0, "aw_valid_stays", Slip::None, MEDDLE(t.axil_awvalid &= odd), {} },
    { 0, "aw_payload_holds", Slip::None, MEDDLE(t.axil_awaddr ^= 4u * odd), {} },
    { 0, "w_valid_stays", Slip::None, MEDDLE(t.axil_wvalid &= odd), {} },
    { 0, "w_payload_holds", Slip::None, MEDDLE(t.axil_wstrb ^= odd), {} },
    { 0, "ar_valid_stays", Slip::None, MEDDLE(t.axil_arvalid &= odd), {} },
    { 0, "ar_payload_holds", Slip::None, MEDDLE(t.axil_araddr ^= 4u * odd), {} },
    { 0, "r_valid_stays", Slip::AnswerDropped, {}, {} },
    { 0, "r_payload_holds", Slip::AnswerChanged, {}, {} },
    { 0, "b_was_asked", Slip::AnswerUnasked, {}, {} },
    { 0, "b_not_exokay", Slip::AnswerWrong, {}, {} },
    { 0, "b_comes_in_time", Slip::AnswerNever, {}, {} },
    { 0, "aw_taken_in_time", Slip::RequestNever, {}, {} },
    { 0, "manager_quiet_in_reset", Slip::None, {}, MEDDLE(t.axil_wvalid = 1) },
    { 0, "subordinate_quiet_in_reset", Slip::AnswerInReset, {}, {} },
    { 1, "apb_setup_first", Slip::None, MEDDLE(t.apb_penable = 1), {} },
    { 1, "apb_access_after_setup", Slip::None, MEDDLE(t.apb_penable = 0), {} },
    { 1, "apb_access_lasts", Slip::None, MEDDLE(t.apb_penable &= odd), {} },
    { 1, "apb_enable_needs_select", Slip::None, MEDDLE(t.apb_penable = 1), {} },
    { 1, "apb_request_holds", Slip::None, MEDDLE(t.apb_paddr ^= 4u * odd), {} },
    { 1, "apb_data_holds", Slip::None, MEDDLE(t.apb_pwdata ^= odd), {} },
    { 1, "apb_no_strobes_on_reads", Slip::None, MEDDLE(t.apb_pstrb = 0xf), {} },
    { 1, "apb_word_address", Slip::None, MEDDLE(t.apb_paddr |= 1), {} },
    { 1, "apb_error_with_ready", Slip::AnswerUnasked, {}, {} },
    { 1, "apb_ready_in_time", Slip::RequestNever, {}, {} },
    { 1, "apb_quiet_in_reset", Slip::None, {}, MEDDLE(t.apb_psel = 1) },
    { 2, "wb_strobe_needs_cycle", Slip::None, MEDDLE(t.wb_cyc = 0), {} },
    { 2, "wb_stalled_request_stays", Slip::None, MEDDLE(t.wb_stb &= odd), {} },
    { 2, "wb_stalled_request_holds", Slip::None, MEDDLE(t.wb_adr ^= 4u * odd), {} },
    { 2, "wb_cycle_until_answered", Slip::None, MEDDLE(t.wb_cyc &= odd), {} },
    { 2, "wb_word_address", Slip::None, MEDDLE(t.wb_adr |= 2), {} },
    { 2, "wb_one_answer", Slip::AnswerTwice, {}, {} },
    { 2, "wb_answer_was_asked", Slip::AnswerUnasked, {}, {} },
    { 2, "wb_taken_in_time", Slip::RequestNever, {}, {} },
    { 2, "wb_answered_in_time", Slip::AnswerNever, {}, {} },
    { 2, "wb_quiet_in_reset", Slip::None, {}, MEDDLE(t.wb_cyc = 1) },
    { 3, "tl_a_valid_stays", Slip::None, MEDDLE(t.tl_a_valid &= odd), {} },
    { 3, "tl_a_holds", Slip::None, MEDDLE(t.tl_a_data ^= odd), {} },
    { 3, "tl_a_opcode", Slip::None, MEDDLE(t.tl_a_opcode = 7), {} },
    { 3, "tl_a_param", Slip::None, MEDDLE(t.tl_a_param = 1), {} },
    { 3, "tl_a_size", Slip::None, MEDDLE(t.tl_a_size = 3), {} },
    { 3, "tl_a_aligned", Slip::None, MEDDLE(t.tl_a_size = 2; t.tl_a_address |= 1), {} },
    { 3, "tl_a_mask_within_size", Slip::None, MEDDLE(t.tl_a_size = 0; t.tl_a_mask = 0xf), {} },
    { 3, "tl_a_mask_whole", Slip::None, MEDDLE(t.tl_a_opcode = 0; t.tl_a_mask = 0), {} },
    { 3, "tl_a_get_not_corrupt", Slip::None, MEDDLE(t.tl_a_opcode = 4; t.tl_a_corrupt = 1), {} },
    { 3, "tl_a_source_free", Slip::None, MEDDLE(t.tl_a_source = 3), {} },
    { 3, "tl_d_valid_stays", Slip::AnswerDropped, {}, {} },
    { 3, "tl_d_holds", Slip::AnswerChanged, {}, {} },
    { 3, "tl_d_was_asked", Slip::AnswerUnasked, {}, {} },
    { 3, "tl_d_opcode", Slip::AnswerWrong, {}, {} },
    { 3, "tl_d_size", Slip::SizeWrong, {}, {} },
    { 3, "tl_d_denied_data_is_corrupt", Slip::DeniedNotCorrupt, {}, {} },
    { 3, "tl_a_taken_in_time", Slip::RequestNever, {}, {} },
    { 3, "tl_d_comes_in_time", Slip::AnswerNever, {}, {} },
    { 3, "tl_quiet_in_reset", Slip::None, {}, MEDDLE(t.tl_a_valid = 1) },
    { 3, "tl_d_quiet_in_reset", Slip::AnswerInReset, {}, {} },
};

static void prove_rule(const Mutation &m)
{
    Bench b(m.bus, 5);

    broken.clear();
    b.manager->set_timing(Timing{ 70, 50, 8, 5000 });
    b.subordinate->ready_percent = b.subordinate->answer_percent = 50;
    b.subordinate->slip = m.slip;
    b.meddle = m.meddle;
    b.meddle_in_reset = m.in_reset;
    b.reset();
    for (int i = 0; i < 600; i++) {
        b.manager->submit(b.random_request(256, 50));
        b.cycle();
    }
    check(broken.count(m.rule) == 1, b.manager->name(), std::string("nobody noticed: ") + m.rule);
}

int main(int argc, char **argv)
{
    const uint32_t seed = argc > 1 ? static_cast<uint32_t>(strtoul(argv[1], nullptr, 0)) : 1;
    const int rounds = argc > 2 ? atoi(argv[2]) : 50;

    for (unsigned bus = 0; bus < 4; bus++) {
        prove_traffic(bus, seed, rounds);
    }
    for (const Trouble &trouble : troubles) {
        prove_trouble(trouble);
    }
    for (const Mutation &mutation : mutations) {
        prove_rule(mutation);
    }
    printf("%s - %zu troubles, %zu rules\n", failures ? "not ok" : "ok",
           sizeof(troubles) / sizeof(troubles[0]), sizeof(mutations) / sizeof(mutations[0]));
    return failures ? 1 : 0;
}
