/* Random bytes for parsers. */
#include "tests/fuzz/run_main.h"

#define MAX_LEN 512

/* Small numbers more often than others: they are kinds, tags and lengths. */
void run_once(GRand *rand)
{
    size_t len = (size_t)g_rand_int_range(rand, 0, MAX_LEN);
    uint8_t *bytes = g_malloc(len);

    for (size_t i = 0; i < len; i++) {
        guint32 any = g_rand_int(rand);

        bytes[i] = (uint8_t)(g_rand_boolean(rand) ? any : any % 9);
        bytes[i] = g_rand_int_range(rand, 0, 3) ? bytes[i] : 0;
    }
    LLVMFuzzerTestOneInput(bytes, len);
    g_free(bytes);
}
