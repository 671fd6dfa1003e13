#include "cosim/cli/args.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/cli/nearest.h"
#include "cosim/cli/number.h"

const CliOption cli_global_options[] = {
    { "url", 'u', "URL",
      "server: inproc:MACHINE [OPTIONS], ipc://PATH, shm://PATH, tcp://HOST:PORT, ws://HOST:PORT" },
    { "transport", 0, "NAME",
      "carry ipc://, tcp:// and ws:// by direct (plain sockets) or nanomsg; default: what is "
      "fastest" },
    { "spin-us", 0, "US",
      "spin for an answer for up to US microseconds before sleeping (default "
      "50)" },
    { "auth-file", 0, "FILE",
      "key of a server on tcp:// that has one (default: $QOSIM_AUTH_FILE)" },
    { "timeout", 0, "MS", "give up waiting for an answer after MS milliseconds (default 5000)" },
    { "help", 'h', NULL, "show this help" },
    { NULL, 0, NULL, NULL },
};

static GQuark args_error(void)
{
    return g_quark_from_static_string("qosim-cli-args");
}

static const CliOption *find_in(const CliOption *table, const char *name, size_t len, char letter)
{
    for (const CliOption *option = table; option && option->name; option++) {
        if (letter ? option->letter == letter
                   : strlen(option->name) == len && memcmp(option->name, name, len) == 0) {
            return option;
        }
    }
    return NULL;
}

/* The option that @word spells ("--name", "--name=value", "-l"), NULL when it is none. */
static const CliOption *find_option(const CliOption *table, const char *word)
{
    const CliOption *option;
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    char letter = 0;

    if (word[1] != '-') {
        letter = word[1];
    }
    option = find_in(table, name, len, letter);
    return option ? option : find_in(cli_global_options, name, len, letter);
}

static bool looks_like_option(const char *word)
{
    if (word[0] != '-') {
        return false;
    }
    return word[1] == '-' || (g_ascii_isalpha(word[1]) && word[2] == '\0');
}

static void unknown_option(const CliOption *table, const char *word, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *name = g_strndup(word + 2, strcspn(word + 2, "="));
    const CliOption *const tables[] = { table, cli_global_options };
    const char *nearest;

    for (guint t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const CliOption *option = tables[t]; option && option->name; option++) {
            g_ptr_array_add(names, (gpointer)option->name);
        }
    }
    nearest = word[1] == '-' ? cli_nearest(name, names) : NULL;
    if (nearest) {
        g_set_error(error, args_error(), 0, "unknown option '%s'; did you mean '--%s'?", word,
                    nearest);
    } else {
        g_set_error(error, args_error(), 0, "unknown option '%s'", word);
    }
}

/* Takes the option at **@words and its argument; leaves *@words at the last word used. */
static bool take_option(CliArgs *args, const CliOption *table, char ***words, GError **error)
{
    const char *word = **words;
    const CliOption *option = find_option(table, word);
    const char *value = word[1] == '-' ? strchr(word, '=') : NULL;

    if (!option) {
        unknown_option(table, word, error);
        return false;
    }
    if (!option->argument && value) {
        g_set_error(error, args_error(), 0, "option '--%s' takes no argument", option->name);
        return false;
    }
    if (option->argument && !value && !(*words)[1]) {
        g_set_error(error, args_error(), 0, "option '--%s' needs an argument: %s", option->name,
                    option->argument);
        return false;
    }
    if (value) {
        value++;
    } else if (option->argument) {
        value = *++*words;
    }
    g_hash_table_insert(args->options, (gpointer)option->name, g_strdup(value ? value : ""));
    return true;
}

static bool take_words(CliArgs *args, char **words, const CliOption *table, bool first_word_ends,
                       GError **error)
{
    bool options_end = false;

    for (; *words; words++) {
        if (!options_end && strcmp(*words, "--") == 0) {
            options_end = true;
        } else if (!options_end && looks_like_option(*words)) {
            if (!take_option(args, table, &words, error)) {
                return false;
            }
        } else {
            options_end |= first_word_ends;
            g_ptr_array_add(args->words, g_strdup(*words));
        }
    }
    return true;
}

CliArgs *cli_args_parse(char **words, const CliOption *table, bool first_word_ends, GError **error)
{
    CliArgs *args = g_new0(CliArgs, 1);

    args->words = g_ptr_array_new_with_free_func(g_free);
    args->options = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    if (!take_words(args, words, table, first_word_ends, error)) {
        cli_args_free(args);
        return NULL;
    }
    args->n_words = args->words->len;
    g_ptr_array_add(args->words, NULL);
    return args;
}

void cli_args_free(CliArgs *args)
{
    g_ptr_array_unref(args->words);
    g_hash_table_unref(args->options);
    g_free(args);
}

const char *cli_args_word(const CliArgs *args, unsigned index)
{
    return index < args->n_words ? g_ptr_array_index(args->words, index) : NULL;
}

bool cli_args_has(const CliArgs *args, const char *option)
{
    return g_hash_table_contains(args->options, option);
}

const char *cli_args_text(const CliArgs *args, const char *option, const char *fallback)
{
    const char *text = g_hash_table_lookup(args->options, option);

    return text ? text : fallback;
}

bool cli_args_number(const CliArgs *args, const char *option, uint64_t max, uint64_t fallback,
                     uint64_t *value, GError **error)
{
    const char *text = g_hash_table_lookup(args->options, option);

    *value = fallback;
    if (!text) {
        return true;
    }
    if (!cli_number(text, value)) {
        g_set_error(error, args_error(), 0, "'--%s %s': not a number", option, text);
        return false;
    }
    if (*value > max) {
        g_set_error(error, args_error(), 0, "'--%s %s': at most %" PRIu64, option, text, max);
        return false;
    }
    return true;
}
