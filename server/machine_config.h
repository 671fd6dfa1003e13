/* What a machine is to be built from: the command line, or a client's wish, after parsing. */
#ifndef QOSIM_SERVER_MACHINE_CONFIG_H
#define QOSIM_SERVER_MACHINE_CONFIG_H

#include <glib.h>

#include "models/core/machine.h"

typedef struct MachineConfig MachineConfig;

/* Makes a configuration that says nothing yet. */
MachineConfig *machine_config_new(void);
void machine_config_free(MachineConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MachineConfig, machine_config_free)

/* The machine's type, borrowed; NULL while none is given. */
const char *machine_config_type(const MachineConfig *config);

/* Whether machine property @name is among those to set. */
bool machine_config_sets(const MachineConfig *config, const char *name);

/* Whether a chardev may wait for its peer while the machine is built; otherwise it may not, which is so until this is said. */
void machine_config_set_may_wait(MachineConfig *config, bool may_wait);

/* The first chardev of the configuration that reaches beyond the server (see chardevs.h), for a message; NULL: there is none. */
char *machine_config_reach(const MachineConfig *config);

/*
 * Adding. @origin says where it came from ("-device foo,id=x", "board.cfg:3") and begins the message when it turns out wrong; it
 * is copied. Maps are a{sv} and are referenced.
 */

/* The machine's properties; a "type" among them is the machine's type. The last of several values wins. */
void machine_config_set_machine(MachineConfig *config, const char *origin, GVariant *properties);
void machine_config_add_device(MachineConfig *config, const char *origin, GVariant *options);
void machine_config_add_object(MachineConfig *config, const char *origin, GVariant *options);
void machine_config_add_chardev(MachineConfig *config, const char *origin, GVariant *options);
void machine_config_add_global(MachineConfig *config, const char *origin, const char *driver,
                               const char *property, const char *value);
/* "driver.property=value", checked when the machine is built. */
void machine_config_add_global_text(MachineConfig *config, const char *origin, const char *text);

/*
 * Builds the machine: globals, properties, objects, chardevs, objects that name a chardev, the board, devices; then it is
 * reset and ready. What deserves a warning goes to @warn. NULL with @error on any mistake. Free with machine_free().
 */
MachineState *machine_config_build(const MachineConfig *config,
                                   void (*warn)(void *opaque, const char *text), void *opaque,
                                   GError **error);

#endif
