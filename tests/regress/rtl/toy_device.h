/*
 * A device in C++ that looks like a Verilated one, on an APB bus, with a bug or none:
 *
 *     0x00 data    what the two outputs show
 *     0x04 edges   rising edges of line 0 that the clock has seen; read only
 *     0x08 enable  of each line's interrupt
 *
 * A line reaches its interrupt two clocks after it changed.
 */
#ifndef QOSIM_TESTS_REGRESS_RTL_TOY_DEVICE_H
#define QOSIM_TESTS_REGRESS_RTL_TOY_DEVICE_H

#include "cosim/bfm/apb_manager.h"
#include "cosim/regress/device.h"
#include "cosim/regress/rtl/rtl_device.h"

constexpr unsigned toy_latency = 2;

extern const RegressDevice toy_regress;

enum class Bug {
    None,
    Deadlock,     // no PREADY after a write of data's bit 7
    LateLine,     // the interrupt comes one clock later
    OutputGlitch, // an output goes up again for a clock, some time after data's bit 0 was cleared
    ByItself,     // the interrupt of line 1 falls when it was up for 20 clocks
    Rule,         // the checker finds a rule broken by each read of edges
    SlaveError,   // writes of edges are refused
};

class ToyDevice final : public qosim::regress::RtlDevice
{
  public:
    explicit ToyDevice(Bug bug) : bug_(bug)
    {
    }

    qosim::bfm::BusManager &manager() override
    {
        return manager_;
    }
    void set_clock(bool high) override
    {
        clock_ = high;
    }
    void set_reset(bool active) override
    {
        in_reset_ = active;
    }
    void set_line(unsigned line, int level) override
    {
        lines_ = level > 0 ? lines_ | 1u << line : lines_ & ~(1u << line);
    }
    void set_operation(uint64_t number) override
    {
        operation_ = number;
    }
    void evaluate() override;
    Levels levels() const override;
    std::string take_broken_rule() override;
    std::vector<qosim::regress::RtlSignal> signals() const override
    {
        return { { "psel", &psel_, nullptr }, { "paddr", nullptr, &paddr_ } };
    }

  private:
    void edge();
    void access();

    Bug bug_;
    uint8_t psel_ = 0, penable_ = 0, pwrite_ = 0, pstrb_ = 0, pready_ = 1, pslverr_ = 0;
    uint32_t paddr_ = 0, pwdata_ = 0, prdata_ = 0;
    qosim::bfm::ApbManager manager_{ { &psel_, &penable_, &pwrite_, &paddr_, &pwdata_, &pstrb_,
                                       &pready_, &prdata_, &pslverr_ },
                                     {},
                                     1 };
    bool clock_ = false, was_high_ = false, in_reset_ = false, is_dead_ = false;
    uint32_t lines_ = 0, stage_[3] = {}, data_ = 0, edges_ = 0, enable_ = 0;
    unsigned glitch_ = 0, up_ = 0;
    uint64_t operation_ = 0;
    std::string rule_;
};

#endif
