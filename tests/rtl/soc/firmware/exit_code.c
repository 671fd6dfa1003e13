/* Ends with the code that it was built with; see CMakeLists.txt. */
#include "soc.h"

int main(void)
{
    write32(FINISHER, 0x1234); /* no verdict */
    print("still here");
    write32(FINISHER, EXIT_WORD);
    write32(FINISHER, 0x5555); /* the first verdict stays */
    for (;;) {
    }
}
