/*
 * A fuzz entry without a fuzzer, on random input and the files given.
 *   run_… SEED COUNT [FILE...]
 */
#include "tests/fuzz/run_main.h"

#include <stdlib.h>

static void run_file(const char *name)
{
    g_autoptr(GError) error = NULL;
    char *data;
    size_t len;

    if (!g_file_get_contents(name, &data, &len, &error)) {
        g_error("%s", error->message);
    }
    LLVMFuzzerTestOneInput((const uint8_t *)data, len);
    g_free(data);
}

int main(int argc, char **argv)
{
    guint32 seed = argc > 1 ? (guint32)strtoul(argv[1], NULL, 0) : 0;
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 1000;
    GRand *rand = g_rand_new_with_seed(seed);

    for (unsigned long i = 0; i < count; i++) {
        run_once(rand);
    }
    for (int i = 3; i < argc; i++) {
        run_file(argv[i]);
    }
    g_print("seed %u, %lu rounds, %d files\n", seed, count, MAX(argc - 3, 0));
    g_rand_free(rand);
    return 0;
}
