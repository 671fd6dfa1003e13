#include "cosim/regress/command.h"

int main(int argc, char **argv)
{
    return regress_main(argc, argv);
}
