/*
 * The log of guest errors: what a guest did wrong, in words, for whoever debugs the guest.
 *
 * A line goes to the sink of the machine in whose tree the reporting object lives. What one guest
 * can make a machine say is bounded: a line is cut at LOG_TEXT_MAX bytes, and only LOG_WINDOW_LINES
 * lines pass per window. The owner of the machine opens a window for each operation it carries out;
 * one that never does gets a new window every second.
 */
#ifndef QOSIM_MODELS_CORE_LOG_H
#define QOSIM_MODELS_CORE_LOG_H

#include <glib.h>

#include "qom/object.h"

typedef struct GuestLog GuestLog;

#define LOG_TEXT_MAX 256 /* bytes of a line with its terminating NUL; a longer one ends in "..." */
#define LOG_WINDOW_LINES 256 /* lines that one window lets through */

/*
 * Takes a line away. @source is the object that reports and @text the line without a newline; both
 * are valid during the call only. Must not call back into the machine.
 */
typedef void LogSink(void *opaque, Object *source, const char *text);

/*
 * Sends the lines of all objects below @root to @sink from now on; NULL drops them. Forgotten when
 * @root goes.
 */
void log_set_sink(Object *root, LogSink *sink, void *opaque);

/*
 * Opens a new window for the tree of @root. When the last one swallowed lines the sink is told how
 * many, in one line from @root. Returns that number.
 */
uint64_t log_open_window(Object *root);

/*
 * The same without the way to the log, for one who opens a window for every operation: the log of @root's tree, which lives as
 * long as @root; NULL: it has none, as nobody set a sink.
 */
GuestLog *log_of_tree(Object *root);
uint64_t log_open_window_of(GuestLog *log);

/*
 * Reports that the guest made a mistake which @source noticed. Never fails: without a sink the line
 * is dropped or, when the environment variable QOSIM_LOG contains the word "guest_errors", printed
 * to standard error. @source may be NULL.
 */
void log_guest_error(Object *source, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

#endif
