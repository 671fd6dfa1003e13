/* APB manager (AMBA APB, 4 with PSTRB): one access at a time. */
#ifndef QOSIM_COSIM_BFM_APB_MANAGER_H
#define QOSIM_COSIM_BFM_APB_MANAGER_H

#include "cosim/bfm/bus_manager.h"

namespace qosim::bfm
{

struct ApbPorts {
    uint8_t *psel;
    uint8_t *penable;
    uint8_t *pwrite;
    uint32_t *paddr;
    uint32_t *pwdata;
    uint8_t *pstrb;
    const uint8_t *pready;
    const uint32_t *prdata;
    const uint8_t *pslverr;
};

class ApbManager final : public BusManager
{
  public:
    ApbManager(const ApbPorts &ports, const Timing &timing, uint32_t seed);
    const char *name() const override
    {
        return "APB";
    }

  private:
    enum class Phase { Idle, Setup, Access };

    void put() override;
    void look() override;
    void release() override;

    ApbPorts p_;
    Phase phase_ = Phase::Idle;
    Operation now_ = {};
};

} // namespace qosim::bfm

#endif
