/* Runs a regression's operations on an RtlDevice: clocks, accesses, settling, and what is wrong meanwhile. */
#ifndef QOSIM_COSIM_REGRESS_RTL_RTL_RUNNER_H
#define QOSIM_COSIM_REGRESS_RTL_RTL_RUNNER_H

#include <memory>
#include <string>

#include "cosim/regress/report/wave.h"
#include "cosim/regress/rtl/rtl_target.h"

namespace qosim::regress
{

class RtlRunner
{
  public:
    RtlRunner(const RtlMaker &make, const RtlOptions &options);

    // A new device, just started.
    void restart();
    // The next operation is number 0.
    void begin();
    Outcome run(const Op &op);
    // Clocks that an operation asks for (OP_ADVANCE); at most clocks_max can be had.
    uint64_t clocks_of(const Op &op) const;
    static constexpr uint64_t clocks_max = 10000000;

    // What the first OpBus since begin() was about; "" if there was none.
    const std::string &note() const
    {
        return note_;
    }
    // Samples each half clock from now on; NULL: no more.
    void watch(Wave *wave);
    RtlDevice &device()
    {
        return *device_;
    }
    const RtlOptions &options() const
    {
        return options_;
    }

  private:
    void evaluate();
    void sample();
    void clock();
    void set_clock(bool high);
    uint64_t time_ps() const;
    void execute(const Op &op, Outcome &outcome);
    void access(const Op &op, Outcome &outcome);
    bfm::Response transfer(const Op &op, const bfm::Request &request);
    void change(const Op &op);
    void wait_for_phase(const Op &op);
    void advance(const Op &op, Outcome &outcome);
    void reset(const Op &op);
    void settle(Outcome &outcome);
    void watch_interrupts();
    void check_interrupts(const Op &op, Outcome &outcome);
    void check_level(Outcome &outcome, const char *what, uint32_t &level, uint32_t now,
                     unsigned clocks, unsigned allowed);
    void trouble(Outcome &outcome, OpBus bus, const std::string &what);

    RtlMaker make_;
    RtlOptions options_;
    unsigned settle_clocks_;
    std::unique_ptr<RtlDevice> device_;
    std::function<void()> cycle_ = [this] { clock(); };
    std::string note_;
    Wave *wave_ = nullptr;
    std::vector<RtlSignal> signals_;
    std::vector<uint64_t> values_;
    uint64_t half_clocks_ = 0, operation_ = UINT64_MAX;
    uint32_t changed_ = 0; // lines that changed since the last active edge
    bool high_ = true;     // the clock

    bool in_reset_ = false;
    bool unsettled_ = false; // the last operation was

    // Interrupts since the operation began; clocks since then, or since its change of a line
    uint32_t irq_ = 0, irq_changed_ = 0, irq_changed_twice_ = 0;
    unsigned clocks_ = 0, clocks_to_irq_ = 0;
};

} // namespace qosim::regress

#endif
