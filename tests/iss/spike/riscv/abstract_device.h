// The part of Spike's interface for devices that the plugin uses, declared for its test.
#ifndef TESTS_ISS_SPIKE_ABSTRACT_DEVICE_H
#define TESTS_ISS_SPIKE_ABSTRACT_DEVICE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

typedef uint64_t reg_t;

class sim_t;

class abstract_device_t
{
  public:
    virtual ~abstract_device_t() = default;
    virtual bool load(reg_t offset, size_t length, uint8_t *bytes) = 0;
    virtual bool store(reg_t offset, size_t length, const uint8_t *bytes) = 0;
    virtual reg_t size() = 0;
    virtual void tick(reg_t rtc_ticks) = 0;
};

// How a plugin makes itself known: the test calls what was registered.
#define REGISTER_DEVICE(name, parse, generate)                                                     \
    abstract_device_t *make_##name(const sim_t *sim, reg_t *base,                                  \
                                   const std::vector<std::string> &args)                           \
    {                                                                                              \
        (void)generate(sim, args);                                                                 \
        return parse(nullptr, sim, base, args);                                                    \
    }

#endif
