#include "cosim/regress/command.h"
#include "cosim/regress/device_gpio.h"

int main(int argc, char **argv)
{
    return regress_main(argc, argv, &regress_gpio);
}
