// Runs my_soc until it is done: ./my_soc +url=inproc:sifive_e
#include <cstdio>

#include "Vmy_soc.h"
#include "verilated.h"

int main(int argc, char **argv)
{
    VerilatedContext context;
    context.commandArgs(argc, argv); // the bridge looks for +url= there
    Vmy_soc top(&context);

    for (int cycle = 0; cycle < 1000 && !top.done_o && !context.gotFinish(); cycle++) {
        top.rst_ni = cycle >= 2;
        top.clk_i = 0;
        top.eval();
        top.clk_i = 1;
        top.eval();
    }
    const bool passed = top.done_o && top.ok_o;
    top.final(); // ends the session
    puts(passed ? "my_soc: passed" : "my_soc: failed");
    return passed ? 0 : 1;
}
