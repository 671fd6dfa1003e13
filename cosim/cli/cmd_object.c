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

/* Runs of digits compare as numbers, so that line[9] stands before line[10]. */
static int compare_names(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b && !g_ascii_isdigit(*a)) {
        a++;
        b++;
    }
    if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
        char *a_end;
        char *b_end;
        guint64 left = g_ascii_strtoull(a, &a_end, 10);
        guint64 right = g_ascii_strtoull(b, &b_end, 10);

        return left != right ? (left < right ? -1 : 1) : compare_names(a_end, b_end);
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static int by_name(const void *a, const void *b)
{
    const qosim_property *left = a;
    const qosim_property *right = b;

    return compare_names(left->name, right->name);
}

/* How many of the @n properties, from the first on, are lines of one list: "name[0]", "name[1]", … of type child<irq>. */
static size_t count_lines(const qosim_property *list, size_t n)
{
    size_t stem = strcspn(list->name, "[");
    size_t lines = 0;

    while (lines < n && strcmp(list[lines].type, "child<irq>") == 0 &&
           strcspn(list[lines].name, "[") == stem && list[lines].name[stem] == '[' &&
           strncmp(list[lines].name, list->name, stem) == 0) {
        lines++;
    }
    return lines;
}

static CliExit print_children(CliContext *cli, const char *path, unsigned depth, bool fold);

/* One line for one child, or for a list of lines. Returns how many properties that were, in *@used. */
static CliExit print_child(CliContext *cli, const char *path, unsigned depth, bool fold,
                           const qosim_property *list, size_t n, size_t *used)
{
    g_autofree char *type = child_type(list->type);
    g_autofree char *child =
        g_strdup_printf("%s/%s", strcmp(path, "/") == 0 ? "" : path, list->name);
    size_t lines = fold ? count_lines(list, n) : 0;

    *used = MAX(lines, 1);
    if (!type) {
        return CLI_OK;
    }
    if (lines > 1) {
        printf("%*s/%s ... %s (%s)\n", (int)(2 * depth), "", list->name,
               strchr(list[lines - 1].name, '['), type);
        return CLI_OK;
    }
    printf("%*s/%s (%s)\n", (int)(2 * depth), "", list->name, type);
    return depth < TREE_DEPTH_MAX ? print_children(cli, child, depth + 1, fold) : CLI_OK;
}

static CliExit print_children(CliContext *cli, const char *path, unsigned depth, bool fold)
{
    CliExit code = CLI_OK;
    size_t used;
    qosim_property *list;
    size_t n;
    qosim_result result = qosim_qom_list(cli->session, path, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    qsort(list, n, sizeof(*list), by_name);
    for (size_t i = 0; i < n && code == CLI_OK; i += used) {
        code = print_child(cli, path, depth, fold, &list[i], n - i, &used);
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
    return print_children(cli, path, 1, !cli_args_has(args, "all"));
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

char **cli_split_options(const char *text)
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
    g_auto(GStrv) parts = cli_split_options(cli_args_word(args, 0));
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

static const CliOption tree_options[] = {
    { "all", 0, NULL, "every line on its own, not a list of lines as one" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_object_commands[] = {
    { .name = "tree",
      .arguments = "[PATH]",
      .summary = "Show the objects below PATH (default /) and their types",
      .options = tree_options,
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
      .arguments = "TYPE[,PROPERTY=VALUE...]",
      .summary = "Create a device or object and print its path",
      .details = "The property id is the name that del and paths know it by. A comma within a "
                 "value is written twice.\n"
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
