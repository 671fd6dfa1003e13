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
 * Sets a QOM_ERROR_GENERIC error with a printf-style text. @error may be NULL. Returns false, to be
 * returned on.
 */
bool qom_error_set(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * Sets QOM_ERROR_DEVICE_NOT_FOUND with the text "Device '@name' not found". Returns false, to be
 * returned on.
 */
bool qom_error_set_not_found(GError **error, const char *name);

/*
 * Says @error on standard error and aborts. For callers to whom a failure means that our own code
 * is wrong.
 */
void qom_error_abort(GError *error) G_GNUC_NORETURN;

#endif
