/* Options as words again, to run the same program with them. */
#ifndef QOSIM_COSIM_REGRESS_OPTION_WORDS_H
#define QOSIM_COSIM_REGRESS_OPTION_WORDS_H

#include <stdbool.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * What was parsed into the variables of @entries, as words "--name=value", apart from the rest (G_OPTION_REMAINING). Flags, strings,
 * names of files and lists of them are known; entries of other kinds are a mistake. Owned by the caller.
 */
char **option_words(const GOptionEntry *entries);

/* Whether @word is the option called @name. */
bool option_is(const char *word, const char *name);

/* The entries of both, and an end. The array is the caller's, what is in it is theirs. */
GOptionEntry *option_join(const GOptionEntry *first, const GOptionEntry *second);

G_END_DECLS

#endif
