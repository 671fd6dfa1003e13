#include "models/core/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The child of a root that knows where the lines of its tree go. */
#define TYPE_GUEST_LOG "guest-error-log"
#define GUEST_LOG_CHILD "log"
DECLARE_INSTANCE_CHECKER(GuestLog, GUEST_LOG, TYPE_GUEST_LOG)

struct GuestLog {
    Object parent_obj;

    /* Properties */
    LogSink *sink;
    void *opaque;

    /* State */
    int64_t window_opened; /* at its first line; microseconds of the host's monotonic clock */
    unsigned window_lines;
    uint64_t window_dropped;
    uint64_t lines;   /* ever passed on */
    uint64_t dropped; /* ever dropped because a window was full */
};

/* The log of the tree of @obj (NULL: none); NULL when the tree has none. */
static GuestLog *find_log(Object *obj)
{
    Object *root = obj ? object_get_root(obj) : NULL;
    Object *child = root ? object_resolve_path_component(root, GUEST_LOG_CHILD) : NULL;
    return (GuestLog *)object_dynamic_cast(child, TYPE_GUEST_LOG);
}

void log_set_sink(Object *root, LogSink *sink, void *opaque)
{
    GuestLog *log = find_log(root);

    if (!log) {
        log = GUEST_LOG(object_new(TYPE_GUEST_LOG));
        object_property_add_child(root, GUEST_LOG_CHILD, OBJECT(log));
        object_unref(log);
    }
    log->sink = sink;
    log->opaque = opaque;
}

static uint64_t open_window(GuestLog *log)
{
    uint64_t dropped = log->window_dropped;

    log->window_lines = 0;
    log->window_dropped = 0;
    if (dropped > 0 && log->sink) {
        g_autofree char *text =
            g_strdup_printf("%" PRIu64 " more guest errors were not reported", dropped);
        log->sink(log->opaque, object_get_root(OBJECT(log)), text);
    }
    return dropped;
}

GuestLog *log_of_tree(Object *root)
{
    return find_log(root);
}

uint64_t log_open_window_of(GuestLog *log)
{
    return log && log->window_lines > 0 ? open_window(log) : 0;
}

uint64_t log_open_window(Object *root)
{
    return log_open_window_of(find_log(root));
}

/* Whether the window has room for a line, which it then takes. */
static bool take_line(GuestLog *log)
{
    if (log->window_lines == LOG_WINDOW_LINES &&
        g_get_monotonic_time() - log->window_opened >= G_USEC_PER_SEC) {
        open_window(log);
    }
    if (log->window_lines == LOG_WINDOW_LINES) {
        log->window_dropped++;
        log->dropped++;
        return false;
    }
    if (log->window_lines++ == 0) {
        log->window_opened = g_get_monotonic_time();
    }
    log->lines++;
    return true;
}

/* Names of regions and devices come from configurations, and a cut may have split a character. */
static void make_utf8(char *text)
{
    if (!g_utf8_validate(text, -1, NULL)) {
        for (char *c = text; *c; c++) {
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        }
    }
}

static void format_line(char text[LOG_TEXT_MAX], const char *fmt, va_list args)
{
    static const char dots[] = "...";

    int length = vsnprintf(text, LOG_TEXT_MAX, fmt, args);
    if (length < 0) {
        text[0] = '\0';
    } else if (length >= LOG_TEXT_MAX) {
        memcpy(text + LOG_TEXT_MAX - sizeof(dots), dots, sizeof(dots));
    }
    make_utf8(text);
}

static bool wants_stderr(void)
{
    const char *topics = g_getenv("QOSIM_LOG");
    g_auto(GStrv) words = topics ? g_strsplit_set(topics, ", ", -1) : NULL;
    return words && g_strv_contains((const char *const *)words, "guest_errors");
}

void log_guest_error(Object *source, const char *fmt, ...)
{
    GuestLog *log = find_log(source);
    bool has_sink = log && log->sink;

    if (has_sink ? !take_line(log) : !wants_stderr()) {
        return;
    }
    char text[LOG_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    format_line(text, fmt, args);
    va_end(args);
    if (has_sink) {
        log->sink(log->opaque, source, text);
    } else {
        fprintf(stderr, "%s\n", text);
    }
}

static GVariant *get_lines(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(GUEST_LOG(obj)->lines);
}

static GVariant *get_dropped(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(GUEST_LOG(obj)->dropped);
}

static void guest_log_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add(klass, "lines", "uint64", get_lines, NULL, NULL, NULL);
    object_class_property_add(klass, "dropped", "uint64", get_dropped, NULL, NULL, NULL);
}

static const TypeInfo guest_log_types[] = {
    {
        .name = TYPE_GUEST_LOG,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(GuestLog),
        .class_init = guest_log_class_init,
    },
};

DEFINE_TYPES(guest_log_types)
