/* A strict reader of JSON for tests: whether a text is JSON, and what stands where in it. */
#ifndef QOSIM_TESTS_UNIT_BENCH_JSON_H
#define QOSIM_TESTS_UNIT_BENCH_JSON_H

#include <stdbool.h>

#include <glib.h>

/*
 * Reads @text, which must be one JSON value. The result has the path of every value, "/goals/0/reached", and its text: a number and a
 * word as they stand, a string without its quotes, "{" or "[" for what has values in it. NULL when it is no JSON.
 */
GHashTable *json_read(const char *text);

/* The number at @path; the test fails when there is none. */
double json_number(GHashTable *json, const char *path);

#endif
