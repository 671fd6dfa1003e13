/* The text of -device and -chardev: flat "key=value" lists, the first also JSON. */
#ifndef QOSIM_SERVER_DEVICE_OPTS_H
#define QOSIM_SERVER_DEVICE_OPTS_H

#include <stdbool.h>

#include <glib.h>

/*
 * Parses "TYPE,key=value,…" into a map (a{sv}) whose values are "text to be parsed"; the caller owns the reference, which
 * is not floating. The first word may stand without a key and is then the value of "driver". Unlike keyval_parse() a key
 * may hold any character but '=' and ',', so that array elements ("mem[0]=…") can be set. ",," in a value is one comma,
 * the last of several values for a key wins, and "help" or "?" sets *@help. Text that begins with '{' is JSON.
 */
GVariant *device_opts_parse(const char *text, bool *help, GError **error);

/*
 * The same for -chardev, where the first word is the value of "backend", and any other word without a key is a flag: "server"
 * stands for server=on, "nowait" for wait=off. There is no JSON.
 */
GVariant *chardev_opts_parse(const char *text, bool *help, GError **error);

#endif
