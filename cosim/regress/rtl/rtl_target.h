/* The target rtl: of a regression: any RtlDevice. */
#ifndef QOSIM_COSIM_REGRESS_RTL_RTL_TARGET_H
#define QOSIM_COSIM_REGRESS_RTL_RTL_TARGET_H

#include <functional>
#include <memory>
#include <string>

#include "cosim/regress/rtl/rtl_device.h"
#include "cosim/regress/rtl/rtl_words.h"
#include "cosim/regress/target.h"

namespace qosim::regress
{

/*
 * Clocks after an operation's last one (its answer on the bus, or the change of a line) in which what it leads to may still show, by what it
 * shows in. From then on it must stay: a later change is a broken rule. @data is how long the next access waits.
 */
struct RtlLatency {
    unsigned irq, out, driven, data;
};

struct RtlOptions {
    RtlLatency latency = { 4, 4, 4, 4 };
    unsigned limit = 1000;   // clocks that a handshake may take before the bus counts as stuck
    unsigned period_ns = 10; // of the clock: what advance makes of its ns
    // Lines may change by themselves while time passes: the device counts it
    bool timed = false;
    // Clocks after the change of a line before which no interrupt may change: an input that goes round its synchroniser is found so
    unsigned earliest_irq = 0;
    // An interrupt that changes twice within one access of a register, or after one change of a line, is a broken rule, too
    bool steady_irq = false;
    // 0: as many as the regression's device
    unsigned n_lines = 0;
    // OpFeature
    unsigned takes = OP_TAKES_STROBES;
    // What the summary tells of it besides latencies: "AXI4-Lite, 32 pins"
    std::string about;
};

using RtlMaker = std::function<std::unique_ptr<RtlDevice>()>;

/*
 * A target that runs what @make makes, and makes it anew for a restart. @words may have irq=, out=, driven=, data=, limit= and period=, which
 * go before @options; words that nobody took are REGRESS_ERROR_USAGE, and then the result is NULL.
 */
Target *rtl_target_new(const char *name, const RegressDevice *device, const RtlMaker &make,
                       RtlOptions options, RtlWords &words, GError **error);

} // namespace qosim::regress

#endif
