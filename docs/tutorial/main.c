/* qosim-regress for the timer. */
#include "cosim/regress/command.h"
#include "timer.h"

int main(int argc, char **argv)
{
    target_register("c", "\tthe timer's reference model", timer_model_open);
    target_register("rtl", "\tthe timer's RTL on APB", timer_rtl_open);
    return regress_main(argc, argv, &timer_device);
}
