/*
 * Data integrity across processes: what goes into virtio-serial comes out, whatever the home of guest memory, the kind of ring, the
 * shape of buffers and the pace of backends; and a reset loses what it has to lose and nothing else.
 *
 *     functional-virtio-data [GLib's test options] [--bytes=N] [--progress]
 */
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "tests/functional/virtio_data/campaign.h"
#include "tests/lib/guest_memory.h"

/* Each way, over all ports of a case; scripts/data_integrity takes more. */
static gint64 bytes = 262144;
static gboolean progress;
static unsigned n_run;

static void test_case(gconstpointer data)
{
    const CampaignCase *run_case = data;
    /* GLib's seed gives each test the same numbers. */
    uint32_t seed = (uint32_t)g_test_rand_int() ^ g_str_hash(g_test_get_path());
    CampaignResult result;
    g_autofree char *text = NULL;

    n_run++;
    result = campaign_run(run_case, (uint64_t)bytes, seed, progress);
    text = g_strdup_printf(
        "%s: %.1f MiB in %.1f s, %.1f MB/s; %u resets lost %" G_GUINT64_FORMAT " bytes; seed %u",
        g_test_get_path(), (double)result.bytes / 1048576, result.seconds,
        (double)result.bytes / 1e6 / MAX(result.seconds, 1e-3), result.resets, result.lost, seed);
    g_test_message("%s", text);
    if (progress) {
        g_printerr("%s\n", text);
    }
}

static void add_case(unsigned bits, qosim_ram_home home)
{
    CampaignCase *run_case = g_new(CampaignCase, 1);
    g_autofree char *path = NULL;

    *run_case = (CampaignCase){
        .home = home,
        .packed = bits & 8,
        .indirect = bits & 4,
        .event_idx = bits & 2,
        .resets = bits & 1,
    };
    path = g_strdup_printf("/virtio/data/%s/%s/%s/%s/%s", guest_memory_homes[home],
                           run_case->packed ? "packed" : "split",
                           run_case->indirect ? "indirect" : "direct",
                           run_case->event_idx ? "event-idx" : "flags",
                           run_case->resets ? "resets-lose-what-is-held" : "nothing-is-lost");
    g_test_add_data_func_full(path, run_case, test_case, g_free);
}

int main(int argc, char **argv)
{
    const GOptionEntry entries[] = {
        { "bytes", 0, 0, G_OPTION_ARG_INT64, &bytes, "How many bytes go each way", "N" },
        { "progress", 0, 0, G_OPTION_ARG_NONE, &progress, "Tell on standard error", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    gboolean lists = g_strv_contains((const char *const *)argv, "-l");
    int status;

    g_test_init(&argc, &argv, NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || bytes < 3) {
        g_printerr("%s\n", error ? error->message : "--bytes must be 3 or more");
        return EXIT_FAILURE;
    }
    for (int home = QOSIM_RAM_SERVER; home <= QOSIM_RAM_CLIENT; home++) {
        for (unsigned bits = 0; bits < 16; bits++) {
            add_case(bits, (qosim_ram_home)home);
        }
    }
    status = g_test_run();
    if (status == 0 && n_run == 0 && !lists) {
        g_printerr("no case has such a path; -l lists them\n");
        status = EXIT_FAILURE;
    }
    return status;
}
