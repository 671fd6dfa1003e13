/* The lists that "-M help", "-device help", "-device TYPE,help" and the same of -chardev print. */
#ifndef QOSIM_SERVER_OPTIONS_HELP_H
#define QOSIM_SERVER_OPTIONS_HELP_H

#include <glib.h>

/* All machine types with their descriptions. Free with g_free(). */
char *options_help_machines(void);

/*
 * For @options, the parsed text of -device: the properties of its "driver", or all device types when there is none.
 * NULL with @error when the driver is no device type. Free with g_free().
 */
char *options_help_device(GVariant *options, GError **error);

/* For @options, the parsed text of -chardev: the options of its "backend", or all backends when there is none. Likewise. */
char *options_help_chardev(GVariant *options, GError **error);

#endif
