/* Commands about interrupt and GPIO lines: pin, irq. */
#include "cosim/cli/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cosim/cli/number.h"

#define DEFAULT_DEVICE "/machine/soc"
/* How long a signal may go unnoticed. */
#define POLL_MS 100

static CliExit run_pin(CliContext *cli, const CliArgs *args)
{
    uint64_t index;
    int level;
    qosim_result result;

    if (!cli_number(cli_args_word(args, 0), &index) || index > UINT32_MAX) {
        return cli_usage_error(cli, "'%s': not a line number", cli_args_word(args, 0));
    }
    if (!cli_int(cli_args_word(args, 1), &level)) {
        return cli_usage_error(cli, "'%s': a level is 0, 1 or -1 (not driven)",
                               cli_args_word(args, 1));
    }
    result = qosim_set_line(cli->session, cli_args_text(args, "device", DEFAULT_DEVICE),
                            cli_args_text(args, "name", NULL), (uint32_t)index, level);
    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

typedef struct Watch {
    uint32_t number;
    uint64_t seen;
    uint64_t wanted; /* 0: no limit */
} Watch;

static volatile sig_atomic_t interrupted;

static void on_signal(int number G_GNUC_UNUSED)
{
    interrupted = 1;
}

static void on_event(void *opaque, const qosim_event *event)
{
    Watch *watch = opaque;

    if (event->kind == QOSIM_EVENT_LAGGED) {
        fprintf(stderr, "qosim: irq: %" PRIu64 " events were lost, this client was too slow\n",
                event->dropped);
        return;
    }
    if (event->kind != QOSIM_EVENT_LINE || event->watch != watch->number ||
        (watch->wanted > 0 && watch->seen >= watch->wanted)) {
        return;
    }
    printf("%" PRIu64 " ns %s %" PRIu32 "\n", event->time_ns, event->level ? "raise" : "lower",
           event->line);
    fflush(stdout);
    watch->seen++;
}

static CliExit watch_until(CliContext *cli, const Watch *watch, uint64_t for_ms)
{
    gint64 end = g_get_monotonic_time() + (gint64)for_ms * 1000;
    int result = 0;

    while (!interrupted && !ferror(stdout) && result >= 0 &&
           (watch->wanted == 0 || watch->seen < watch->wanted)) {
        gint64 left_ms = (end - g_get_monotonic_time() + 999) / 1000;

        if (for_ms > 0 && left_ms <= 0) {
            break;
        }
        result = qosim_poll(cli->session, for_ms > 0 ? (int)MIN(left_ms, POLL_MS) : POLL_MS);
    }
    return result < 0 ? cli_failed(cli, (qosim_result)result) : CLI_OK;
}

static CliExit watch_device(CliContext *cli, const CliArgs *args, Watch *watch)
{
    const char *path = cli_args_text(args, "device", NULL);
    uint32_t lines;
    qosim_result result;

    if (!path) {
        watch->number = QOSIM_WATCH_IRQ;
        return CLI_OK;
    }
    result = qosim_watch_lines(cli->session, path,
                               cli_args_has(args, "out") ? QOSIM_LINE_OUT : QOSIM_LINE_IN,
                               &watch->number, &lines);
    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

static CliExit run_irq(CliContext *cli, const CliArgs *args)
{
    struct sigaction action = { .sa_handler = on_signal };
    g_autoptr(GError) error = NULL;
    Watch watch = { .number = UINT32_MAX };
    uint64_t for_ms;
    CliExit code;

    if (strcmp(cli_args_word(args, 0), "watch") != 0) {
        return cli_usage_error(cli, "'%s': expected 'watch'", cli_args_word(args, 0));
    }
    if (!cli_args_number(args, "count", INT64_MAX, 0, &watch.wanted, &error) ||
        !cli_args_number(args, "for", INT32_MAX, 0, &for_ms, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (cli_args_has(args, "out") && !cli_args_has(args, "device")) {
        return cli_usage_error(cli, "--out needs --device");
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    qosim_set_event_handler(cli->session, on_event, &watch);
    code = watch_device(cli, args, &watch);
    return code == CLI_OK ? watch_until(cli, &watch, for_ms) : code;
}

static const CliOption pin_options[] = {
    { "device", 0, "PATH", "device whose line it is (default " DEFAULT_DEVICE ")" },
    { "name", 0, "LIST", "named list of lines (default: the unnamed one)" },
    { NULL, 0, NULL, NULL },
};

static const CliOption irq_options[] = {
    { "count", 0, "N", "end after N changes" },
    { "for", 0, "MS", "end after MS milliseconds" },
    { "device", 0, "PATH", "watch the input lines of this device" },
    { "out", 0, NULL, "with --device: its output lines" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_line_commands[] = {
    { .name = "pin",
      .arguments = "N LEVEL",
      .summary = "Drive input line N of a device to 0, 1 or -1 (not driven)",
      .details = "Example: qosim pin 3 1\n",
      .options = pin_options,
      .min_words = 2,
      .max_words = 2,
      .run = run_pin },
    { .name = "irq",
      .arguments = "watch",
      .summary = "Print changes of the interrupt lines until interrupted",
      .details =
          "One line per change: virtual time in ns, \"raise\" or \"lower\", number of the line.\n",
      .options = irq_options,
      .min_words = 1,
      .max_words = 1,
      .run = run_irq },
    { .name = NULL },
};
