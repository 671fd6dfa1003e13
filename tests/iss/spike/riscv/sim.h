#ifndef TESTS_ISS_SPIKE_SIM_H
#define TESTS_ISS_SPIKE_SIM_H

#include <riscv/abstract_device.h>
#include <riscv/abstract_interrupt_controller.h>

class simif_t
{
  public:
    virtual ~simif_t() = default;
    virtual char *addr_to_mem(reg_t address) = 0;
};

class sim_t : public simif_t
{
  public:
    virtual abstract_interrupt_controller_t *get_intctrl() const = 0;
};

#endif
