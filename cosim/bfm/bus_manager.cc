#include "cosim/bfm/bus_manager.h"

#include <algorithm>

namespace qosim::bfm
{

const char *status_name(Status status)
{
    switch (status) {
    case Status::Okay:
        return "okay";
    case Status::Error:
        return "error";
    case Status::DecodeError:
        return "decode error";
    case Status::Retry:
        return "retry";
    case Status::Violation:
        return "violation";
    case Status::Stuck:
        return "stuck";
    }
    return "?";
}

static uint8_t lanes_of(uint32_t address, unsigned size)
{
    return static_cast<uint8_t>(((1u << size) - 1) << (address & 3) & 0xf);
}

Request Request::read(uint32_t address, unsigned size)
{
    return { false, address, size, 0, lanes_of(address, size) };
}

Request Request::store(uint32_t address, unsigned size, uint32_t value)
{
    return { true, address, size, value << (8 * (address & 3)), lanes_of(address, size) };
}

Request Request::lanes(uint32_t address, uint32_t data, uint8_t strobes)
{
    return { true, address & ~3u, 4, data, strobes };
}

uint32_t Response::value() const
{
    const uint32_t mask = request.size >= 4 ? UINT32_MAX : (1u << (8 * request.size)) - 1;

    return data >> (8 * (request.address & 3)) & mask;
}

uint64_t BusManager::submit(const Request &request)
{
    const Operation operation = { next_id_++, request };

    if (stuck_.empty()) {
        todo_.push_back(operation);
    } else {
        answers_.push_back({ operation.id, request, Status::Stuck, 0 });
    }
    return operation.id;
}

bool BusManager::take(Response &response)
{
    if (answers_.empty()) {
        return false;
    }
    response = answers_.front();
    answers_.pop_front();
    return true;
}

bool BusManager::idle() const
{
    return todo_.empty() && open_.empty();
}

void BusManager::drive()
{
    if (stuck_.empty()) {
        put();
    }
}

void BusManager::sample()
{
    if (stuck_.empty()) {
        look();
    }
}

void BusManager::reset()
{
    todo_.clear();
    open_.clear();
    answers_.clear();
    waited_ = {};
    stuck_.clear();
    violation_.clear();
    release();
}

Response BusManager::transfer(const Request &request, const std::function<void()> &cycle)
{
    const uint64_t id = submit(request);
    Response response;

    for (;;) {
        while (take(response)) {
            if (response.id == id) {
                return response;
            }
        }
        cycle();
    }
}

bool BusManager::valid_now()
{
    return static_cast<int>(rng_() % 100) < std::max(timing_.valid_percent, 1);
}

bool BusManager::ready_now()
{
    return static_cast<int>(rng_() % 100) < std::max(timing_.ready_percent, 1);
}

uint32_t BusManager::random()
{
    return static_cast<uint32_t>(rng_());
}

bool BusManager::may_start() const
{
    return !todo_.empty() && open_.size() < std::max(timing_.outstanding, 1u);
}

BusManager::Operation BusManager::start()
{
    const Operation operation = todo_.front();

    todo_.pop_front();
    open_.push_back(operation);
    return operation;
}

void BusManager::finish(const Operation &operation, Status status, uint32_t data)
{
    const auto same = [&](const Operation &o) { return o.id == operation.id; };

    open_.erase(std::remove_if(open_.begin(), open_.end(), same), open_.end());
    answers_.push_back({ operation.id, operation.request, status, data });
}

void BusManager::violate(const std::string &what)
{
    if (violation_.empty()) {
        violation_ = std::string(name()) + ": " + what;
    }
}

void BusManager::wait(unsigned handshake, bool waiting, const char *what)
{
    unsigned &cycles = waited_.at(handshake);

    cycles = waiting ? cycles + 1 : 0;
    if (cycles >= timing_.limit && stuck_.empty()) {
        stuck_ = std::string(name()) + ": " + what + " for " + std::to_string(cycles) + " cycles";
        give_up();
    }
}

// The signals stay as they are, for the waveform to show.
void BusManager::give_up()
{
    for (const auto &operation : open_) {
        answers_.push_back({ operation.id, operation.request, Status::Stuck, 0 });
    }
    for (const auto &operation : todo_) {
        answers_.push_back({ operation.id, operation.request, Status::Stuck, 0 });
    }
    open_.clear();
    todo_.clear();
}

} // namespace qosim::bfm
