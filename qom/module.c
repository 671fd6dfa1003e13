#include "qom/module.h"

#include <glib.h>

typedef struct ModuleEntry {
    void (*fn)(void);
} ModuleEntry;

/*
 * What has been filed and has not run yet. Constructors run before main(), so nothing else sets
 * these up.
 */
static GQueue module_lists[MODULE_INIT_MAX];

/* Recursive, since a function that runs may file another. */
static GRecMutex module_lock;

void register_module_init(void (*fn)(void), module_init_type type)
{
    ModuleEntry *entry = g_new0(ModuleEntry, 1);

    entry->fn = fn;
    g_rec_mutex_lock(&module_lock);
    g_queue_push_tail(&module_lists[type], entry);
    g_rec_mutex_unlock(&module_lock);
}

void module_call_init(module_init_type type)
{
    ModuleEntry *entry;

    g_rec_mutex_lock(&module_lock);
    while ((entry = g_queue_pop_head(&module_lists[type]))) {
        entry->fn();
        g_free(entry);
    }
    g_rec_mutex_unlock(&module_lock);
}
