#include "cosim/bfm/axil_manager.h"

#include <algorithm>

namespace qosim::bfm
{

enum Handshake { AwHandshake, WHandshake, BHandshake, ArHandshake, RHandshake };

AxilManager::AxilManager(const AxilPorts &ports, const Timing &timing, uint32_t seed)
    : BusManager(timing, seed), p_(ports)
{
    release();
}

void AxilManager::release()
{
    for (auto *queue : { &aw_, &w_, &b_, &ar_, &r_ }) {
        queue->clear();
    }
    aw_up_ = w_up_ = ar_up_ = false;
    aw_taken_ = w_taken_ = ar_taken_ = 0;
    *p_.awvalid = *p_.wvalid = *p_.arvalid = *p_.bready = *p_.rready = 0;
}

void AxilManager::put()
{
    while (may_start()) {
        const Operation operation = start();

        if (operation.request.write) {
            aw_.push_back(operation);
            w_.push_back(operation);
            b_.push_back(operation);
        } else {
            ar_.push_back(operation);
            r_.push_back(operation);
        }
    }
    aw_up_ = aw_up_ || (!aw_.empty() && valid_now());
    w_up_ = w_up_ || (!w_.empty() && valid_now());
    ar_up_ = ar_up_ || (!ar_.empty() && valid_now());
    *p_.awvalid = aw_up_;
    *p_.wvalid = w_up_;
    *p_.arvalid = ar_up_;
    *p_.bready = ready_now();
    *p_.rready = ready_now();
    put_payload();
}

// Where nothing is announced there is noise, which the design must not mind.
void AxilManager::put_payload()
{
    *p_.awaddr = aw_up_ ? aw_.front().request.address : random();
    *p_.wdata = w_up_ ? w_.front().request.data : random();
    *p_.wstrb = w_up_ ? w_.front().request.strobes : static_cast<uint8_t>(random() & 0xf);
    *p_.araddr = ar_up_ ? ar_.front().request.address : random();
}

void AxilManager::look()
{
    // Answers first: one that comes in the cycle that takes its request is too early.
    look_answers();
    look_requests();
}

void AxilManager::look_requests()
{
    const bool aw = aw_up_ && *p_.awready, w = w_up_ && *p_.wready, ar = ar_up_ && *p_.arready;

    wait(AwHandshake, aw_up_ && !aw, "AWVALID is up, no AWREADY");
    wait(WHandshake, w_up_ && !w, "WVALID is up, no WREADY");
    wait(ArHandshake, ar_up_ && !ar, "ARVALID is up, no ARREADY");
    if (!stuck().empty()) {
        return;
    }
    if (aw) {
        aw_.pop_front();
        aw_up_ = false;
        aw_taken_++;
    }
    if (w) {
        w_.pop_front();
        w_up_ = false;
        w_taken_++;
    }
    if (ar) {
        ar_.pop_front();
        ar_up_ = false;
        ar_taken_++;
    }
}

Status AxilManager::status_of(unsigned resp)
{
    static constexpr Status by_resp[] = { Status::Okay, Status::Violation, Status::Error,
                                          Status::DecodeError };

    if (resp == 1) {
        violate("answered EXOKAY");
    }
    return by_resp[resp & 3];
}

void AxilManager::look_answers()
{
    const bool write_open = std::min(aw_taken_, w_taken_) > 0, read_open = ar_taken_ > 0;

    wait(BHandshake, write_open && !*p_.bvalid, "a write was taken, no BVALID");
    wait(RHandshake, read_open && !*p_.rvalid, "a read was taken, no RVALID");
    if (!stuck().empty()) {
        return;
    }
    if (*p_.bvalid && !write_open) {
        violate("BVALID without a write that was taken");
    } else if (*p_.bvalid && *p_.bready) {
        finish(b_.front(), status_of(*p_.bresp));
        b_.pop_front();
        aw_taken_--;
        w_taken_--;
    }
    if (*p_.rvalid && !read_open) {
        violate("RVALID without a read that was taken");
    } else if (*p_.rvalid && *p_.rready) {
        finish(r_.front(), status_of(*p_.rresp), *p_.rdata);
        r_.pop_front();
        ar_taken_--;
    }
}

} // namespace qosim::bfm
