#include "cosim/cli/table.h"

#include <string.h>
#include <unistd.h>

struct CliTable {
    const char *const *headings;
    guint columns;
    GPtrArray *cells; /* char *, row by row */
};

CliTable *cli_table_new(const char *const *headings)
{
    CliTable *table = g_new0(CliTable, 1);

    table->headings = headings;
    table->columns = g_strv_length((char **)headings);
    g_assert(table->columns <= CLI_TABLE_COLUMNS_MAX);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void cli_table_free(CliTable *table)
{
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void cli_table_add(CliTable *table, const char *text)
{
    char *cell = g_strdup(text);

    for (char *c = cell; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c)) {
            *c = ' ';
        }
    }
    g_ptr_array_add(table->cells, cell);
}

void cli_table_addf(CliTable *table, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    cli_table_add(table, text);
}

static const char *cell_at(const CliTable *table, guint row, guint column)
{
    return g_ptr_array_index(table->cells, row * table->columns + column);
}

static int width_of(const char *text)
{
    return g_utf8_validate(text, -1, NULL) ? (int)g_utf8_strlen(text, -1) : (int)strlen(text);
}

/* One line of cells, lined up; @cells has a text for each column. */
static void print_line(FILE *to, const char *const *cells, const int *widths, guint columns)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (guint c = 0; c < columns; c++) {
        int pad = MAX(0, widths[c] - width_of(cells[c])) + 2;

        g_string_append_printf(line, "%s%*s", cells[c], pad, "");
    }
    fprintf(to, "%s\n", g_strchomp(line->str));
}

static void print_aligned(const CliTable *table, FILE *to, guint rows)
{
    int widths[CLI_TABLE_COLUMNS_MAX] = { 0 };
    const char *const *cells = (const char *const *)table->cells->pdata;

    for (guint c = 0; c < table->columns; c++) {
        widths[c] = width_of(table->headings[c]);
        for (guint r = 0; r < rows; r++) {
            widths[c] = MAX(widths[c], width_of(cell_at(table, r, c)));
        }
    }
    print_line(to, table->headings, widths, table->columns);
    for (guint r = 0; r < rows; r++) {
        print_line(to, cells + (size_t)r * table->columns, widths, table->columns);
    }
}

void cli_table_print(const CliTable *table, FILE *to, bool aligned)
{
    guint rows = table->cells->len / table->columns;

    if (aligned) {
        print_aligned(table, to, rows);
        return;
    }
    for (guint r = 0; r < rows; r++) {
        for (guint c = 0; c < table->columns; c++) {
            fprintf(to, "%s%c", cell_at(table, r, c), c + 1 == table->columns ? '\n' : '\t');
        }
    }
}

bool cli_on_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}
