/* Commands about objects of the composition tree: tree, get, set, add, del. */
#include "cosim/cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cosim/cli/table.h"

/* Deeper than any machine; a server that answers nonsense must not exhaust the stack. */
#define TREE_DEPTH_MAX 64u

/* The T of "child<T>", or NULL. Free with g_free(). */
static char *child_type(const char *property_type)
{
    size_t len = strlen(property_type);

    if (!g_str_has_prefix(property_type, "child<") || property_type[len - 1] != '>') {
        return NULL;
    }
    return g_strndup(property_type + strlen("child<"), len - strlen("child<") - 1);
}

static int by_name(const void *a, const void *b)
{
    const qosim_property *left = a;
    const qosim_property *right = b;

    return strcmp(left->name, right->name);
}

static CliExit print_children(CliContext *cli, const char *path, unsigned depth)
{
    CliExit code = CLI_OK;
    qosim_property *list;
    size_t n;
    qosim_result result = qosim_qom_list(cli->session, path, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    qsort(list, n, sizeof(*list), by_name);
    for (size_t i = 0; i < n && code == CLI_OK; i++) {
        g_autofree char *type = child_type(list[i].type);
        g_autofree char *child =
            g_strdup_printf("%s/%s", strcmp(path, "/") == 0 ? "" : path, list[i].name);

        if (!type) {
            continue;
        }
        printf("%*s/%s (%s)\n", (int)(2 * depth), "", list[i].name, type);
        if (depth < TREE_DEPTH_MAX) {
            code = print_children(cli, child, depth + 1);
        }
    }
    qosim_free_properties(list, n);
    return code;
}

static CliExit run_tree(CliContext *cli, const CliArgs *args)
{
    const char *path = cli_args_word(args, 0);
    char *type;
    qosim_result result;

    path = path ? path : "/";
    result = qosim_qom_get(cli->session, path, "type", &type);
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    printf("%s (%s)\n", path, type);
    qosim_free(type);
    return print_children(cli, path, 1);
}

static CliExit get_all(CliContext *cli, const char *path)
{
    static const char *const headings[] = { "PROPERTY", "VALUE", "TYPE", NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);
    CliExit code = CLI_OK;
    qosim_property *list;
    size_t n;
    qosim_result result = qosim_qom_list(cli->session, path, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    qsort(list, n, sizeof(*list), by_name);
    for (size_t i = 0; i < n && code == CLI_OK; i++) {
        char *value = NULL;

        result = qosim_qom_get(cli->session, path, list[i].name, &value);
        if (result == QOSIM_ERR_TIMEOUT || result == QOSIM_ERR_DISCONNECTED) {
            code = cli_failed(cli, result);
        }
        cli_table_add(table, list[i].name);
        /* A property that cannot be read (write-only, say) is no reason to hide the others. */
        cli_table_add(table, result == QOSIM_OK ? value : "-");
        cli_table_add(table, list[i].type);
        qosim_free(value);
    }
    qosim_free_properties(list, n);
    if (code == CLI_OK) {
        cli_table_print(table, stdout, cli_on_terminal());
    }
    return code;
}

static CliExit run_get(CliContext *cli, const CliArgs *args)
{
    char *value;
    qosim_result result;

    if (args->n_words == 1) {
        return get_all(cli, cli_args_word(args, 0));
    }
    result = qosim_qom_get(cli->session, cli_args_word(args, 0), cli_args_word(args, 1), &value);
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    printf("%s\n", value);
    qosim_free(value);
    return CLI_OK;
}

static CliExit run_set(CliContext *cli, const CliArgs *args)
{
    qosim_result result = qosim_qom_set(cli->session, cli_args_word(args, 0),
                                        cli_args_word(args, 1), cli_args_word(args, 2));

    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

/* Splits "TYPE,a=b,,c,d=e" as -device does: a doubled comma is a comma of the value. Returns a NULL-terminated vector. */
static char **split_options(const char *text)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    g_autoptr(GString) part = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (*text == ',' && text[1] != ',') {
            g_ptr_array_add(parts, g_strdup(part->str));
            g_string_truncate(part, 0);
            continue;
        }
        text += *text == ',';
        g_string_append_c(part, *text);
    }
    g_ptr_array_add(parts, g_strdup(part->str));
    g_ptr_array_add(parts, NULL);
    return (char **)g_ptr_array_steal(parts, NULL);
}

static CliExit run_add(CliContext *cli, const CliArgs *args)
{
    g_auto(GStrv) parts = split_options(cli_args_word(args, 0));
    g_autoptr(GPtrArray) properties = g_ptr_array_new();
    const char *id = NULL;
    qosim_result result;
    char *path;

    for (char **part = parts + 1; *part; part++) {
        if (!strchr(*part, '=') || (*part)[0] == '=') {
            return cli_usage_error(cli, "'%s': expected PROPERTY=VALUE", *part);
        }
        if (g_str_has_prefix(*part, "id=")) {
            id = *part + strlen("id=");
        } else {
            g_ptr_array_add(properties, *part);
        }
    }
    g_ptr_array_add(properties, NULL);
    result =
        qosim_qom_new(cli->session, parts[0], id, (const char *const *)properties->pdata, &path);
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    printf("%s\n", path);
    qosim_free(path);
    return CLI_OK;
}

static CliExit run_del(CliContext *cli, const CliArgs *args)
{
    qosim_result result = qosim_qom_delete(cli->session, cli_args_word(args, 0));

    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

const CliCommand cli_object_commands[] = {
    { .name = "tree",
      .arguments = "[PATH]",
      .summary = "Show the objects below PATH (default /) and their types",
      .max_words = 1,
      .run = run_tree },
    { .name = "get",
      .arguments = "PATH [PROPERTY]",
      .summary = "Print a property's value, or all properties of an object",
      .details = "Of several properties: name, value and type; a value that cannot be read shows "
                 "as \"-\".\n",
      .min_words = 1,
      .max_words = 2,
      .run = run_get },
    { .name = "set",
      .arguments = "PATH PROPERTY VALUE",
      .summary = "Set a property; VALUE is written as on a command line",
      .min_words = 3,
      .max_words = 3,
      .run = run_set },
    { .name = "add",
      .arguments = "TYPE[,id=ID][,PROPERTY=VALUE...]",
      .summary = "Create a device or object and print its path",
      .details = "A comma within a value is written twice.\n"
                 "Example: qosim add sifive_soc.gpio,id=g1,addr=0x10020000,ngpio=8\n",
      .min_words = 1,
      .max_words = 1,
      .run = run_add },
    { .name = "del",
      .arguments = "ID|PATH",
      .summary = "Delete a device or object that was added",
      .min_words = 1,
      .max_words = 1,
      .run = run_del },
    { .name = NULL },
};
