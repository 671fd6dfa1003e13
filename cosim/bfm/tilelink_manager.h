/* TileLink Uncached Lightweight client (SiFive TileLink 1.8, chapter 6): Get, PutFullData, PutPartialData. */
#ifndef QOSIM_COSIM_BFM_TILELINK_MANAGER_H
#define QOSIM_COSIM_BFM_TILELINK_MANAGER_H

#include "cosim/bfm/bus_manager.h"

namespace qosim::bfm
{

// Data is 4 bytes wide.
struct TileLinkPorts {
    uint8_t *a_valid;
    const uint8_t *a_ready;
    uint8_t *a_opcode;
    uint8_t *a_param;
    uint8_t *a_size;
    uint8_t *a_source;
    uint32_t *a_address;
    uint8_t *a_mask;
    uint32_t *a_data;
    uint8_t *a_corrupt;
    const uint8_t *d_valid;
    uint8_t *d_ready;
    const uint8_t *d_opcode;
    const uint8_t *d_size;
    const uint8_t *d_source;
    const uint8_t *d_denied;
    const uint32_t *d_data;
    const uint8_t *d_corrupt;
};

// Requests that are on the way at a time have sources 0 to TileLinkManager::sources - 1; answers may come in any order.
class TileLinkManager final : public BusManager
{
  public:
    static constexpr unsigned sources = 16;

    TileLinkManager(const TileLinkPorts &ports, const Timing &timing, uint32_t seed);
    const char *name() const override
    {
        return "TileLink-UL";
    }

  private:
    // How a request looks on channel A.
    struct Message {
        uint8_t opcode, size, mask;
        uint32_t address;
    };
    struct Slot {
        bool busy; // from the cycle in which channel A announces it
        bool sent;
        Operation operation;
        Message message;
    };

    void put() override;
    void look() override;
    void release() override;
    void put_noise();
    void choose_source();
    void look_answer();
    Status check_answer(const Slot &slot);
    static Message message_of(const Request &request);

    TileLinkPorts p_;
    std::array<Slot, sources> slots_ = {};
    unsigned now_ = 0; // source on channel A
    bool up_ = false;
};

} // namespace qosim::bfm

#endif
