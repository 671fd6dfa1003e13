/* Commands about types: types, props. */
#include "cosim/cli/command.h"

#include <stdio.h>

#include "cosim/cli/table.h"

static CliExit run_types(CliContext *cli, const CliArgs *args)
{
    static const char *const headings[] = { "TYPE", "PARENT", "ABSTRACT", NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);
    qosim_type *list;
    size_t n;
    qosim_result result = qosim_types(cli->session, cli_args_text(args, "implements", NULL),
                                      cli_args_has(args, "abstract"), &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    for (size_t i = 0; i < n; i++) {
        cli_table_add(table, list[i].name);
        cli_table_add(table, list[i].parent ? list[i].parent : "");
        cli_table_add(table, list[i].is_abstract ? "abstract" : "");
    }
    qosim_free_types(list, n);
    cli_table_print(table, stdout, cli_on_terminal());
    return CLI_OK;
}

static CliExit run_props(CliContext *cli, const CliArgs *args)
{
    static const char *const headings[] = { "PROPERTY", "TYPE", "DEFAULT", "DESCRIPTION", NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);
    qosim_property *list;
    size_t n;
    qosim_result result = qosim_type_properties(cli->session, cli_args_word(args, 0), &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    for (size_t i = 0; i < n; i++) {
        cli_table_add(table, list[i].name);
        cli_table_add(table, list[i].type);
        cli_table_add(table, list[i].default_value);
        cli_table_add(table, list[i].description);
    }
    qosim_free_properties(list, n);
    cli_table_print(table, stdout, cli_on_terminal());
    return CLI_OK;
}

static const CliOption types_options[] = {
    { "implements", 0, "TYPE", "only types that are or implement TYPE" },
    { "abstract", 0, NULL, "abstract types too" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_type_commands[] = {
    { .name = "types",
      .arguments = "",
      .summary = "List the types that the server knows",
      .options = types_options,
      .run = run_types },
    { .name = "props",
      .arguments = "TYPE",
      .summary = "List the properties of a type",
      .min_words = 1,
      .max_words = 1,
      .run = run_props },
    { .name = NULL },
};
