/* Each planted bug is found within 100,000 operations, and the sequence that shows it is short. */
#include <glib.h>

#include "cosim/regress/device_gpio.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/report.h"
#include "cosim/regress/run.h"
#include "cosim/regress/shrink.h"
#include "tests/regress/faulty_target.h"

#define COUNT 100000u

static Pair *open_faulty(const Fault *fault)
{
    g_autoptr(GError) error = NULL;
    Target *ref = target_open("model:", &regress_gpio, &error);
    Target *inner = NULL;

    g_assert_no_error(error);
    inner = target_open("model:", &regress_gpio, &error);
    g_assert_no_error(error);
    return pair_new(ref, faulty_target_new(inner, fault));
}

/* The reproducer, as the text of a file, does it again on targets just started, and the last operation is needed for it. */
static void check_reproducer(const Fault *fault, const char *text)
{
    g_autoptr(Pair) fresh = open_faulty(fault);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) steps = qreg_parse("reproducer", text, &regress_gpio, &error);
    Run run;

    g_assert_no_error(error);
    run_init(&run, fresh);
    g_assert_cmpint(run_steps(&run, steps, "reproducer", true, &error), ==, VERDICT_DIVERGED);
    g_assert_cmpuint(run.divergence.index, ==, steps->len - 1);
    run_clear(&run);
    g_array_set_size(steps, steps->len - 1);
    run_init(&run, fresh);
    g_assert_cmpint(run_steps(&run, steps, "its beginning", true, &error), ==, VERDICT_SAME);
    run_clear(&run);
}

static void test_found_and_shrunk(gconstpointer data)
{
    const Fault *fault = data;
    g_autoptr(Pair) pair = open_faulty(fault);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    Shrunk shrunk;
    Run run;

    run_init(&run, pair);
    g_assert_cmpint(run_random(&run, COUNT, 1, true, &error), ==, VERDICT_DIVERGED);
    g_assert_cmpint(shrink(pair, (const Op *)run.ops->data, run.ops->len, &shrunk, &error), ==,
                    VERDICT_DIVERGED);
    g_assert_no_error(error);
    text = report_reproducer(pair, run.from, (const Op *)shrunk.ops->data, &shrunk.divergence);
    g_test_message("%u operations of %u, %u attempts:\n%s", shrunk.ops->len, run.ops->len,
                   shrunk.attempts, text);
    g_assert_cmpuint(shrunk.ops->len, <=, fault->most);
    check_reproducer(fault, text);
    shrunk_clear(&shrunk);
    run_clear(&run);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < n_faults; i++) {
        g_autofree char *path = g_strdup_printf(
            "/regress/faults/%s/is-found-and-shrunk-to-ten-operations", faults[i].name);

        g_test_add_data_func(path, &faults[i], test_found_and_shrunk);
    }
    return g_test_run();
}
