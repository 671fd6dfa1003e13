/*
 * The fuzz entry without a fuzzer: random programmes that are more often sensible than not, and the files given.
 *   run_virtqueue SEED COUNT [FILE...]
 */
#include <stdint.h>
#include <stdlib.h>

#include <glib.h>

#define MAX_LEN 1500

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_once(GRand *rand)
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
    g_print("seed %u, %lu programmes, %d files\n", seed, count, MAX(argc - 3, 0));
    g_rand_free(rand);
    return 0;
}
