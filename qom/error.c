#include "qom/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

GQuark qom_error_quark(void)
{
    return g_quark_from_static_string("qom-error-quark");
}

const char *qom_error_class_name(const GError *error)
{
    if (g_error_matches(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND)) {
        return "DeviceNotFound";
    }
    if (g_error_matches(error, QOM_ERROR, QOM_ERROR_COMMAND_NOT_FOUND)) {
        return "CommandNotFound";
    }
    return "GenericError";
}

void qom_error_set_generic(GError **error, const char *format, ...)
{
    va_list args;

    if (error) {
        g_assert(!*error);
        va_start(args, format);
        *error = g_error_new_valist(QOM_ERROR, QOM_ERROR_GENERIC, format, args);
        va_end(args);
    }
}

void qom_error_abort(GError *error)
{
    fprintf(stderr, "Unexpected error: %s\n", error ? error->message : "(not told)");
    abort();
}
