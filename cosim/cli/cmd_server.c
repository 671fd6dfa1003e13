/* Commands about the server and the machine as a whole: info, stats, reset. */
#include "cosim/cli/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "cosim/cli/table.h"

static const char *region_kind(const qosim_region *region)
{
    if (!region->ram) {
        return "i/o";
    }
    switch (region->home) {
    case QOSIM_RAM_SHM:
        return "shm";
    case QOSIM_RAM_CLIENT:
        return "client";
    default:
        return region->read_only ? "rom" : "ram";
    }
}

static void print_regions(const qosim_info *info)
{
    static const char *const headings[] = { "ADDRESS", "SIZE", "KIND", "REGION", "OWNER", NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);

    for (size_t i = 0; i < info->n_regions; i++) {
        const qosim_region *region = &info->regions[i];

        cli_table_addf(table, "0x%016" PRIx64, region->address);
        if (region->size == 0) {
            cli_table_add(table, "2^64");
        } else {
            cli_table_addf(table, "0x%" PRIx64, region->size);
        }
        cli_table_add(table, region_kind(region));
        cli_table_add(table, region->name);
        cli_table_add(table, region->owner);
    }
    cli_table_print(table, stdout, cli_on_terminal());
}

static CliExit run_info(CliContext *cli, const CliArgs *args)
{
    bool all = !cli_args_has(args, "regions") && !cli_args_has(args, "sessions");
    qosim_info *info;
    qosim_result result = qosim_get_info(cli->session, &info);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    if (all) {
        printf("server: %s\n", info->server);
        printf("protocol: %" PRIu32 "\n", info->protocol_version);
        printf("transport: %s\n", qosim_transport(cli->session));
        printf("machine: %s\n", info->machine);
        printf("machine type: %s\n", info->machine_type);
        printf("interrupt lines: %" PRIu32 "\n", info->irq_lines);
        printf("virtual time: %" PRIu64 " ns\n", qosim_now(cli->session));
    }
    if (all || cli_args_has(args, "sessions")) {
        for (size_t i = 0; i < info->n_sessions; i++) {
            printf("%s%s\n", all ? "session: " : "", info->sessions[i]);
        }
    }
    if (all && info->n_regions > 0) {
        printf("\n");
    }
    if (all || cli_args_has(args, "regions")) {
        print_regions(info);
    }
    qosim_free_info(info);
    return CLI_OK;
}

static CliExit run_stats(CliContext *cli, const CliArgs *args G_GNUC_UNUSED)
{
    static const char *const headings[] = { "NAME", "VALUE", "UNIT", NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);
    qosim_stat *list;
    size_t n;
    qosim_result result = qosim_get_stats(cli->session, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    for (size_t i = 0; i < n; i++) {
        cli_table_add(table, list[i].name);
        cli_table_addf(table, "%" PRIu64, list[i].value);
        cli_table_add(table, list[i].unit);
    }
    qosim_free_stats(list, n);
    cli_table_print(table, stdout, cli_on_terminal());
    return CLI_OK;
}

static CliExit run_reset(CliContext *cli, const CliArgs *args G_GNUC_UNUSED)
{
    qosim_result result = qosim_reset(cli->session);

    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

static const CliOption info_options[] = {
    { "regions", 0, NULL, "only the memory map" },
    { "sessions", 0, NULL, "only who is connected" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_server_commands[] = {
    { .name = "info",
      .arguments = "",
      .summary = "Show the server, its machine, the memory map and who is connected",
      .options = info_options,
      .run = run_info },
    { .name = "stats",
      .arguments = "",
      .summary = "Show what the server counted: name, value, unit",
      .run = run_stats },
    { .name = "reset", .arguments = "", .summary = "Reset the machine", .run = run_reset },
    { .name = NULL },
};
