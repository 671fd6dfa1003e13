// SPDX-License-Identifier: MIT
#include "tests/rtl/cpu/bench/bus_port.h"

#include <cstdio>
#include <utility>

bool BusRequest::operator==(const BusRequest &other) const
{
    return address == other.address && write == other.write && strobes == other.strobes &&
           size == other.size && data == other.data;
}

BusPort::BusPort(std::string name, Platform *platform, uint64_t seed)
    : name_(std::move(name)), platform_(platform), random_(static_cast<uint32_t>(seed)),
      gnt_wait_(0), rvalid_wait_(0)
{
    if (seed) {
        // Seeds differ in how slow they are, not only in which cycles are slow.
        gnt_wait_ = random_below(4);
        rvalid_wait_ = 1 + random_below(6);
    }
}

unsigned BusPort::random_below(unsigned bound)
{
    return static_cast<unsigned>(random_() % bound);
}

BusInputs BusPort::drive()
{
    inputs_.gnt = random_below(1 + gnt_wait_) == 0;
    inputs_.rvalid = outstanding_ && countdown_ == 0;
    inputs_.rdata = inputs_.rvalid && !answer_err_ ? answer_ : static_cast<uint32_t>(random_());
    inputs_.err = inputs_.rvalid ? answer_err_ : random_below(2) == 0;
    return inputs_;
}

bool BusPort::fail(const char *rule, const BusRequest &request)
{
    char text[200];
    snprintf(text, sizeof(text),
             "%s bus: %s (address %08x, write %d, strobes %x, size %u, data %08x)", name_.c_str(),
             rule, request.address, request.write, request.strobes, request.size, request.data);
    error_ = text;
    return false;
}

bool BusPort::check(bool req, const BusRequest &request)
{
    if (waiting_ && !req) {
        return fail("the request was withdrawn before its grant", waiting_request_);
    }
    if (!req) {
        return true;
    }
    if (waiting_ && !(request == waiting_request_)) {
        return fail("the request changed before its grant", request);
    }
    if (outstanding_) {
        return fail("a second request while one is outstanding", request);
    }
    if (request.size > 2 || request.address % (1U << request.size) != 0) {
        return fail("the address is not aligned to the size", request);
    }
    const unsigned lanes = ((1U << (1U << request.size)) - 1) << (request.address & 3);
    if (request.strobes != lanes) {
        return fail("the strobes do not name the lanes of address and size", request);
    }
    for (unsigned lane = 0; request.write && lane < 4; lane++) {
        if (!(lanes >> lane & 1) && (request.data >> (8 * lane) & 0xff)) {
            return fail("a lane that is not written is not zero", request);
        }
    }
    return true;
}

void BusPort::access(const BusRequest &request)
{
    const uint32_t word = request.address & ~3U;
    if (request.write) {
        answer_ = static_cast<uint32_t>(random_());
        answer_err_ = !platform_->write(word, request.data, request.strobes);
    } else {
        answer_err_ = !platform_->read(word, request.strobes, &answer_);
    }
    outstanding_ = true;
    countdown_ = rvalid_wait_ ? random_below(1 + rvalid_wait_) : 0;
}

bool BusPort::sample(bool req, const BusRequest &request)
{
    if (inputs_.rvalid) {
        outstanding_ = false;
    } else if (outstanding_) {
        countdown_--;
    }
    if (!check(req, request)) {
        return false;
    }
    waiting_ = req && !inputs_.gnt;
    waiting_request_ = request;
    if (req && inputs_.gnt) {
        access(request);
    }
    return true;
}
