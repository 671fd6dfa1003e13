#ifndef TESTS_ISS_SPIKE_ABSTRACT_INTERRUPT_CONTROLLER_H
#define TESTS_ISS_SPIKE_ABSTRACT_INTERRUPT_CONTROLLER_H

#include <cstdint>

class abstract_interrupt_controller_t
{
  public:
    virtual ~abstract_interrupt_controller_t() = default;
    virtual void set_interrupt_level(uint32_t id, int level) = 0;
};

#endif
