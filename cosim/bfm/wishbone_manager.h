/* Wishbone B4 manager, pipelined mode. */
#ifndef QOSIM_COSIM_BFM_WISHBONE_MANAGER_H
#define QOSIM_COSIM_BFM_WISHBONE_MANAGER_H

#include "cosim/bfm/bus_manager.h"

namespace qosim::bfm
{

// @rty may be NULL: the design has none.
struct WishbonePorts {
    uint8_t *cyc;
    uint8_t *stb;
    const uint8_t *stall;
    uint8_t *we;
    uint32_t *adr;
    uint32_t *dat_w;
    uint8_t *sel;
    const uint8_t *ack;
    const uint8_t *err;
    const uint8_t *rty;
    const uint32_t *dat_r;
};

// CYC stays up from the first request to the last answer. The bus has no way to hold an answer up.
class WishboneManager final : public BusManager
{
  public:
    WishboneManager(const WishbonePorts &ports, const Timing &timing, uint32_t seed);
    const char *name() const override
    {
        return "Wishbone";
    }

  private:
    void put() override;
    void look() override;
    void release() override;
    void look_answer();

    WishbonePorts p_;
    std::deque<Operation> waiting_; // taken, to be answered
    Operation now_ = {};
    bool up_ = false;
};

} // namespace qosim::bfm

#endif
