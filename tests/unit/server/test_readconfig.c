#include "server/readconfig.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/core/machine.h"
#include "qom/module.h"

static void refuses(const char *text, const char *message)
{
    g_autoptr(MachineConfig) config = machine_config_new();
    g_autoptr(GError) error = NULL;

    g_assert_false(readconfig_parse(text, "f", config, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void test_builds(void)
{
    static const char text[] = "  # comment\n\n"
                               "[machine]\n type = \"none\"\r\n"
                               "[device \"a b is refused later\"]\n driver = \"x\"\n"
                               "[global]\n driver=\"sifive_soc.gpio\"\nproperty = ngpio\n"
                               " value =\"5\"\n";
    static const char good[] = "[machine]\ntype = none\n[global]\ndriver = \"sifive_soc.gpio\"\n"
                               "property = \"ngpio\"\nvalue = \"5\"\n"
                               "[device \"g\"]\ndriver = \"sifive_soc.gpio\"\naddr = \"0x1000\"";
    g_autoptr(MachineConfig) config = machine_config_new();
    g_autoptr(MachineConfig) other = machine_config_new();
    g_autoptr(GError) error = NULL;
    MachineState *machine;
    Object *g;

    g_assert_true(readconfig_parse(text, "f", other, &error));
    g_assert_no_error(error);
    g_assert_null(machine_config_build(other, NULL, NULL, &error));
    g_assert_true(g_str_has_prefix(error->message, "f:5: "));
    g_clear_error(&error);
    g_assert_true(readconfig_parse(good, "f", config, &error));
    machine = machine_config_build(config, NULL, NULL, &error);
    g_assert_no_error(error);
    g = object_resolve_path(machine->root, "/machine/peripheral/g", NULL);
    g_assert_cmpuint(object_property_get_uint(g, "ngpio", NULL), ==, 5);
    machine_free(machine);
}

static void test_mistakes(void)
{
    refuses("[device", "f:1: ']' is missing at the end of '[device'");
    refuses("\n[devise \"x\"]", "f:2: there is no group 'devise'; did you mean 'device'?");
    refuses("[chardevice]", "f:1: there is no group 'chardevice'");
    refuses("[device \"x]", "f:1: the id in '[device \"x]' has no closing quote");
    refuses("[machine \"x\"]", "f:1: group 'machine' takes no id");
    refuses("[]", "f:1: there is no group ''");
    refuses("a = \"b\"", "f:1: 'a = \"b\"' stands before the first [group]");
    refuses("[machine]\nfoo", "f:2: 'foo' is neither [group] nor key = \"value\"");
    refuses("[machine]\n= \"x\"", "f:2: '= \"x\"' is neither [group] nor key = \"value\"");
    refuses("[machine]\ntype = \"x", "f:2: the value of 'type' has no closing quote");
    refuses("[machine]\ntype = \"", "f:2: the value of 'type' has no closing quote");
    refuses("[global]\ndriver = \"x\"\n[machine]", "f:1: Parameter 'property' is missing");
    refuses("[global]", "f:1: Parameter 'driver' is missing");
}

static void load_fails(const char *path, const char *message)
{
    g_autoptr(MachineConfig) config = machine_config_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *expected = g_strdup_printf(message, path);

    g_assert_false(readconfig_load(path, config, &error));
    g_assert_cmpstr(error->message, ==, expected);
}

static void test_files(void)
{
    g_autofree char *path = NULL;
    g_autofree char *big = g_strnfill(READCONFIG_MAX_BYTES + 1, '\n');
    int fd = g_file_open_tmp("qosim-test-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    load_fails("/nonexistent/x", "cannot read configuration file '%s': No such file or directory");
    load_fails("/", "cannot read configuration file '%s': Is a directory");
    load_fails("/dev/zero", "configuration file '%s' is larger than 1048576 bytes");
    g_assert_true(g_file_set_contents(path, "[machine]\0x", 11, NULL));
    load_fails(path, "configuration file '%s' is not text");
    g_assert_true(g_file_set_contents(path, "\xff\xfe", 2, NULL));
    load_fails(path, "configuration file '%s' is not text");
    g_assert_true(g_file_set_contents(path, big, READCONFIG_MAX_BYTES + 1, NULL));
    load_fails(path, "configuration file '%s' is larger than 1048576 bytes");
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/server/readconfig/sections-become-a-machine", test_builds);
    g_test_add_func("/server/readconfig/mistakes-are-named-with-their-line", test_mistakes);
    g_test_add_func("/server/readconfig/files-that-are-no-configuration-are-refused", test_files);
    return g_test_run();
}
