#include "cosim/regress/option_words.h"

#include <string.h>

static void add_list(GPtrArray *words, const char *name, char **values)
{
    for (unsigned i = 0; values && values[i]; i++) {
        g_ptr_array_add(words, g_strdup_printf("--%s=%s", name, values[i]));
    }
}

static void add_entry(GPtrArray *words, const GOptionEntry *entry)
{
    char *value;

    switch (entry->arg) {
    case G_OPTION_ARG_NONE:
        if (*(const gboolean *)entry->arg_data) {
            g_ptr_array_add(words, g_strdup_printf("--%s", entry->long_name));
        }
        break;
    case G_OPTION_ARG_STRING:
    case G_OPTION_ARG_FILENAME:
        value = *(char **)entry->arg_data;
        if (value) {
            g_ptr_array_add(words, g_strdup_printf("--%s=%s", entry->long_name, value));
        }
        break;
    case G_OPTION_ARG_STRING_ARRAY:
    case G_OPTION_ARG_FILENAME_ARRAY:
        add_list(words, entry->long_name, *(char ***)entry->arg_data);
        break;
    default:
        g_assert_not_reached();
    }
}

char **option_words(const GOptionEntry *entries)
{
    GPtrArray *words = g_ptr_array_new();

    for (; entries->long_name; entries++) {
        if (strcmp(entries->long_name, G_OPTION_REMAINING) != 0) {
            add_entry(words, entries);
        }
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

bool option_is(const char *word, const char *name)
{
    size_t length = strlen(name);

    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, length) == 0 &&
           (word[2 + length] == '\0' || word[2 + length] == '=');
}

static void append(GArray *to, const GOptionEntry *entries)
{
    for (; entries->long_name; entries++) {
        g_array_append_val(to, *entries);
    }
}

GOptionEntry *option_join(const GOptionEntry *first, const GOptionEntry *second)
{
    GArray *all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    append(all, first);
    append(all, second);
    return (GOptionEntry *)g_array_free(all, FALSE);
}
