/* Property values between the contract (QsValue) and the object model (GVariant). */
#ifndef QOSIM_SERVER_VALUE_CONVERT_H
#define QOSIM_SERVER_VALUE_CONVERT_H

#include <stdbool.h>

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"

/*
 * Fills *@out, in @arena, from @value. Fails when the value is nested deeper than QS_MAX_VALUE_DEPTH, has a string longer than
 * QS_MAX_STRING_BYTES, is of a type that the contract cannot carry, or when the arena is full.
 */
bool value_to_message(QsArena *arena, GVariant *value, QsValue *out, GError **error);

/* A new, floating value. Of equal keys in a map the last one wins. Values come from the codec, which bounds their depth. */
GVariant *value_from_message(const QsValue *value);

/* A floating map (a{sv}) of @n entries. */
GVariant *value_map_from_message(const QsValueEntry *entries, size_t n);

#endif
