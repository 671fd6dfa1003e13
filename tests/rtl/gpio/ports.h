/* The ports of gpio_bench and bfm_bench, which have the same names, as the bus drivers want them. */
#ifndef TESTS_RTL_GPIO_PORTS_H
#define TESTS_RTL_GPIO_PORTS_H

#include <memory>

#include "cosim/bfm/apb_manager.h"
#include "cosim/bfm/axil_manager.h"
#include "cosim/bfm/tilelink_manager.h"
#include "cosim/bfm/wishbone_manager.h"

template <typename Top> qosim::bfm::AxilPorts axil_ports(Top &t)
{
    return { &t.axil_awvalid, &t.axil_awready, &t.axil_awaddr, &t.axil_wvalid, &t.axil_wready,
             &t.axil_wdata,   &t.axil_wstrb,   &t.axil_bvalid, &t.axil_bready, &t.axil_bresp,
             &t.axil_arvalid, &t.axil_arready, &t.axil_araddr, &t.axil_rvalid, &t.axil_rready,
             &t.axil_rdata,   &t.axil_rresp };
}

template <typename Top> qosim::bfm::ApbPorts apb_ports(Top &t)
{
    return { &t.apb_psel,  &t.apb_penable, &t.apb_pwrite, &t.apb_paddr,  &t.apb_pwdata,
             &t.apb_pstrb, &t.apb_pready,  &t.apb_prdata, &t.apb_pslverr };
}

template <typename Top> qosim::bfm::WishbonePorts wb_ports(Top &t)
{
    return { &t.wb_cyc, &t.wb_stb, &t.wb_stall, &t.wb_we,  &t.wb_adr,  &t.wb_dat_w,
             &t.wb_sel, &t.wb_ack, &t.wb_err,   &t.wb_rty, &t.wb_dat_r };
}

template <typename Top> qosim::bfm::TileLinkPorts tl_ports(Top &t)
{
    return { &t.tl_a_valid,  &t.tl_a_ready,   &t.tl_a_opcode, &t.tl_a_param, &t.tl_a_size,
             &t.tl_a_source, &t.tl_a_address, &t.tl_a_mask,   &t.tl_a_data,  &t.tl_a_corrupt,
             &t.tl_d_valid,  &t.tl_d_ready,   &t.tl_d_opcode, &t.tl_d_size,  &t.tl_d_source,
             &t.tl_d_denied, &t.tl_d_data,    &t.tl_d_corrupt };
}

// A driver for bus number @bus (0 AXI4-Lite, 1 APB, 2 Wishbone, 3 TileLink-UL).
template <typename Top>
std::unique_ptr<qosim::bfm::BusManager>
make_manager(Top &t, unsigned bus, const qosim::bfm::Timing &timing, uint32_t seed)
{
    using namespace qosim::bfm;

    switch (bus) {
    case 0:
        return std::make_unique<AxilManager>(axil_ports(t), timing, seed);
    case 1:
        return std::make_unique<ApbManager>(apb_ports(t), timing, seed);
    case 2:
        return std::make_unique<WishboneManager>(wb_ports(t), timing, seed);
    default:
        return std::make_unique<TileLinkManager>(tl_ports(t), timing, seed);
    }
}

#endif
