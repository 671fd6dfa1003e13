#include "server/options.h"

#include <string.h>

#include "models/core/qdev.h"
#include "qom/error.h"
#include "server/device_opts.h"

/* @message NULL: any. */
static void refuses(const char *line, OptionsUse use, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ServerOptions) options = options_parse_line(line, use, &error);

    g_assert_null(options);
    g_assert_nonnull(error);
    if (message) {
        g_assert_cmpstr(error->message, ==, message);
    }
}

static ServerOptions *parses(const char *line, OptionsUse use)
{
    g_autoptr(GError) error = NULL;
    ServerOptions *options = options_parse_line(line, use, &error);

    g_assert_no_error(error);
    return options;
}

static void test_type(void)
{
    static const char *const lines[] = { "-M sifive_e", "--M sifive_e", "-machine sifive_e",
                                         "--machine type=sifive_e", "-M none -M sifive_e" };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(ServerOptions) options = parses(lines[i], OPTIONS_DAEMON);

        g_assert_cmpstr(machine_config_type(options->machine), ==, "sifive_e");
    }
}

static void test_first_word(void)
{
    g_autoptr(ServerOptions) embed =
        parses("sifive_e --listen ipc:///x -name box --listen tcp://127.0.0.1:1", OPTIONS_EMBED);
    g_autoptr(ServerOptions) create = parses("none,ram-size=1M", OPTIONS_CREATE);
    g_autoptr(ServerOptions) empty = parses("", OPTIONS_EMBED);

    g_assert_cmpstr(machine_config_type(embed->machine), ==, "sifive_e");
    g_assert_cmpstr(embed->name, ==, "box");
    g_assert_cmpuint(embed->listen->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(embed->listen, 0), ==, "ipc:///x");
    g_assert_cmpstr(g_ptr_array_index(embed->listen, 1), ==, "tcp://127.0.0.1:1");
    g_assert_cmpstr(machine_config_type(create->machine), ==, "none");
    g_assert_null(machine_config_type(empty->machine));
    refuses("sifive_e", OPTIONS_DAEMON, "unexpected argument 'sifive_e'");
    refuses("none again", OPTIONS_EMBED, "unexpected argument 'again'");
}

static void test_unavailable(void)
{
    refuses("-h", OPTIONS_EMBED, "option '-h' is not available here");
    refuses("-version", OPTIONS_CREATE, "option '-version' is not available here");
    refuses("none -name x", OPTIONS_CREATE, "option '-name' is not available here");
    refuses("none --listen x", OPTIONS_CREATE, "option '--listen' is not available here");
    refuses("none -readconfig x", OPTIONS_CREATE, "option '-readconfig' is not available here");
    refuses("none --dma-timeout 1", OPTIONS_CREATE, "option '--dma-timeout' is not available here");
    refuses("none,ram-path=x", OPTIONS_CREATE, "machine property 'ram-path' is not available here");
    refuses("-M none -M ram-path=x", OPTIONS_CREATE, NULL);
    refuses("-M help", OPTIONS_EMBED, "help is not available here; ask qosimd for it");
}

static void test_mistakes(void)
{
    refuses("-devcie x", OPTIONS_DAEMON, "invalid option '-devcie'; did you mean '-device'?");
    refuses("--lsten x", OPTIONS_DAEMON, "invalid option '--lsten'; did you mean '--listen'?");
    refuses("---M x", OPTIONS_DAEMON, "invalid option '---M'");
    refuses("--", OPTIONS_DAEMON, "invalid option '--'");
    refuses("-", OPTIONS_DAEMON, "unexpected argument '-'");
    refuses("-M=none", OPTIONS_DAEMON, "invalid option '-M=none'; write '-M none'");
    refuses("-device", OPTIONS_DAEMON,
            "option '-device' needs an argument: -device TYPE[,PROP=VALUE...]");
    refuses("-M none,foo", OPTIONS_DAEMON, "-M none,foo: Expected '=' after parameter 'foo'");
    refuses("-device foo,bar", OPTIONS_DAEMON,
            "-device foo,bar: Expected '=' after parameter 'bar'");
    refuses("-device foo,=1", OPTIONS_DAEMON, "-device foo,=1: Invalid parameter ''");
    refuses("-device {broken", OPTIONS_DAEMON, NULL);
    refuses("-name 4ever", OPTIONS_DAEMON, "-name 4ever: Parameter 'name' expects an identifier");
    refuses("-device nope,help", OPTIONS_DAEMON,
            "-device nope,help: 'nope' is not a valid device model name");
    refuses("-object nope,help", OPTIONS_DAEMON, NULL);
    refuses("'unfinished", OPTIONS_EMBED, NULL);
}

