#include "cosim/bfm/apb_manager.h"

namespace qosim::bfm
{

ApbManager::ApbManager(const ApbPorts &ports, const Timing &timing, uint32_t seed)
    : BusManager(timing, seed), p_(ports)
{
    release();
}

void ApbManager::release()
{
    phase_ = Phase::Idle;
    *p_.psel = *p_.penable = 0;
}

void ApbManager::put()
{
    if (phase_ == Phase::Setup) {
        phase_ = Phase::Access;
    } else if (phase_ == Phase::Idle && may_start() && valid_now()) {
        now_ = start();
        phase_ = Phase::Setup;
    }
    const bool selected = phase_ != Phase::Idle;
    const Request &r = now_.request;

    *p_.psel = selected;
    *p_.penable = phase_ == Phase::Access;
    *p_.pwrite = selected ? r.write : random() & 1;
    // The bus addresses words; strobes are low while reading.
    *p_.paddr = selected ? r.address & ~3u : random();
    *p_.pwdata = selected && r.write ? r.data : selected ? 0 : random();
    *p_.pstrb = !selected ? random() & 0xf : r.write ? r.strobes : 0;
}

void ApbManager::look()
{
    const bool access = phase_ == Phase::Access;

    wait(0, access && !*p_.pready, "PENABLE is up, no PREADY");
    if (access && *p_.pready && stuck().empty()) {
        finish(now_, *p_.pslverr ? Status::Error : Status::Okay,
               now_.request.write ? 0 : *p_.prdata);
        phase_ = Phase::Idle;
    }
}

} // namespace qosim::bfm
