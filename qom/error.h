/*
 * The error domain of everything that is built or configured: QMP's error classes as GError codes.
 */
#ifndef QOM_ERROR_H
#define QOM_ERROR_H

#include <stdbool.h>

#include <glib.h>

#define QOM_ERROR qom_error_quark()

typedef enum {
    QOM_ERROR_GENERIC,
    QOM_ERROR_DEVICE_NOT_FOUND,
    QOM_ERROR_COMMAND_NOT_FOUND,
} QomError;

GQuark qom_error_quark(void);

/*
 * QMP's name for the class of @error ("GenericError", "DeviceNotFound", …); errors of other domains
 * are generic.
 */
const char *qom_error_class_name(const GError *error);

/*
 * Set an error; @error may be NULL. They are false, to be returned on: "return qom_error_set(…);". The
 * first is QOM_ERROR_GENERIC with a printf-style text, the second QOM_ERROR_DEVICE_NOT_FOUND with the
 * text "Device '@name' not found".
 *
 * A macro and an inline function, so that compilers and checkers see the false.
 */
#define qom_error_set(error, ...)                                                                  \
    ({                                                                                             \
        qom_error_set_generic((error), __VA_ARGS__);                                               \
        false;                                                                                     \
    })

static inline bool qom_error_set_not_found(GError **error, const char *name)
{
    g_set_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", name);
    return false;
}

void qom_error_set_generic(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * Says @error on standard error and aborts. For callers to whom a failure means that our own code
 * is wrong.
 */
void qom_error_abort(GError *error) G_GNUC_NORETURN;

#endif