static void test_help(void)
{
    static const struct {
        const char *line;
        const char *part;
    } cases[] = {
        { "-h", "Usage: qosimd" },
        { "--help -nonsense", "Usage: qosimd" },
        { "-version", "protocol version 1" },
        { "-M help", "sifive_e" },
        { "-M ?", "sifive_e" },
        { "-device help", "name \"sifive_soc.gpio\", bus System" },
        { "-device ?", "name \"sifive_soc.gpio\"" },
        { "-device sifive_soc.gpio,help", "ngpio=<uint32>" },
        { "-device sifive_soc.gpio,?", "ngpio=<uint32>" },
        { "-object help", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(ServerOptions) options = parses(cases[i].line, OPTIONS_DAEMON);

        g_assert_nonnull(options->print);
        g_assert_nonnull(strstr(options->print, cases[i].part));
    }
}

static void test_dma_timeout(void)
{
    static const char *const bad[] = { "0", "-1", "3600001", "1s", "x", "18446744073709551617" };
    g_autoptr(ServerOptions) set =
        options_parse_line("none --dma-timeout 1 --dma-timeout 250", OPTIONS_EMBED, NULL);
    g_autoptr(ServerOptions) unset = options_parse_line("none", OPTIONS_EMBED, NULL);

    g_assert_cmpint(set->dma_timeout_ms, ==, 250);
    g_assert_cmpint(unset->dma_timeout_ms, ==, 5000);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *line = g_strdup_printf("--dma-timeout %s", bad[i]);
        g_autofree char *message =
            g_strdup_printf("%s: a number of milliseconds from 1 to 3600000 is expected", line);

        refuses(line, OPTIONS_DAEMON, message);
    }
    refuses("--dma-timeout ''", OPTIONS_DAEMON, NULL);
}

static void test_chardev(void)
{
    refuses("none -chardev file,id=f,path=x", OPTIONS_CREATE,
            "chardev backend 'file' is not available here");
    refuses("none -chardev rpc,id=c,logfile=x", OPTIONS_CREATE,
            "option 'logfile' is not available here");
    refuses("-chardev rpc,=1", OPTIONS_DAEMON, "-chardev rpc,=1: Invalid parameter ''");
    refuses("-chardev nope,help", OPTIONS_DAEMON,
            "-chardev nope,help: 'nope' is not a valid char driver name");
    options_free(parses("none -chardev rpc,id=c -chardev memory,id=m", OPTIONS_CREATE));
    options_free(parses("-chardev socket,id=s,path=/x,server,nowait", OPTIONS_DAEMON));
}

static void test_memory(void)
{
    g_autoptr(ServerOptions) options = parses("-M virt -m 64", OPTIONS_DAEMON);

    g_assert_true(machine_config_sets(options->machine, "ram-size"));
    g_assert_cmpstr(machine_config_type(options->machine), ==, "virt");
    refuses("-m size=1,slots=2", OPTIONS_DAEMON,
            "-m size=1,slots=2: a size is expected, such as 128M or size=1G");
}

static void test_usage_names_all(void)
{
    static const char *const names[] = { "-h",      "-version", "-M",          "-machine",
                                         "-device", "-object",  "-global",     "-readconfig",
                                         "-name",   "--listen", "-nodefaults", "--dma-timeout",
                                         NULL };
    g_autofree char *usage = options_usage();

    for (const char *const *name = names; *name; name++) {
        g_assert_nonnull(strstr(usage, *name));
    }
}

static void assert_value(GVariant *map, const char *key, const char *expected)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(map, key, NULL);

    g_assert_nonnull(value);
    g_assert_cmpstr(qom_value_peek_text(value), ==, expected);
}

static void test_device_opts(void)
{
    g_autoptr(GError) error = NULL;
    bool help = true;
    g_autoptr(GVariant) map =
        device_opts_parse("foo,mem[0]=a,,b,x=1,x=2,empty=,url=a=b", &help, &error);
    g_autoptr(GVariant) json = NULL;

    g_assert_no_error(error);
    g_assert_false(help);
    g_assert_cmpuint(g_variant_n_children(map), ==, 5);
    assert_value(map, "driver", "foo");
    assert_value(map, "mem[0]", "a,b");
    assert_value(map, "x", "2");
    assert_value(map, "empty", "");
    assert_value(map, "url", "a=b");
    json = device_opts_parse("{\"driver\": \"foo\", \"n\": 3}", &help, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_variant_n_children(json), ==, 2);
    g_assert_null(device_opts_parse("{", &help, &error));
    g_assert_nonnull(error);
}

