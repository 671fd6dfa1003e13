#include "cosim/regress/device.h"

#include <string.h>

#include "cosim/cli/nearest.h"

const RegressRegister *regress_register_at(const RegressDevice *device, uint32_t offset)
{
    for (size_t i = 0; i < device->n_registers; i++) {
        if (device->registers[i].offset == (offset & ~UINT32_C(3))) {
            return &device->registers[i];
        }
    }
    return NULL;
}

const RegressRegister *regress_register_named(const RegressDevice *device, const char *name)
{
    for (size_t i = 0; i < device->n_registers; i++) {
        if (strcmp(device->registers[i].name, name) == 0) {
            return &device->registers[i];
        }
    }
    return NULL;
}

const char *regress_register_near(const RegressDevice *device, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (size_t i = 0; i < device->n_registers; i++) {
        g_ptr_array_add(names, (char *)device->registers[i].name);
    }
    return cli_nearest(name, names);
}

uint32_t regress_lines(unsigned n)
{
    return n >= 32 ? UINT32_MAX : (UINT32_C(1) << n) - 1;
}
