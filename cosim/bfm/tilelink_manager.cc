#include "cosim/bfm/tilelink_manager.h"

#include <algorithm>

namespace qosim::bfm
{

enum Opcode : uint8_t {
    PutFullData = 0,
    PutPartialData = 1,
    Get = 4,
    AccessAck = 0,
    AccessAckData = 1,
};

TileLinkManager::TileLinkManager(const TileLinkPorts &ports, const Timing &timing, uint32_t seed)
    : BusManager(timing, seed), p_(ports)
{
    release();
}

void TileLinkManager::release()
{
    slots_ = {};
    up_ = false;
    *p_.a_valid = *p_.d_ready = 0;
}

// Lanes that a size covers whole go as PutFullData, all others as a part of the word.
TileLinkManager::Message TileLinkManager::message_of(const Request &r)
{
    const uint8_t size = r.size == 4 ? 2 : r.size == 2 ? 1 : 0;
    const uint8_t all = static_cast<uint8_t>(((1u << r.size) - 1) << (r.address & 3));

    if (!r.write) {
        return { Get, size, all, r.address };
    }
    if (r.strobes == all) {
        return { PutFullData, size, all, r.address };
    }
    return { PutPartialData, 2, r.strobes, r.address & ~3u };
}

void TileLinkManager::put_noise()
{
    *p_.a_opcode = random() & 7;
    *p_.a_param = random() & 7;
    *p_.a_size = random() & 3;
    *p_.a_source = random() % sources;
    *p_.a_address = random();
    *p_.a_mask = random() & 0xf;
    *p_.a_data = random();
    *p_.a_corrupt = random() & 1;
}

void TileLinkManager::choose_source()
{
    now_ = random() % sources;
    while (slots_[now_].busy) {
        now_ = (now_ + 1) % sources;
    }
}

void TileLinkManager::put()
{
    const bool free_slot =
        std::any_of(slots_.begin(), slots_.end(), [](const Slot &s) { return !s.busy; });

    if (!up_ && free_slot && may_start() && valid_now()) {
        choose_source();
        const Operation operation = start();
        slots_[now_] = { true, false, operation, message_of(operation.request) };
        up_ = true;
    }
    *p_.a_valid = up_;
    *p_.d_ready = ready_now();
    if (!up_) {
        put_noise();
        return;
    }
    const Slot &slot = slots_[now_];
    *p_.a_opcode = slot.message.opcode;
    *p_.a_param = 0;
    *p_.a_size = slot.message.size;
    *p_.a_source = static_cast<uint8_t>(now_);
    *p_.a_address = slot.message.address;
    *p_.a_mask = slot.message.mask;
    *p_.a_data = slot.operation.request.data;
    *p_.a_corrupt = 0;
}

void TileLinkManager::look()
{
    const bool waiting =
        std::any_of(slots_.begin(), slots_.end(), [](const Slot &s) { return s.sent; });

    wait(0, up_ && !*p_.a_ready, "A_VALID is up, no A_READY");
    wait(1, waiting && !*p_.d_valid, "a request was taken, no D_VALID");
    if (!stuck().empty()) {
        return;
    }
    // An answer may come as early as in the cycle that takes the request.
    if (up_ && *p_.a_ready) {
        slots_[now_].sent = true;
        up_ = false;
    }
    if (*p_.d_valid && *p_.d_ready) {
        look_answer();
    }
}

Status TileLinkManager::check_answer(const Slot &slot)
{
    const bool is_get = slot.message.opcode == Get;

    if (*p_.d_opcode != (is_get ? AccessAckData : AccessAck)) {
        violate("D_OPCODE does not fit the request");
        return Status::Violation;
    }
    if (*p_.d_size != slot.message.size) {
        violate("D_SIZE is not that of the request");
        return Status::Violation;
    }
    if (is_get && *p_.d_denied && !*p_.d_corrupt) {
        violate("data that is denied and not corrupt");
        return Status::Violation;
    }
    return *p_.d_denied || (is_get && *p_.d_corrupt) ? Status::Error : Status::Okay;
}

void TileLinkManager::look_answer()
{
    if (*p_.d_source >= sources || !slots_[*p_.d_source].sent) {
        violate("an answer to a source that waits for none");
        return;
    }
    Slot &slot = slots_[*p_.d_source];
    const Status status = check_answer(slot);

    finish(slot.operation, status, slot.operation.request.write ? 0 : *p_.d_data);
    slot.busy = slot.sent = false;
}

} // namespace qosim::bfm
