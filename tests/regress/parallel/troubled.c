/*
 * qosim-regress with one more target, whose worker comes to grief: troubled:HOW is the model, until it has been given some operations.
 *
 *   troubled:killed        it is killed by a signal
 *   troubled:killed-once   the same, but not when the folder $TROUBLED_FOLDER tells that it was once, for that seed
 *   troubled:hangs         it waits for ever
 *   troubled:lies          it answers reads of a register wrongly, so that it diverges
 *   troubled:slow          it takes its time
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "cosim/regress/command.h"
#include "cosim/regress/device_gpio.h"
#include "cosim/regress/error.h"
#include "tests/regress/faulty_target.h"

/* Operations before it comes to grief. */
#define PATIENCE 300u

static void die(void)
{
    printf("these are the last words\n");
    fflush(stdout);
    raise(SIGKILL);
}

/* A file tells it, which is named after our command line and so after the seed. */
static bool is_first_time(void)
{
    g_autofree char *words = NULL;
    g_autofree char *name = NULL;
    g_autofree char *path = NULL;
    gsize length = 0;

    g_assert_true(g_file_get_contents("/proc/self/cmdline", &words, &length, NULL));
    name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, words, (gssize)length);
    path = g_build_filename(g_getenv("TROUBLED_FOLDER"), name, NULL);
    return !g_file_test(path, G_FILE_TEST_EXISTS) && g_file_set_contents(path, "", 0, NULL);
}

static bool is_time(Faulty *faulty)
{
    return ++faulty->memory[0] == PATIENCE;
}

static void killed(Faulty *faulty, Op *op)
{
    (void)op;
    if (is_time(faulty)) {
        die();
    }
}

static void killed_once(Faulty *faulty, Op *op)
{
    (void)op;
    if (is_time(faulty) && is_first_time()) {
        die();
    }
}

static void hangs(Faulty *faulty, Op *op)
{
    (void)op;
    while (faulty->memory[0] + 1 >= PATIENCE || is_time(faulty)) {
        pause();
    }
}

static void slow(Faulty *faulty, Op *op)
{
    (void)faulty;
    (void)op;
    g_usleep(2000);
}

static void lies(Faulty *faulty, const Op *op, Outcome *outcome)
{
    if (op->kind == OP_READ && op->offset == 0x08 && ++faulty->memory[1] > 3) {
        outcome->data ^= 1;
    }
}

static const Fault troubles[] = {
    { .name = "troubled:killed", .before = killed },
    { .name = "troubled:killed-once", .before = killed_once },
    { .name = "troubled:hangs", .before = hangs },
    { .name = "troubled:slow", .before = slow },
    { .name = "troubled:lies", .after = lies },
};

static Target *troubled_open(const char *name, const char *rest, const RegressDevice *device,
                             GError **error)
{
    (void)rest;
    for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++) {
        if (strcmp(name, troubles[i].name) == 0) {
            Target *inner = target_open("model:", device, error);

            return inner ? faulty_target_new(inner, &troubles[i]) : NULL;
        }
    }
    regress_usage(error, "no target %s", name);
    return NULL;
}

int main(int argc, char **argv)
{
    target_register("troubled", "HOW\tthe model, which comes to grief", troubled_open);
    return regress_main(argc, argv, &regress_gpio);
}
