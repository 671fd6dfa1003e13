/*
 * A fuzz entry without a fuzzer, on random bytes and the files given.
 *   run_… SEED COUNT [FILE...]
 */
#include <stdint.h>
#include <stdlib.h>

#include <glib.h>

#define MAX_LEN 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small numbers more often than others: they are kinds, tags and lengths. */
static void run_once(GRand *rand)
{
    size_t len = (size_t)g_rand_int_range(rand, 0, MAX_LEN);
    uint8_t *bytes = g_malloc(len); /* of just this size */

    for (size_t i = 0; i < len; i++) {
        guint32 any = g_rand_int(rand);

        bytes[i] = (uint8_t)(g_rand_boolean(rand) ? any : any % 9);
        bytes[i] = g_rand_int_range(rand, 0, 3) ? bytes[i] : 0;
    }
    LLVMFuzzerTestOneInput(bytes, len);
    g_free(bytes);
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
    g_print("seed %u, %lu inputs, %d files\n", seed, count, MAX(argc - 3, 0));
    g_rand_free(rand);
    return 0;
}
