/* The guest-error log: where lines go and how many. */
#include <string.h>

#include "models/core/log.h"
#include "tests/unit/core_memory/bus.h"

typedef struct Sink {
    unsigned lines;
    char *last;
    Object *source;
} Sink;

static void take(void *opaque, Object *source, const char *text)
{
    Sink *sink = opaque;
    sink->lines++;
    sink->source = source;
    g_free(sink->last);
    sink->last = g_strdup(text);
}

static Object *new_child(Object *root, const char *name)
{
    Object *child = object_new(TYPE_CONTAINER);
    object_property_add_child(root, name, child);
    object_unref(child);
    return child;
}

static void test_goes_to_its_own_trees_sink(void)
{
    Sink one = { 0 };
    Sink two = { 0 };
    Object *root_one = object_new_root();
    Object *root_two = object_new_root();
    Object *child = new_child(new_child(root_one, "a"), "b");

    log_set_sink(root_one, take, &one);
    log_set_sink(root_two, take, &two);
    log_guest_error(child, "bad offset 0x%x", 0x44);
    g_assert_cmpstr(one.last, ==, "bad offset 0x44");
    g_assert_true(one.source == child);
    g_assert_cmpuint(two.lines, ==, 0);
    log_set_sink(root_one, NULL, NULL);
    log_guest_error(child, "dropped");
    g_assert_cmpuint(one.lines, ==, 1);
    object_unref(root_one);
    object_unref(root_two);
    g_free(one.last);
}

static void test_object_outside_a_tree_uses_its_home(void)
{
    Sink sink = { 0 };
    Object *root = object_new_root();
    Object *loose = object_new(TYPE_CONTAINER);

    log_set_sink(root, take, &sink);
    log_guest_error(loose, "nobody hears this");
    log_guest_error(NULL, "nor this");
    g_assert_cmpuint(sink.lines, ==, 0);
    object_set_home(loose, root);
    log_guest_error(loose, "this is heard");
    g_assert_cmpuint(sink.lines, ==, 1);
    object_unref(loose);
    object_unref(root);
    g_free(sink.last);
}

static void test_a_window_lets_so_many_lines_through(void)
{
    Sink sink = { 0 };
    Object *root = object_new_root();

    log_set_sink(root, take, &sink);
    log_open_window(root);
    for (int i = 0; i < LOG_WINDOW_LINES + 5; i++) {
        log_guest_error(root, "%d", i);
    }
    g_assert_cmpuint(sink.lines, ==, LOG_WINDOW_LINES);
    g_assert_cmpuint(log_open_window(root), ==, 5);
    g_assert_cmpuint(sink.lines, ==, LOG_WINDOW_LINES + 1);
    g_assert_cmpstr(sink.last, ==, "5 more guest errors were not reported");
    log_guest_error(root, "again");
    g_assert_cmpstr(sink.last, ==, "again");
    g_assert_cmpuint(log_open_window(root), ==, 0);
    g_assert_cmpuint(sink.lines, ==, LOG_WINDOW_LINES + 2);
    Object *log = object_resolve_path_component(root, "log");
    g_assert_cmpuint(object_property_get_uint(log, "lines", NULL), ==, LOG_WINDOW_LINES + 1);
    g_assert_cmpuint(object_property_get_uint(log, "dropped", NULL), ==, 5);
    object_unref(root);
    g_free(sink.last);
}

static void test_long_and_odd_lines_are_tamed(void)
{
    Sink sink = { 0 };
    Object *root = object_new_root();
    char text[1000];

    log_set_sink(root, take, &sink);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_guest_error(root, "%s", text);
    g_assert_cmpuint(strlen(sink.last), ==, LOG_TEXT_MAX - 1);
    g_assert_true(g_str_has_suffix(sink.last, "xxx..."));
    log_guest_error(root, "\xff odd \xc3\xa9");
    g_assert_cmpstr(sink.last, ==, "? odd ??");
    log_guest_error(root, "even \xc3\xa9");
    g_assert_cmpstr(sink.last, ==, "even \xc3\xa9");
    object_unref(root);
    g_free(sink.last);
}

static void report_without_a_sink(void)
{
    log_guest_error(NULL, "said to %s", "stderr");
}

static void test_without_a_sink_only_on_request(void)
{
    if (g_test_subprocess()) {
        report_without_a_sink();
        return;
    }
    g_setenv("QOSIM_LOG", "something,guest_errors", true);
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("said to stderr\n");
    g_setenv("QOSIM_LOG", "no_guest_errors", true);
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr_unmatched("*said*");
    g_unsetenv("QOSIM_LOG");
}

static void test_window_needs_a_log(void)
{
    Object *root = object_new_root();
    g_assert_cmpuint(log_open_window(root), ==, 0);
    g_assert_null(object_resolve_path_component(root, "log"));
    object_unref(root);
}

static void add_tests(void)
{
    g_test_add_func("/log/goes-to-its-own-trees-sink", test_goes_to_its_own_trees_sink);
    g_test_add_func("/log/object-outside-a-tree-uses-its-home",
                    test_object_outside_a_tree_uses_its_home);
    g_test_add_func("/log/a-window-lets-so-many-lines-through",
                    test_a_window_lets_so_many_lines_through);
    g_test_add_func("/log/long-and-odd-lines-are-tamed", test_long_and_odd_lines_are_tamed);
    g_test_add_func("/log/without-a-sink-only-on-request", test_without_a_sink_only_on_request);
    g_test_add_func("/log/window-needs-a-log", test_window_needs_a_log);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
