// The timer's RTL, Verilated, as a target: its ports, and nothing else.
#include "timer.h"

#include "Vtimer.h"
#include "cosim/bfm/apb_manager.h"
#include "cosim/regress/rtl/fst_file.h"
#include "cosim/regress/rtl/rtl_target.h"
#include "verilated.h"

using namespace qosim;

namespace
{

class TimerRtl final : public regress::RtlDevice
{
  public:
    TimerRtl()
    {
        context_.traceEverOn(true);
    }
    ~TimerRtl() override
    {
        trace_close();
        top_.final();
    }

    bfm::BusManager &manager() override
    {
        return manager_;
    }
    void set_clock(bool high) override
    {
        top_.clk_i = high;
    }
    void set_reset(bool active) override
    {
        top_.rst_ni = !active;
    }
    void set_line(unsigned /*line*/, int /*level*/) override
    {
    }
    void set_passing(bool passing) override
    {
        top_.tick_i = passing;
    }
    void evaluate() override
    {
        top_.eval();
    }
    Levels levels() const override
    {
        return { top_.irq_o, 0, 0 };
    }

    bool trace_open(const char *path) override
    {
        return trace_.open(top_, path);
    }
    void trace_sample(uint64_t time) override
    {
        trace_.sample(time);
    }
    bool trace_close() override
    {
        return trace_.close();
    }

  private:
    VerilatedContext context_;
    Vtimer top_{ &context_ };
    bfm::ApbManager manager_{ { &top_.psel_i, &top_.penable_i, &top_.pwrite_i, &top_.paddr_i,
                                &top_.pwdata_i, &top_.pstrb_i, &top_.pready_o, &top_.prdata_o,
                                &top_.pslverr_o },
                              bfm::Timing{},
                              1 };
    regress::FstFile trace_;
};

} // namespace

Target *timer_rtl_open(const char *name, const char *rest, const RegressDevice *device,
                       GError **error)
{
    regress::RtlWords words(rest);
    regress::RtlOptions options;

    options.latency = { 0, 0, 0, 0 }; // what an access does shows with its answer
    options.period_ns = TIMER_TICK_NS;
    options.timed = true; // the interrupt comes by itself
    options.about = "APB";
    return regress::rtl_target_new(
        name, device, [] { return std::make_unique<TimerRtl>(); }, options, words, error);
}
