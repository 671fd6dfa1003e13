/* The bench rtl/gpio/bench/gpio_bench.sv, Verilated as class Top in any shape, as a device of the regression. */
#ifndef QOSIM_COSIM_REGRESS_RTL_GPIO_RTL_H
#define QOSIM_COSIM_REGRESS_RTL_GPIO_RTL_H

#include <array>
#include <memory>
#include <string>

#include "cosim/bfm/ports.h"
#include "cosim/regress/rtl/fst_file.h"
#include "cosim/regress/rtl/rtl_device.h"
#include "cosim/regress/rtl/rtl_rules.h"
#include "verilated.h"
#if VM_COVERAGE
#include <cstdlib>
#include <unistd.h>

#include "verilated_cov.h"
#endif

namespace qosim::regress
{

template <class Top> class GpioRtl final : public RtlDevice
{
  public:
    // @bus: 0 AXI4-Lite, 1 APB, 2 Wishbone, 3 TileLink-UL
    explicit GpioRtl(unsigned bus)
    {
        context_->fatalOnError(false);
        context_->threads(1); // or it has a pool of them that is never used
        context_->traceEverOn(true);
#if VM_COVERAGE
        context_->randReset(0); // or what is constant would seem to toggle once
#else
        context_->randReset(2); // a register without reset shows
#endif
        context_->randSeed(1);
        top_ = std::make_unique<Top>(context_.get());
        top_->bus_i = static_cast<uint8_t>(bus);
        for (unsigned i = 0; i < managers_.size(); i++) {
            managers_[i] = bfm::make_manager(*top_, i, bfm::Timing{}, i);
        }
        manager_ = managers_[bus].get();
        top_->outside = top_->outside_en = 0;
        top_->iof0_oval = top_->iof0_oe = top_->iof0_ie = 0;
        top_->iof1_oval = top_->iof1_oe = top_->iof1_ie = 0;
    }
    ~GpioRtl() override
    {
        trace_close();
        top_->final();
        save_coverage();
    }

    bfm::BusManager &manager() override
    {
        return *manager_;
    }
    void set_clock(bool high) override
    {
        top_->clk_i = high;
    }
    void set_reset(bool active) override
    {
        top_->rst_ni = !active;
    }
    void set_line(unsigned line, int level) override
    {
        set_bit(top_->outside, line, level > 0);
        set_bit(top_->outside_en, line, level >= 0);
    }
    // In the order of the device's lists (cosim/regress/device_gpio.c).
    void set_input(unsigned list, unsigned line, bool level) override
    {
        IData *const ports[] = { &top_->iof0_oval, &top_->iof0_oe, &top_->iof0_ie,
                                 &top_->iof1_oval, &top_->iof1_oe, &top_->iof1_ie };

        set_bit(*ports[list], line, level);
    }
    void set_operation(uint64_t number) override
    {
        top_->op_id_i = number;
    }
    void evaluate() override
    {
        top_->eval();
    }
    Levels levels() const override
    {
        return { top_->irq, top_->pad & top_->pad_oe, top_->pad_oe };
    }
    std::string take_broken_rule() override
    {
        return rtl_take_broken_rule();
    }

    std::vector<RtlSignal> signals() const override
    {
        const Top &t = *top_;

        switch (t.bus_i) {
        case 0:
            return {
                { "awvalid", &t.axil_awvalid, nullptr }, { "awready", &t.axil_awready, nullptr },
                { "awaddr", nullptr, &t.axil_awaddr },   { "wvalid", &t.axil_wvalid, nullptr },
                { "wready", &t.axil_wready, nullptr },   { "wdata", nullptr, &t.axil_wdata },
                { "bvalid", &t.axil_bvalid, nullptr },   { "bready", &t.axil_bready, nullptr },
                { "arvalid", &t.axil_arvalid, nullptr }, { "arready", &t.axil_arready, nullptr },
                { "araddr", nullptr, &t.axil_araddr },   { "rvalid", &t.axil_rvalid, nullptr },
                { "rready", &t.axil_rready, nullptr },   { "rdata", nullptr, &t.axil_rdata }
            };
        case 1:
            return { { "psel", &t.apb_psel, nullptr },     { "penable", &t.apb_penable, nullptr },
                     { "pwrite", &t.apb_pwrite, nullptr }, { "paddr", nullptr, &t.apb_paddr },
                     { "pwdata", nullptr, &t.apb_pwdata }, { "pready", &t.apb_pready, nullptr },
                     { "prdata", nullptr, &t.apb_prdata }, { "pslverr", &t.apb_pslverr, nullptr } };
        case 2:
            return { { "cyc", &t.wb_cyc, nullptr },     { "stb", &t.wb_stb, nullptr },
                     { "stall", &t.wb_stall, nullptr }, { "we", &t.wb_we, nullptr },
                     { "adr", nullptr, &t.wb_adr },     { "dat_w", nullptr, &t.wb_dat_w },
                     { "ack", &t.wb_ack, nullptr },     { "err", &t.wb_err, nullptr },
                     { "dat_r", nullptr, &t.wb_dat_r } };
        default:
            return {
                { "a_valid", &t.tl_a_valid, nullptr },     { "a_ready", &t.tl_a_ready, nullptr },
                { "a_address", nullptr, &t.tl_a_address }, { "a_data", nullptr, &t.tl_a_data },
                { "d_valid", &t.tl_d_valid, nullptr },     { "d_ready", &t.tl_d_ready, nullptr },
                { "d_denied", &t.tl_d_denied, nullptr },   { "d_data", nullptr, &t.tl_d_data }
            };
        }
    }
    bool trace_open(const char *path) override
    {
        return trace_.open(*top_, path);
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
    static void set_bit(IData &word, unsigned bit, bool set)
    {
        word = set ? word | (1u << bit) : word & ~(1u << bit);
    }

    /*
     * RTL that counts which of its lines and toggles it went through (rtl/gpio/coverage) leaves the counts of each instance in a file
     * in the folder that the environment tells, for verilator_coverage.
     */
    void save_coverage()
    {
#if VM_COVERAGE
        static unsigned n = 0;
        const char *folder = std::getenv("QOSIM_RTL_COVERAGE");

        if (folder) {
            const std::string name = std::to_string(getpid()) + "-" + std::to_string(n++) + ".dat";

            context_->coveragep()->write((std::string(folder) + "/" + name).c_str());
        }
#endif
    }

    std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
    std::unique_ptr<Top> top_;
    std::array<std::unique_ptr<bfm::BusManager>, 4> managers_;
    bfm::BusManager *manager_ = nullptr;
    FstFile trace_;
};

} // namespace qosim::regress

#endif
