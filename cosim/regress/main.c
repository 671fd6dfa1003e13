#include "cosim/regress/command.h"
#include "cosim/regress/device_gpio.h"
#include "cosim/regress/rtl/gpio_target.h"

int main(int argc, char **argv)
{
    target_register("rtl", gpio_rtl_help, gpio_rtl_open);
    return regress_main(argc, argv, &regress_gpio);
}
