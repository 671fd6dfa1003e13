/* What can go wrong in a regression besides a divergence. */
#ifndef QOSIM_COSIM_REGRESS_ERROR_H
#define QOSIM_COSIM_REGRESS_ERROR_H

#include <glib.h>

#define REGRESS_ERROR (g_quark_from_static_string("regress"))

/* The exit codes are these, too. */
typedef enum RegressError {
    REGRESS_ERROR_USAGE = 2,  /* what was asked for makes no sense: options, .qreg files, names */
    REGRESS_ERROR_TARGET = 3, /* a target, or a file to be written, did not do its part */
} RegressError;

#define regress_usage(error, ...)                                                                  \
    g_set_error((error), REGRESS_ERROR, REGRESS_ERROR_USAGE, __VA_ARGS__)
#define regress_trouble(error, ...)                                                                \
    g_set_error((error), REGRESS_ERROR, REGRESS_ERROR_TARGET, __VA_ARGS__)

#endif
