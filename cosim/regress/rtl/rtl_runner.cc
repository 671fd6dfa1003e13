#include "cosim/regress/rtl/rtl_runner.h"

#include <algorithm>

using qosim::bfm::Request;
using qosim::bfm::Response;
using qosim::bfm::Status;
using qosim::bfm::Timing;

namespace qosim::regress
{

static constexpr unsigned reset_clocks = 2;

// How often in a cycle somebody who is late does something.
static constexpr int late_percent = 40;

RtlRunner::RtlRunner(const RtlMaker &make, const RtlOptions &options)
    : make_(make), options_(options)
{
    const RtlLatency &l = options_.latency;

    settle_clocks_ = std::max({ l.irq, l.out, l.driven, l.data });
    restart();
}

void RtlRunner::restart()
{
    Op op = {};

    device_.reset(); // a trace is written by one device at a time
    device_ = make_();
    signals_ = wave_ ? device_->signals() : std::vector<RtlSignal>();
    changed_ = 0;
    unsettled_ = false;
    reset(op);
    begin();
}

void RtlRunner::begin()
{
    operation_ = 0;
    note_.clear();
}

void RtlRunner::watch(Wave *wave)
{
    wave_ = wave;
    if (!wave) {
        return;
    }
    wave_add(wave, WAVE_OP, "operation");
    wave_add(wave, WAVE_BIT, "clk");
    wave_add(wave, WAVE_BIT, "reset");
    for (const char *level : { "irq", "out", "driven" }) {
        wave_add(wave, WAVE_WORD, level);
    }
    signals_ = device_->signals();
    for (const RtlSignal &signal : signals_) {
        wave_add(wave, signal.bit ? WAVE_BIT : WAVE_WORD, signal.name);
    }
}

void RtlRunner::sample()
{
    const Levels levels = device_->levels();

    values_ = { operation_, high_, in_reset_, levels.irq, levels.out, levels.driven };
    for (const RtlSignal &signal : signals_) {
        values_.push_back(signal.bit ? *signal.bit : *signal.word);
    }
    wave_sample(wave_, time_ps() / 1000, values_.data());
}

void RtlRunner::evaluate()
{
    device_->evaluate();
    device_->trace_sample(time_ps());
    if (wave_) {
        sample();
    }
}

// From the active edge, behind which the clock is high, to the next one.
void RtlRunner::clock()
{
    device_->manager().drive();
    set_clock(false);
    device_->manager().sample();
    set_clock(true);
    changed_ = 0;
    clocks_++;
    watch_interrupts();
}

// Nothing but the evaluation, where the clock is already so.
void RtlRunner::set_clock(bool high)
{
    half_clocks_ += high != high_ ? 1 : 0;
    high_ = high;
    device_->set_clock(high);
    evaluate();
}

// Of the beginning of the half clock that goes on.
uint64_t RtlRunner::time_ps() const
{
    return half_clocks_ * options_.period_ns * 500;
}

void RtlRunner::trouble(Outcome &outcome, OpBus bus, const std::string &what)
{
    if (outcome.bus < OP_BUS_STUCK) {
        outcome.bus = bus;
    }
    if (note_.empty()) {
        note_ = what;
    }
}

uint64_t RtlRunner::clocks_of(const Op &op) const
{
    return op.kind == OP_ADVANCE ? op.value / options_.period_ns : 0;
}

static int bus_of(Status status)
{
    switch (status) {
    case Status::Okay:
        return QOSIM_BUS_OK;
    case Status::DecodeError:
        return QOSIM_BUS_DECODE_ERROR;
    default:
        return QOSIM_BUS_ERROR;
    }
}

Response RtlRunner::transfer(const Op &op, const Request &request)
{
    bfm::BusManager &manager = device_->manager();
    const int valid = op.phase & OP_PACE_LATE_REQUEST ? late_percent : 100;
    const int ready = op.phase & OP_PACE_LATE_ANSWER ? late_percent : 100;

    manager.set_timing(Timing{ valid, ready, 1, options_.limit });
    return manager.transfer(request, cycle_);
}

// One word's part of an access; those of 8 bytes have two.
void RtlRunner::access(const Op &op, Outcome &outcome)
{
    for (unsigned done = 0; done < op.size; done += 4) {
        const unsigned size = std::min<unsigned>(op.size, 4);
        const uint32_t address = op.offset + done;
        const auto value = static_cast<uint32_t>(op.value >> (8 * done));
        const Response r = transfer(op, op.kind == OP_READ ? Request::read(address, size)
                                        : op.by_strobes ? Request::lanes(address, value, op.strobes)
                                                        : Request::store(address, size, value));

        if (r.status == Status::Stuck) {
            trouble(outcome, OP_BUS_STUCK, device_->manager().stuck());
        } else if (r.status == Status::Violation) {
            trouble(outcome, OP_BUS_VIOLATION, device_->manager().violation());
        } else if (outcome.bus == QOSIM_BUS_OK) {
            outcome.bus = bus_of(r.status);
        }
        if (op.kind == OP_READ) {
            outcome.data |= static_cast<uint64_t>(r.value()) << (8 * done);
        }
    }
}

// What is shorter than a clock is nothing to hardware, so a line changes once a clock at most.
void RtlRunner::wait_for_phase(const Op &op)
{
    const bool high = op.phase < OP_PHASES / 2;

    if ((changed_ >> op.line & 1) || (high && !high_)) {
        clock();
    }
    if (!high && high_) {
        set_clock(false);
    }
}

void RtlRunner::change(const Op &op)
{
    wait_for_phase(op);
    if (op.kind == OP_LINE) {
        device_->set_line(op.line, op.level);
    } else {
        device_->set_input(op.list, op.line, op.level != 0);
    }
    evaluate();
    changed_ |= UINT32_C(1) << op.line;
    clocks_ = 0;
}

static bool same(const Levels &a, const Levels &b)
{
    return a.irq == b.irq && a.out == b.out && a.driven == b.driven;
}

// Where only what is done to it makes a device do something, time alone changes nothing.
void RtlRunner::advance(const Op &op, Outcome &outcome)
{
    const Levels before = device_->levels();
    const bool is_still = !options_.timed && !unsettled_;
    const uint64_t clocks = clocks_of(op);

    device_->set_passing(true);
    for (uint64_t done = 0; done < clocks; done++) {
        clock();
        if (is_still && !same(before, device_->levels())) {
            trouble(outcome, OP_BUS_VIOLATION,
                    "a line changes " + std::to_string(done + 1) +
                        " clocks into a time in which nothing is asked of it");
            break;
        }
    }
    device_->set_passing(false);
}

void RtlRunner::reset(const Op &op)
{
    if (op.phase > 0) {
        device_->manager().submit(Request::store(4u * op.phase, 4, UINT32_MAX));
        for (unsigned n = op.phase; n > 0; n--) {
            clock();
        }
    }
    device_->manager().reset();
    in_reset_ = true;
    device_->set_reset(true);
    for (unsigned n = reset_clocks; n > 0; n--) {
        clock();
    }
    set_clock(false);
    in_reset_ = false;
    device_->set_reset(false);
    evaluate();
}

void RtlRunner::check_level(Outcome &outcome, const char *what, uint32_t &level, uint32_t now,
                            unsigned clocks, unsigned allowed)
{
    if (clocks > allowed && level != now) {
        trouble(outcome, OP_BUS_VIOLATION,
                std::string(what) + " changes " + std::to_string(clocks) +
                    (clocks == 1 ? " clock" : " clocks") + " after the operation, " +
                    std::to_string(allowed) + " are allowed");
    }
    if (clocks <= allowed) {
        level = now;
    }
}

// Levels count as they are when their time is over, and stay so.
void RtlRunner::settle(Outcome &outcome)
{
    const RtlLatency &l = options_.latency;

    for (unsigned n = 0;; n++) {
        const Levels now = device_->levels();

        check_level(outcome, "an interrupt", outcome.levels.irq, now.irq, n, l.irq);
        check_level(outcome, "an output", outcome.levels.out, now.out, n, l.out);
        check_level(outcome, "an output's driver", outcome.levels.driven, now.driven, n, l.driven);
        if (n == settle_clocks_) {
            return;
        }
        clock();
    }
}

void RtlRunner::watch_interrupts()
{
    const uint32_t now = device_->levels().irq, changed = now ^ irq_;

    if (changed != 0 && irq_changed_ == 0) {
        clocks_to_irq_ = clocks_;
    }
    irq_changed_twice_ |= changed & irq_changed_;
    irq_changed_ |= changed;
    irq_ = now;
}

// Of an operation that began and ended settled.
void RtlRunner::check_interrupts(const Op &op, Outcome &outcome)
{
    const bool is_line = op.kind == OP_LINE || op.kind == OP_INPUT;
    const bool is_access = (op.kind == OP_READ || op.kind == OP_WRITE) && op.size <= 4;

    if (is_line && irq_changed_ != 0 && clocks_to_irq_ < options_.earliest_irq) {
        trouble(outcome, OP_BUS_VIOLATION,
                "an interrupt changes " + std::to_string(clocks_to_irq_) +
                    " clocks after a line, " + std::to_string(options_.earliest_irq) +
                    " are what the way takes");
    }
    if (options_.steady_irq && (is_line || is_access) && irq_changed_twice_ != 0) {
        trouble(outcome, OP_BUS_VIOLATION, "an interrupt comes and goes within one operation");
    }
}

static uint64_t mixed(uint64_t state, uint64_t value)
{
    state = (state ^ value) * UINT64_C(0xff51afd7ed558ccd);
    return state ^ state >> 32;
}

// What is random about an operation is a matter of that operation alone, and stays when others are taken away.
static uint32_t seed_of(const Op &op)
{
    uint64_t seed = 1;

    for (const uint64_t member :
         { uint64_t{ op.kind }, uint64_t{ op.size }, uint64_t{ op.line },
           static_cast<uint64_t>(op.level), uint64_t{ op.list }, uint64_t{ op.phase },
           uint64_t{ op.unsettled }, uint64_t{ op.by_strobes }, uint64_t{ op.strobes },
           uint64_t{ op.offset }, op.value }) {
        seed = mixed(seed, member);
    }
    return static_cast<uint32_t>(seed);
}

void RtlRunner::execute(const Op &op, Outcome &outcome)
{
    device_->set_operation(operation_);
    device_->manager().seed(seed_of(op));
    irq_changed_ = irq_changed_twice_ = clocks_ = 0;
    if (op.kind == OP_READ || op.kind == OP_WRITE) {
        access(op, outcome);
    } else if (op.kind == OP_RESET) {
        reset(op);
    } else if (op.kind == OP_ADVANCE) {
        advance(op, outcome);
    } else {
        change(op);
    }
}

Outcome RtlRunner::run(const Op &op)
{
    Outcome outcome = {};
    std::string rule;
    bool is_alone = false;

    outcome.bus = QOSIM_BUS_OK;
    if (unsettled_ && !op_may_be_unsettled(&op)) {
        Outcome ignored = {};

        settle(ignored);
        unsettled_ = false;
    }
    is_alone = !unsettled_ && !op.unsettled;
    execute(op, outcome);
    unsettled_ = op.unsettled;
    if (unsettled_) {
        outcome.levels = device_->levels();
    } else {
        settle(outcome);
    }
    if (is_alone) {
        check_interrupts(op, outcome);
    }
    rule = device_->take_broken_rule();
    if (!rule.empty()) {
        trouble(outcome, OP_BUS_VIOLATION, "the rule " + rule + " of the bus is broken");
    }
    operation_++;
    return outcome;
}

} // namespace qosim::regress
