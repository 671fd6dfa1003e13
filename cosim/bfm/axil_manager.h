/* AXI4-Lite manager (AMBA AXI, B1): five channels that do not wait for each other. */
#ifndef QOSIM_COSIM_BFM_AXIL_MANAGER_H
#define QOSIM_COSIM_BFM_AXIL_MANAGER_H

#include "cosim/bfm/bus_manager.h"

namespace qosim::bfm
{

// Ports of the design, as seen from it; 32-bit data.
struct AxilPorts {
    uint8_t *awvalid;
    const uint8_t *awready;
    uint32_t *awaddr;
    uint8_t *wvalid;
    const uint8_t *wready;
    uint32_t *wdata;
    uint8_t *wstrb;
    const uint8_t *bvalid;
    uint8_t *bready;
    const uint8_t *bresp;
    uint8_t *arvalid;
    const uint8_t *arready;
    uint32_t *araddr;
    const uint8_t *rvalid;
    uint8_t *rready;
    const uint32_t *rdata;
    const uint8_t *rresp;
};

// A write's address and data are raised each in its own time, in either order. With more than one request outstanding reads
// and writes may overtake each other, as on any AXI bus.
class AxilManager final : public BusManager
{
  public:
    AxilManager(const AxilPorts &ports, const Timing &timing, uint32_t seed);
    const char *name() const override
    {
        return "AXI4-Lite";
    }

  private:
    void put() override;
    void look() override;
    void release() override;
    void put_payload();
    void look_requests();
    void look_answers();
    Status status_of(unsigned resp);

    AxilPorts p_;
    std::deque<Operation> aw_, w_, b_, ar_, r_; // what waits for each channel
    bool aw_up_ = false, w_up_ = false, ar_up_ = false;
    unsigned aw_taken_ = 0, w_taken_ = 0, ar_taken_ = 0; // and not answered
};

} // namespace qosim::bfm

#endif
