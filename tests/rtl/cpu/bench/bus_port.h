// SPDX-License-Identifier: MIT
#ifndef TESTS_RTL_CPU_BENCH_BUS_PORT_H
#define TESTS_RTL_CPU_BENCH_BUS_PORT_H

#include <cstdint>
#include <random>
#include <string>

#include "tests/rtl/cpu/bench/platform.h"

struct BusRequest {
    uint32_t address;
    bool write;
    unsigned strobes;
    unsigned size; // 0 byte, 1 half, 2 word
    uint32_t data;

    bool operator==(const BusRequest &other) const;
};

struct BusInputs {
    bool gnt;
    bool rvalid;
    uint32_t rdata;
    bool err;
};

// The subordinate's end of one of the core's buses, with delays, and the watcher of the rules that the core has to keep.
class BusPort
{
  public:
    // @seed 0: grants at once and answers in the next cycle; else random delays, the same for the same seed.
    BusPort(std::string name, Platform *platform, uint64_t seed);

    // What the core's inputs are in the cycle that begins. What is not valid is noise.
    BusInputs drive();
    // The core's outputs at the end of that cycle. False: a rule is broken, error() says which.
    bool sample(bool req, const BusRequest &request);
    const std::string &error() const
    {
        return error_;
    }

  private:
    unsigned random_below(unsigned bound);
    bool fail(const char *rule, const BusRequest &request);
    bool check(bool req, const BusRequest &request);
    void access(const BusRequest &request);

    std::string name_;
    Platform *platform_;
    std::mt19937 random_;
    unsigned gnt_wait_;    // grants come in one of 1 + gnt_wait_ cycles
    unsigned rvalid_wait_; // at most so many cycles more than the one that must be
    std::string error_;

    BusInputs inputs_ = {};
    bool waiting_ = false; // a request stood without a grant in the last cycle
    BusRequest waiting_request_ = {};
    bool outstanding_ = false;
    unsigned countdown_ = 0;
    uint32_t answer_ = 0;
    bool answer_err_ = false;
};

#endif
