#include "cosim/regress/rtl/gpio_target.h"

#include "Vgpio_16_0.h"
#include "Vgpio_32_3.h"
#include "cosim/regress/error.h"
#include "cosim/regress/rtl/gpio_rtl.h"
#include "cosim/regress/rtl/rtl_target.h"

using namespace qosim::regress;

extern "C" const char gpio_rtl_help[] = "BUS[,KEY=N…]\tthe RTL on axil, apb, wishbone or tilelink; "
                                        "keys: pins and stages (32 and 3, or 16 "
                                        "and 0), limit, period, irq, out, driven, data";

namespace
{

const struct {
    const char *word, *name;
} buses[] = {
    { "axil", "AXI4-Lite" },
    { "apb", "APB" },
    { "wishbone", "Wishbone" },
    { "tilelink", "TileLink-UL" },
};

template <class Top> std::unique_ptr<RtlDevice> make(unsigned bus)
{
    return std::make_unique<GpioRtl<Top>>(bus);
}

// What has been Verilated.
const struct {
    unsigned pins, stages;
    std::unique_ptr<RtlDevice> (*make)(unsigned bus);
} shapes[] = {
    { 32, 3, make<Vgpio_32_3> },
    { 16, 0, make<Vgpio_16_0> },
};

} // namespace

Target *gpio_rtl_open(const char *name, const char *rest, const RegressDevice *device,
                      GError **error)
{
    RtlWords words(rest);
    RtlOptions options;
    const unsigned pins = words.take("pins", 1, 32, 32);
    const unsigned stages = words.take("stages", 0, 3, pins == 16 ? 0 : 3);
    unsigned bus = 0;

    while (bus < G_N_ELEMENTS(buses) && words.first() != buses[bus].word) {
        bus++;
    }
    if (bus == G_N_ELEMENTS(buses)) {
        regress_usage(error, "%s: the bus is axil, apb, wishbone or tilelink, not \"%s\"", name,
                      words.first().c_str());
        return nullptr;
    }
    // From the pad through the synchroniser to input_val and on to the level's pending bit; outputs follow their registers at once.
    options.latency = { stages + 2, 0, 0, stages + 2 };
    options.earliest_irq = stages + 1; // edges; levels come one clock later
    options.steady_irq = true;
    options.n_lines = pins;
    options.takes = OP_TAKES_ALL;
    options.about = std::string(buses[bus].name) + ", " + std::to_string(pins) + " pins, " +
                    std::to_string(stages) + " synchroniser stages";
    for (const auto &shape : shapes) {
        if (shape.pins == pins && shape.stages == stages) {
            return rtl_target_new(
                name, device, [=] { return shape.make(bus); }, options, words, error);
        }
    }
    regress_usage(error, "%s: there is RTL with 32 pins and 3 stages, or with 16 and 0", name);
    return nullptr;
}
