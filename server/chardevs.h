/* The chardevs of a hosted machine, as far as the server has a say: who may make which, and who hears of them. */
#ifndef QOSIM_SERVER_CHARDEVS_H
#define QOSIM_SERVER_CHARDEVS_H

#include <stdbool.h>

#include <glib.h>

#include "models/chardev/chardev.h"
#include "server/machine_host.h"

/* The QOM type of backend "x" is "chardev-x". */
#define CHARDEV_TYPE_PREFIX "chardev-"

/*
 * Whether the chardev that @options describe stays within the server: its backend and its log touch no file, socket or terminal
 * of the host. If not, NULL or which of them it is, in *@reach (free with g_free()).
 */
bool chardevs_is_internal(GVariant *options, char **reach);

/* Calls @visit for each chardev of @machine. */
void chardevs_foreach(MachineState *machine, void (*visit)(Chardev *chr, void *opaque),
                      void *opaque);

/* From now on the sessions of @host hear of what the rpc chardevs that it has now tell. To be called again for new ones. */
void chardevs_watch(MachineHost *host);

/* Nobody hears of them any more. */
void chardevs_unwatch(MachineHost *host);

#endif
