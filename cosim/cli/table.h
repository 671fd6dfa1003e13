/*
 * Rows of text: lined up under a heading on a terminal, separated by tabs and without heading when piped, so that cut(1)
 * and read(1) get what they expect.
 */
#ifndef QOSIM_COSIM_CLI_TABLE_H
#define QOSIM_COSIM_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include <glib.h>

#define CLI_TABLE_COLUMNS_MAX 16u

typedef struct CliTable CliTable;

/* @headings is NULL-terminated and fixes the number of columns; it must outlive the table. */
CliTable *cli_table_new(const char *const *headings);
void cli_table_free(CliTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliTable, cli_table_free)

/* Adds a cell, column by column; control characters are replaced, so that a row stays a line. */
void cli_table_add(CliTable *table, const char *text);
void cli_table_addf(CliTable *table, const char *format, ...) G_GNUC_PRINTF(2, 3);

void cli_table_print(const CliTable *table, FILE *to, bool aligned);

/* Whether standard output is a terminal. */
bool cli_on_terminal(void);

#endif
