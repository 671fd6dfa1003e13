/* Random programmes for a hostile driver that are more often sensible than not. */
#include "tests/fuzz/run_main.h"

#define MAX_LEN 1500

void run_once(GRand *rand)
{
    /* Rings that agree with what is put into them need small operands. */
    unsigned mask = g_rand_boolean(rand) ? 0xff : 0x1f;
    size_t len = (size_t)g_rand_int_range(rand, 1, MAX_LEN);
    uint8_t *data = g_malloc(len);

    for (size_t i = 0; i < len; i++) {
        unsigned byte = g_rand_int(rand) & 0xff;

        data[i] = (uint8_t)(g_rand_int_range(rand, 0, 4) ? byte & mask : 0);
    }
    LLVMFuzzerTestOneInput(data, len);
    g_free(data);
}
