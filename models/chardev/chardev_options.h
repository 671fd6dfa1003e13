/* Options of -chardev: declared by each backend, checked before it is opened. */
#ifndef QOSIM_MODELS_CHARDEV_CHARDEV_OPTIONS_H
#define QOSIM_MODELS_CHARDEV_CHARDEV_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum ChardevOptionType {
    CHARDEV_OPTION_STRING,
    CHARDEV_OPTION_BOOL,
    CHARDEV_OPTION_NUMBER,
    CHARDEV_OPTION_SIZE, /* K, M, G... allowed */
} ChardevOptionType;

typedef struct ChardevOption {
    const char *name;
    ChardevOptionType type;
    const char *help;
} ChardevOption;

/* Those that every backend has, in a table like a backend's own. */
const ChardevOption *chardev_common_options(void);

/* What a user gave, checked. */
typedef struct ChardevOptions ChardevOptions;

/*
 * Checks @map (a{sv}) against @own and the common options (backend, id, logfile, logappend, mux). Fails with "Invalid
 * parameter '%s'" for an option that is in neither, and with the property's errors for a wrong value. @may_wait is what
 * chardev_options_may_wait() says.
 */
ChardevOptions *chardev_options_new(GVariant *map, const ChardevOption *own, bool may_wait,
                                    GError **error);
void chardev_options_free(ChardevOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChardevOptions, chardev_options_free)

/* Whether the backend's open() may wait for a peer without limit. */
bool chardev_options_may_wait(const ChardevOptions *options);

bool chardev_options_has(const ChardevOptions *options, const char *name);

/* The value, or the default when it was not given. A string belongs to @options. */
const char *chardev_options_str(const ChardevOptions *options, const char *name, const char *def);
bool chardev_options_bool(const ChardevOptions *options, const char *name, bool def);
uint64_t chardev_options_number(const ChardevOptions *options, const char *name, uint64_t def);

#endif
