// SPDX-License-Identifier: MIT
#ifndef TESTS_RTL_CPU_BENCH_PLATFORM_H
#define TESTS_RTL_CPU_BENCH_PLATFORM_H

#include <cstdint>
#include <string>
#include <vector>

// 16550 transmitter: text goes out at once, so the holding register is always empty.
class Uart
{
  public:
    uint8_t read(uint32_t offset);
    void write(uint32_t offset, uint8_t value);
    bool irq() const;
    const std::string &text() const
    {
        return text_;
    }

  private:
    std::string text_;
    uint8_t ier_ = 0;
    bool thr_pending_ = false; // the transmitter-empty interrupt has not been looked at yet
};

// Software interrupt and timer of hart 0. Time is cycles.
class Clint
{
  public:
    bool read(uint32_t address, uint32_t *word) const;
    bool write(uint32_t address, uint32_t word, uint32_t mask);
    void tick();
    bool irq_software() const;
    bool irq_timer() const;

  private:
    bool msip_ = false;
    uint64_t mtime_ = 0;
    uint64_t mtimecmp_ = 0;
};

// One context, and of the sources only the UART's.
class Plic
{
  public:
    bool read(uint32_t address, uint32_t *word);
    bool write(uint32_t address, uint32_t word, uint32_t mask);
    void set_line(bool level);
    bool irq() const;

  private:
    bool claimable() const;

    uint32_t priority_ = 0;
    uint32_t threshold_ = 0;
    bool enabled_ = false;
    bool line_ = false;
    bool pending_ = false;
    bool in_service_ = false;
};

// What the core sees on its buses: RAM, finisher, UART, CLINT and PLIC where QEMU's virt machine has them.
class Platform
{
  public:
    // RAM holds @image from its first word on, and elsewhere zero, as QEMU's.
    explicit Platform(const std::vector<uint8_t> &image);

    // The word at @address (aligned), as far as @strobes name its lanes. False: nothing there, a bus error.
    bool read(uint32_t address, unsigned strobes, uint32_t *word);
    // Stores those lanes of @word. False as above.
    bool write(uint32_t address, uint32_t word, unsigned strobes);
    // One cycle passes.
    void tick();

    bool irq_software() const;
    bool irq_timer() const;
    bool irq_external() const;

    // What the programme told the finisher: nothing yet, or an exit status (0 is a pass).
    bool finished() const;
    int status() const;
    const std::string &text() const;

    static constexpr size_t kRamBytes = 512UL * 1024;

  private:
    std::vector<uint32_t> ram_;
    Uart uart_;
    Clint clint_;
    Plic plic_;
    bool finished_ = false;
    int status_ = 0;
};

#endif
