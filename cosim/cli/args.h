/* The words and options of one command. Options start with "--" (or are one listed letter), so that -1 is a number. */
#ifndef QOSIM_COSIM_CLI_ARGS_H
#define QOSIM_COSIM_CLI_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct CliOption {
    const char *name;     /* without dashes; NULL ends a table */
    char letter;          /* 0: none */
    const char *argument; /* what to call it in the help; NULL: the option takes none */
    const char *help;
} CliOption;

typedef struct CliArgs {
    GPtrArray *words; /* char *, not options; NULL-terminated, the NULL does not count in n_words */
    unsigned n_words;
    GHashTable *options; /* name → last value given ("" without argument) */
} CliArgs;

/* Options that every command takes (-u, --timeout, --help). */
extern const CliOption cli_global_options[];

/*
 * Sorts @words into options of @table or of the global ones, and other words; "--" ends the options. With
 * @first_word_ends, so does the first other word. NULL with @error naming the word that is wrong and the nearest right one.
 */
CliArgs *cli_args_parse(char **words, const CliOption *table, bool first_word_ends, GError **error);
void cli_args_free(CliArgs *args);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliArgs, cli_args_free)

const char *cli_args_word(const CliArgs *args, unsigned index); /* NULL: there is none */
bool cli_args_has(const CliArgs *args, const char *option);
const char *cli_args_text(const CliArgs *args, const char *option, const char *fallback);

/* The number given with @option, or @fallback. False with @error when it is no number or above @max. */
bool cli_args_number(const CliArgs *args, const char *option, uint64_t max, uint64_t fallback,
                     uint64_t *value, GError **error);

#endif
