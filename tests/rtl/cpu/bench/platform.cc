// SPDX-License-Identifier: MIT
#include "tests/rtl/cpu/bench/platform.h"

#include <algorithm>
#include <cstring>

#include "tests/rtl/cpu/programs/platform.h"

static uint32_t merge(uint32_t old, uint32_t word, uint32_t mask)
{
    return (old & ~mask) | (word & mask);
}

static uint64_t merge_half(uint64_t old, bool high, uint32_t word, uint32_t mask)
{
    const unsigned shift = high ? 32 : 0;
    const uint32_t half = merge(static_cast<uint32_t>(old >> shift), word, mask);
    return (old & ~(0xffffffffULL << shift)) | (static_cast<uint64_t>(half) << shift);
}

uint8_t Uart::read(uint32_t offset)
{
    switch (offset) {
    case UART_IER:
        return ier_;
    case UART_IIR: {
        const uint8_t iir = irq() ? UART_IIR_THRI : UART_IIR_NONE;
        if (irq()) {
            thr_pending_ = false; // reading the cause acknowledges it
        }
        return iir;
    }
    case UART_LSR:
        return UART_LSR_THRE | UART_LSR_TEMT;
    default:
        return 0;
    }
}

void Uart::write(uint32_t offset, uint8_t value)
{
    switch (offset) {
    case UART_THR:
        text_.push_back(static_cast<char>(value));
        thr_pending_ = true;
        break;
    case UART_IER:
        if ((value & ~ier_) & UART_IER_THRI) {
            thr_pending_ = true;
        }
        ier_ = value & 0x0f;
        break;
    default:
        break;
    }
}

bool Uart::irq() const
{
    return (ier_ & UART_IER_THRI) && thr_pending_;
}

bool Clint::read(uint32_t address, uint32_t *word) const
{
    switch (address) {
    case CLINT_MSIP:
        *word = msip_;
        return true;
    case CLINT_MTIMECMP:
        *word = static_cast<uint32_t>(mtimecmp_);
        return true;
    case CLINT_MTIMECMPH:
        *word = static_cast<uint32_t>(mtimecmp_ >> 32);
        return true;
    case CLINT_MTIME:
        *word = static_cast<uint32_t>(mtime_);
        return true;
    case CLINT_MTIMEH:
        *word = static_cast<uint32_t>(mtime_ >> 32);
        return true;
    default:
        return false;
    }
}

bool Clint::write(uint32_t address, uint32_t word, uint32_t mask)
{
    switch (address) {
    case CLINT_MSIP:
        msip_ = merge(msip_, word, mask) & 1;
        return true;
    case CLINT_MTIMECMP:
    case CLINT_MTIMECMPH:
        mtimecmp_ = merge_half(mtimecmp_, address == CLINT_MTIMECMPH, word, mask);
        return true;
    case CLINT_MTIME:
    case CLINT_MTIMEH:
        mtime_ = merge_half(mtime_, address == CLINT_MTIMEH, word, mask);
        return true;
    default:
        return false;
    }
}

void Clint::tick()
{
    mtime_++;
}

bool Clint::irq_software() const
{
    return msip_;
}

bool Clint::irq_timer() const
{
    return mtime_ >= mtimecmp_;
}

bool Plic::claimable() const
{
    return pending_ && enabled_ && priority_ > 0;
}

bool Plic::irq() const
{
    return claimable() && priority_ > threshold_;
}

void Plic::set_line(bool level)
{
    line_ = level;
    if (line_ && !in_service_) {
        pending_ = true;
    }
}

bool Plic::read(uint32_t address, uint32_t *word)
{
    switch (address) {
    case PLIC_PRIORITY_UART:
        *word = priority_;
        return true;
    case PLIC_PENDING:
        *word = pending_ ? 1U << PLIC_UART_SOURCE : 0;
        return true;
    case PLIC_ENABLE:
        *word = enabled_ ? 1U << PLIC_UART_SOURCE : 0;
        return true;
    case PLIC_THRESHOLD:
        *word = threshold_;
        return true;
    case PLIC_CLAIM:
        *word = claimable() ? PLIC_UART_SOURCE : 0;
        if (*word) {
            pending_ = false;
            in_service_ = true;
        }
        return true;
    default:
        return false;
    }
}

bool Plic::write(uint32_t address, uint32_t word, uint32_t mask)
{
    switch (address) {
    case PLIC_PRIORITY_UART:
        priority_ = merge(priority_, word, mask) & 7;
        return true;
    case PLIC_ENABLE:
        enabled_ =
            (merge(enabled_ ? 1U << PLIC_UART_SOURCE : 0, word, mask) >> PLIC_UART_SOURCE) & 1;
        return true;
    case PLIC_THRESHOLD:
        threshold_ = merge(threshold_, word, mask) & 7;
        return true;
    case PLIC_CLAIM:
        if (word == PLIC_UART_SOURCE) {
            in_service_ = false;
            set_line(line_);
        }
        return true;
    default:
        return false;
    }
}

Platform::Platform(const std::vector<uint8_t> &image) : ram_(kRamBytes / 4, 0)
{
    std::memcpy(ram_.data(), image.data(), image.size() < kRamBytes ? image.size() : kRamBytes);
}

bool Platform::read(uint32_t address, unsigned strobes, uint32_t *word)
{
    if (address - RAM_BASE < kRamBytes) {
        *word = ram_[(address - RAM_BASE) / 4];
        return true;
    }
    if (address - UART_BASE < 8) {
        *word = 0;
        for (uint32_t lane = 0; lane < 4; lane++) {
            if (strobes >> lane & 1) {
                *word |= static_cast<uint32_t>(uart_.read(address - UART_BASE + lane))
                         << (8 * lane);
            }
        }
        return true;
    }
    if (address == FINISHER_BASE) {
        *word = 0;
        return true;
    }
    return clint_.read(address, word) || plic_.read(address, word);
}

bool Platform::write(uint32_t address, uint32_t word, unsigned strobes)
{
    uint32_t mask = 0;
    for (unsigned lane = 0; lane < 4; lane++) {
        mask |= (strobes >> lane & 1) ? 0xffU << (8 * lane) : 0;
    }
    if (address - RAM_BASE < kRamBytes) {
        uint32_t &cell = ram_[(address - RAM_BASE) / 4];
        cell = merge(cell, word, mask);
        return true;
    }
    if (address - UART_BASE < 8) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            if (strobes >> lane & 1) {
                uart_.write(address - UART_BASE + lane, static_cast<uint8_t>(word >> (8 * lane)));
            }
        }
        return true;
    }
    if (address == FINISHER_BASE) {
        const uint32_t verdict = word & 0xffff;
        finished_ = verdict == FINISHER_PASS || verdict == FINISHER_FAIL;
        // A shell has eight bits for it, and some of those are taken.
        status_ = verdict == FINISHER_PASS
                      ? 0
                      : static_cast<int>(std::min(std::max(word >> 16, 1U), 100U));
        return true;
    }
    return clint_.write(address, word, mask) || plic_.write(address, word, mask);
}

void Platform::tick()
{
    clint_.tick();
    plic_.set_line(uart_.irq());
}

bool Platform::irq_software() const
{
    return clint_.irq_software();
}

bool Platform::irq_timer() const
{
    return clint_.irq_timer();
}

bool Platform::irq_external() const
{
    return plic_.irq();
}

bool Platform::finished() const
{
    return finished_;
}

int Platform::status() const
{
    return status_;
}

const std::string &Platform::text() const
{
    return uart_.text();
}
