/* The ports of benches that name them by bus (axil_awvalid, apb_psel, wb_cyc, tl_a_valid and so on), as the bus drivers want them. */
#ifndef QOSIM_COSIM_BFM_PORTS_H
#define QOSIM_COSIM_BFM_PORTS_H

#include <memory>

#include "cosim/bfm/apb_manager.h"
#include "cosim/bfm/axil_manager.h"
#include "cosim/bfm/tilelink_manager.h"
#include "cosim/bfm/wishbone_manager.h"

namespace qosim::bfm
{

template <typename Top> AxilPorts axil_ports(Top &t)
{
    return { &t.axil_awvalid, &t.axil_awready, &t.axil_awaddr, &t.axil_wvalid, &t.axil_wready,
             &t.axil_wdata,   &t.axil_wstrb,   &t.axil_bvalid, &t.axil_bready, &t.axil_bresp,
             &t.axil_arvalid, &t.axil_arready, &t.axil_araddr, &t.axil_rvalid, &t.axil_rready,
             &t.axil_rdata,   &t.axil_rresp };
}

template <typename Top> ApbPorts apb_ports(Top &t)
{
    return { &t.apb_psel,  &t.apb_penable, &t.apb_pwrite, &t.apb_paddr,  &t.apb_pwdata,
             &t.apb_pstrb, &t.apb_pready,  &t.apb_prdata, &t.apb_pslverr };
}

template <typename Top> WishbonePorts wb_ports(Top &t)
{
    return { &t.wb_cyc, &t.wb_stb, &t.wb_stall, &t.wb_we,  &t.wb_adr,  &t.wb_dat_w,
             &t.wb_sel, &t.wb_ack, &t.wb_err,   &t.wb_rty, &t.wb_dat_r };
}

template <typename Top> TileLinkPorts tl_ports(Top &t)
{
    return { &t.tl_a_valid,  &t.tl_a_ready,   &t.tl_a_opcode, &t.tl_a_param, &t.tl_a_size,
             &t.tl_a_source, &t.tl_a_address, &t.tl_a_mask,   &t.tl_a_data,  &t.tl_a_corrupt,
             &t.tl_d_valid,  &t.tl_d_ready,   &t.tl_d_opcode, &t.tl_d_size,  &t.tl_d_source,
             &t.tl_d_denied, &t.tl_d_data,    &t.tl_d_corrupt };
}

// A driver for bus number @bus (0 AXI4-Lite, 1 APB, 2 Wishbone, 3 TileLink-UL).
template <typename Top>
std::unique_ptr<BusManager> make_manager(Top &t, unsigned bus, const Timing &timing, uint32_t seed)
{
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

} // namespace qosim::bfm

#endif