/* Builds what @line says. */
static MachineState *builds(const char *line)
{
    g_autoptr(ServerOptions) options = parses(line, OPTIONS_DAEMON);
    g_autoptr(GError) error = NULL;
    MachineState *machine = machine_config_build(options->machine, NULL, NULL, &error);

    g_assert_no_error(error);
    return machine;
}

static void build_fails(const char *line, const char *message)
{
    g_autoptr(ServerOptions) options = parses(line, OPTIONS_DAEMON);
    g_autoptr(GError) error = NULL;

    g_assert_null(machine_config_build(options->machine, NULL, NULL, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void test_build(void)
{
    MachineState *machine =
        builds("-M none -global sifive_soc.gpio.ngpio=9 -device sifive_soc.gpio,id=a,addr=0x1000 "
               "-device '{\"driver\":\"sifive_soc.gpio\",\"id\":\"b\",\"addr\":8192,\"ngpio\":3}'");
    Object *a = object_resolve_path(machine->root, "/machine/peripheral/a", NULL);
    Object *b = object_resolve_path(machine->root, "/machine/peripheral/b", NULL);

    g_assert_true(machine->ready);
    g_assert_cmpuint(object_property_get_uint(a, "ngpio", NULL), ==, 9);
    g_assert_cmpuint(object_property_get_uint(b, "ngpio", NULL), ==, 3);
    machine_free(machine);
}

static void test_build_fails(void)
{
    build_fails("-nodefaults", "no machine type is given; use -M TYPE ('-M help' lists the types)");
    build_fails("-M sifive-e", "unsupported machine type \"sifive-e\"; did you mean 'sifive_e'?");
    build_fails("-M none,foo=1", "-M none,foo=1: Property 'none-machine.foo' not found");
    build_fails("-M none -chardev rcp,id=c",
                "-chardev rcp,id=c: 'rcp' is not a valid char driver name; did you mean 'rpc'?");
    build_fails("-M none -chardev tty,id=c", /* a name of serial, not a misspelt pty */
                "-chardev tty,id=c: chardev: serial/tty: no device path given");
    build_fails("-M none -global x", "-global x: Expected '=' after parameter 'x'");
    build_fails("-M none -device driver=sifive_soc.gpoi",
                "-device driver=sifive_soc.gpoi: 'sifive_soc.gpoi' is not a valid device model "
                "name; did you mean 'sifive_soc.gpio'?");
    build_fails("-M none -device id=x", "-device id=x: Parameter 'driver' is missing");
    build_fails("-M none -device sifive_soc.gpio,id=x,addr=0 -device sifive_soc.gpio,id=y,addr=128",
                "-device sifive_soc.gpio,id=y,addr=128: Device 'sifive_soc.gpio' can't be mapped "
                "at 0x80-0x17f: it would overlap region 'sifive_soc.gpio' at 0x0-0xff");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/options/chardev/stays-within-the-server-for-remote-clients", test_chardev);
    g_test_add_func("/options/memory-is-the-machines-ram-size", test_memory);
    g_test_add_func("/server/options/one-dash-or-two-and-the-last-machine-counts", test_type);
    g_test_add_func("/server/options/first-word-is-the-type-except-for-the-daemon",
                    test_first_word);
    g_test_add_func("/server/options/clients-get-no-files-and-no-sockets", test_unavailable);
    g_test_add_func("/server/options/mistakes-are-named", test_mistakes);
    g_test_add_func("/server/options/help-stops-parsing-and-lists", test_help);
    g_test_add_func("/server/options/usage-names-every-option", test_usage_names_all);
    g_test_add_func("/server/options/dma-timeout-is-in-milliseconds", test_dma_timeout);
    g_test_add_func("/server/options/device-keys-are-flat-and-commas-double", test_device_opts);
    g_test_add_func("/server/options/machine-is-built-as-told", test_build);
    g_test_add_func("/server/options/build-failures-name-their-origin", test_build_fails);
    return g_test_run();
}
