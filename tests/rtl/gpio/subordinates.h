/*
 * Subordinates with legal but nasty timing for the four buses of bfm_bench, on top of one device: a RAM and a block of registers.
 * Each can also break one rule of its bus, for the checker (and the manager) to notice.
 */
#ifndef TESTS_RTL_GPIO_SUBORDINATES_H
#define TESTS_RTL_GPIO_SUBORDINATES_H

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vbfm_bench.h"

/*
 * 4 KiB of RAM at 0, and from 0x1000 on sixteen registers: number 3 is read-only, 4 is cleared by written ones, 5 counts the reads
 * of it, and 8 to 15 answer every access with an error.
 */
class Device
{
  public:
    struct Result {
        bool error;
        uint32_t data;
    };

    Device();
    Result read(uint32_t address);
    Result write(uint32_t address, uint32_t data, uint8_t strobes);

  private:
    uint32_t *word(uint32_t address);

    std::vector<uint32_t> ram = std::vector<uint32_t>(1024);
    std::vector<uint32_t> registers = std::vector<uint32_t>(16);
};

// What a subordinate does wrong; which of these a bus knows is in its subordinate.
enum class Slip {
    None,
    AnswerDropped, // valid falls before ready
    AnswerChanged, // what is announced changes before ready
    AnswerUnasked,
    AnswerTwice, // two kinds at a time
    AnswerNever,
    AnswerWrong, // a kind that does not fit the request
    AnswerInReset,
    RequestNever, // ready does not come
    SizeWrong,
    DeniedNotCorrupt,
};

class Subordinate
{
  public:
    Subordinate(Vbfm_bench &top, uint32_t seed) : t(top), rng(seed)
    {
    }
    virtual ~Subordinate() = default;
    virtual void drive() = 0;
    virtual void sample() = 0;
    virtual void reset() = 0;

    int ready_percent = 100, answer_percent = 100;
    Slip slip = Slip::None;
    Device device;

  protected:
    bool chance(int percent)
    {
        return static_cast<int>(rng() % 100) < percent;
    }
    uint32_t random()
    {
        return static_cast<uint32_t>(rng());
    }
    bool odd()
    {
        return (++cycle & 1) != 0;
    }

    Vbfm_bench &t;

  private:
    std::mt19937 rng;
    unsigned cycle = 0;
};

// Bus number as in make_manager().
std::unique_ptr<Subordinate> make_subordinate(Vbfm_bench &top, unsigned bus, uint32_t seed);

#endif
