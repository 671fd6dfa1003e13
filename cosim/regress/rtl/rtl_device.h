/*
 * A Verilated design on its bench, as the regression wants it: a clock, a reset, a bus driver (cosim/bfm) and the lines outside. Whoever has
 * RTL of their own derives from RtlDevice and hands a maker of it to rtl_target_new() (rtl_target.h); cosim/regress/rtl/gpio_rtl.h is an
 * example.
 */
#ifndef QOSIM_COSIM_REGRESS_RTL_RTL_DEVICE_H
#define QOSIM_COSIM_REGRESS_RTL_RTL_DEVICE_H

#include <cstdint>
#include <string>
#include <vector>

#include "cosim/bfm/bus_manager.h"
#include "cosim/regress/op.h"

namespace qosim::regress
{

// A port for pictures of waveforms: one of both pointers, the other is NULL. They are valid as long as the device.
struct RtlSignal {
    const char *name;
    const uint8_t *bit;
    const uint32_t *word;
};

class RtlDevice
{
  public:
    virtual ~RtlDevice() = default;

    // The driver of the bus that the target was asked for. Drivers of other buses are the device's own business: they idle.
    virtual bfm::BusManager &manager() = 0;

    // Inputs; they take effect with the next evaluate().
    virtual void set_clock(bool high) = 0;
    virtual void set_reset(bool active) = 0;
    // @level: 0, 1 or OP_RELEASED
    virtual void set_line(unsigned line, int level) = 0;
    // Line @line of the regression device's list of inputs number @list.
    virtual void set_input(unsigned list, unsigned line, bool level)
    {
        (void)list, (void)line, (void)level;
    }
    // The operation that goes on, for waveforms; UINT64_MAX: none of the sequence.
    virtual void set_operation(uint64_t number)
    {
        (void)number;
    }
    // Time passes (OP_ADVANCE), or clocks do that an access or settling takes. For designs that are to count only the former.
    virtual void set_passing(bool passing)
    {
        (void)passing;
    }
    virtual void evaluate() = 0;

    // As they are after the last evaluate().
    virtual Levels levels() const = 0;

    // The first rule that a checker on the bench found broken since the last call; "" if none. rtl_rules.h collects what DPI functions tell.
    virtual std::string take_broken_rule()
    {
        return "";
    }

    // The signals of the bus, for the picture of the last clocks in a report.
    virtual std::vector<RtlSignal> signals() const
    {
        return {};
    }
    // Waveforms: a file is open, or it is not; @time in ps. trace_close() may be called without one.
    virtual bool trace_open(const char *path)
    {
        (void)path;
        return false;
    }
    virtual void trace_sample(uint64_t time)
    {
        (void)time;
    }
    // False when the file is not complete; fst_file.h finds that out.
    virtual bool trace_close()
    {
        return true;
    }
};

} // namespace qosim::regress

#endif
