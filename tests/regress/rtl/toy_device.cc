#include "tests/regress/rtl/toy_device.h"

#include <utility>

static const RegressRegister registers[] = {
    { "data", 0x0, REGISTER_READ_WRITE, 0xff, 0xff, 2 },
    { "edges", 0x4, REGISTER_READ_ONLY, 0xff, 0xff, 1 },
    { "enable", 0x8, REGISTER_READ_WRITE, 0x3, 0x3, 2 },
};

static RegressDevice make_device()
{
    static const Op prelude[] = { { OP_RESET, 0, 0, 0, 0, 0, false, false, 0, 0, 0 } };
    RegressDevice device = {};

    device.name = "toy";
    device.size = 16;
    device.registers = registers;
    device.n_registers = G_N_ELEMENTS(registers);
    device.n_lines = 2;
    device.prelude = prelude;
    device.n_prelude = G_N_ELEMENTS(prelude);
    return device;
}

const RegressDevice toy_regress = make_device();

void ToyDevice::access()
{
    uint32_t mask = 0;

    for (unsigned lane = 0; lane < 4; lane++) {
        mask |= pstrb_ >> lane & 1 ? 0xffu << (8 * lane) : 0;
    }
    if (pwrite_ && paddr_ == 0) {
        glitch_ = data_ & ~pwdata_ & mask & 1 ? 4 : glitch_;
        data_ = ((data_ & ~mask) | (pwdata_ & mask)) & 0xff;
        is_dead_ = bug_ == Bug::Deadlock && (data_ & 0x80);
    } else if (pwrite_ && paddr_ == 8) {
        enable_ = ((enable_ & ~mask) | (pwdata_ & mask)) & 3;
    } else if (!pwrite_ && paddr_ == 4 && bug_ == Bug::Rule) {
        rule_ = "toy_rule";
    }
}

void ToyDevice::edge()
{
    if (in_reset_) {
        data_ = edges_ = enable_ = stage_[0] = stage_[1] = stage_[2] = 0;
        glitch_ = up_ = 0;
        is_dead_ = false;
        return;
    }
    if (psel_ && penable_ && pready_) {
        access();
    }
    glitch_ -= glitch_ > 0 ? 1 : 0;
    edges_ += lines_ & ~stage_[0] & 1;
    stage_[2] = stage_[1];
    stage_[1] = stage_[0];
    stage_[0] = lines_;
    up_ = stage_[1] & 2 ? up_ + 1 : 0;
}

void ToyDevice::evaluate()
{
    const uint32_t words[] = { data_, edges_ & 0xff, enable_, 0 };

    if (clock_ && !was_high_) {
        edge();
    }
    was_high_ = clock_;
    pready_ = !is_dead_;
    pslverr_ = bug_ == Bug::SlaveError && psel_ && pwrite_ && paddr_ == 4;
    prdata_ = words[paddr_ >> 2 & 3];
}

Levels ToyDevice::levels() const
{
    uint32_t irq = (bug_ == Bug::LateLine ? stage_[2] : stage_[1]) & enable_;
    uint32_t out = data_ & 3;

    if (bug_ == Bug::ByItself && up_ > 20) {
        irq &= ~2u;
    }
    if (bug_ == Bug::OutputGlitch && glitch_ == 2) {
        out |= 1;
    }
    return { irq, out, 3 };
}

std::string ToyDevice::take_broken_rule()
{
    return std::exchange(rule_, std::string());
}
