#include "cosim/bfm/wishbone_manager.h"

namespace qosim::bfm
{

WishboneManager::WishboneManager(const WishbonePorts &ports, const Timing &timing, uint32_t seed)
    : BusManager(timing, seed), p_(ports)
{
    release();
}

void WishboneManager::release()
{
    waiting_.clear();
    up_ = false;
    *p_.cyc = *p_.stb = 0;
}

void WishboneManager::put()
{
    if (!up_ && may_start() && valid_now()) {
        now_ = start();
        up_ = true;
    }
    const Request &r = now_.request;

    *p_.cyc = up_ || !waiting_.empty();
    *p_.stb = up_;
    *p_.we = up_ ? r.write : random() & 1;
    *p_.adr = up_ ? r.address & ~3u : random();
    *p_.dat_w = up_ && r.write ? r.data : random();
    *p_.sel = up_ ? r.strobes : random() & 0xf;
    if (up_ && !r.write) {
        *p_.dat_w = 0;
    }
}

void WishboneManager::look()
{
    wait(1, !waiting_.empty() && !(*p_.ack || *p_.err || (p_.rty && *p_.rty)),
         "a request was taken, no ACK, ERR or RTY");
    wait(0, up_ && *p_.stall, "STB is up, STALL does not go down");
    if (!stuck().empty()) {
        return;
    }
    const bool taken = up_ && !*p_.stall;

    // An answer may come as early as in the cycle that takes the request.
    if (taken) {
        waiting_.push_back(now_);
        up_ = false;
    }
    look_answer();
}

void WishboneManager::look_answer()
{
    const int ack = *p_.ack, err = *p_.err, rty = p_.rty ? *p_.rty : 0;
    Status status = err ? Status::Error : rty ? Status::Retry : Status::Okay;

    if (ack + err + rty == 0 || !*p_.cyc) {
        return;
    }
    if (waiting_.empty()) {
        violate("an answer that nobody waits for");
        return;
    }
    if (ack + err + rty > 1) {
        violate("more than one of ACK, ERR and RTY");
        status = Status::Violation;
    }
    finish(waiting_.front(), status, waiting_.front().request.write ? 0 : *p_.dat_r);
    waiting_.pop_front();
}

} // namespace qosim::bfm
