/* The program as a whole on a server that the test holds in its hands: what it prints and its exit code. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cosim/cli/command.h"
#include "tests/unit/cli/fake_chardev.h"
#include "tests/unit/cli/fake_qosim.h"

typedef struct Outcome {
    int code;
    char *out;
    char *err;
} Outcome;

static int redirect(int fd, char **name)
{
    int saved = dup(fd);
    int file = g_file_open_tmp("qosim-cli-XXXXXX", name, NULL);

    g_assert_cmpint(file, >=, 0);
    dup2(file, fd);
    close(file);
    return saved;
}

static char *restore(int fd, int saved, char *name)
{
    char *text = NULL;

    dup2(saved, fd);
    close(saved);
    g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
    unlink(name);
    g_free(name);
    return text;
}

/* Runs `qosim @line`; words are separated by single blanks. */
static Outcome run(const char *line)
{
    g_autofree char *full = g_strdup_printf("qosim%s%s", line[0] ? " " : "", line);
    g_auto(GStrv) words = g_strsplit(full, " ", -1);
    char *names[2];
    int saved[2];
    Outcome outcome;

    fflush(stdout);
    saved[0] = redirect(STDOUT_FILENO, &names[0]);
    saved[1] = redirect(STDERR_FILENO, &names[1]);
    outcome.code = cli_main((int)g_strv_length(words), words);
    outcome.out = restore(STDOUT_FILENO, saved[0], names[0]);
    outcome.err = restore(STDERR_FILENO, saved[1], names[1]);
    g_assert_cmpuint(fake.open_sessions, ==, 0);
    return outcome;
}

static void clear(Outcome *outcome)
{
    g_free(outcome->out);
    g_free(outcome->err);
}

/* @err: what standard error must begin with; "": must be empty. */
static void assert_run(const char *line, int code, const char *out, const char *err)
{
    Outcome outcome = run(line);

    g_assert_cmpstr(outcome.out, ==, out);
    if (err[0] == '\0') {
        g_assert_cmpstr(outcome.err, ==, "");
    } else if (!g_str_has_prefix(outcome.err, err)) {
        g_assert_cmpstr(outcome.err, ==, err);
    }
    g_assert_cmpint(outcome.code, ==, code);
    clear(&outcome);
}

static void set_up(void)
{
    fake_reset();
    g_unsetenv("QOSIM_URL");
    g_setenv("XDG_RUNTIME_DIR", "/run/user/nobody", TRUE);
}

static void test_help(void)
{
    static const char *const commands[] = { "info",  "tree",  "types", "props",   "get",    "set",
                                            "add",   "del",   "read",  "write",   "pin",    "irq",
                                            "reset", "stats", "qtest", "chardev", "console" };
    Outcome all;

    set_up();
    all = run("--help");
    g_assert_cmpint(all.code, ==, CLI_OK);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *line = g_strdup_printf("%s --help", commands[i]);
        g_autofree char *row = g_strdup_printf("\n  %s ", commands[i]);
        g_autofree char *usage =
            g_strdup_printf("Usage: qosim [-u URL] [--timeout MS] %s", commands[i]);
        Outcome one = run(line);

        g_assert_nonnull(strstr(all.out, row));
        g_assert_cmpint(one.code, ==, CLI_OK);
        g_assert_true(g_str_has_prefix(one.out, usage));
        g_assert_cmpstr(one.err, ==, "");
        clear(&one);
    }
    clear(&all);
    assert_run("--version", CLI_OK, "qosim " QOSIM_VERSION "\n", "");
}

static void test_usage_errors(void)
{
    set_up();
    assert_run("", CLI_USAGE, "", "qosim: a command is missing\nTry 'qosim --help'.\n");
    assert_run("raed 0", CLI_USAGE, "", "qosim: unknown command 'raed'; did you mean 'read'?\n");
    assert_run("frobnicate", CLI_USAGE, "", "qosim: unknown command 'frobnicate'\n");
    assert_run("--tiemout 3 info", CLI_USAGE, "", "qosim: unknown option '--tiemout'");
    assert_run("--timeout x info", CLI_USAGE, "", "qosim: '--timeout x': not a number");
    assert_run("get", CLI_USAGE, "", "qosim: get: too few arguments; expected: PATH [PROPERTY]\n");
    assert_run("get a b c", CLI_USAGE, "", "qosim: get: unexpected argument 'c'\n");
    assert_run("types --abstrct", CLI_USAGE, "",
               "qosim: types: unknown option '--abstrct'; did you mean '--abstract'?\n");
}

static void test_url(void)
{
    set_up();
    assert_run("reset", CLI_NO_SERVER, "",
               "qosim: reset: no server at ipc:///run/user/nobody/qosim/qosim.sock: ");
    g_setenv("QOSIM_URL", "tcp://env:1", TRUE);
    assert_run("reset", CLI_OK, "", "");
    g_assert_cmpstr(fake.url, ==, "tcp://env:1");
    assert_run("-u tcp://a:1 --timeout 250 reset", CLI_OK, "", "");
    g_assert_cmpstr(fake.url, ==, "tcp://a:1");
    g_assert_cmpint(fake.timeout_ms, ==, 250);
    assert_run("-u tcp://a:1 reset --url tcp://b:1", CLI_OK, "", "");
    g_assert_cmpstr(fake.url, ==, "tcp://b:1");
    g_unsetenv("QOSIM_URL");
}

static void test_exit_codes(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    fake.result = QOSIM_ERR_GENERIC;
    assert_run("reset", CLI_REFUSED, "", "qosim: reset: the fake says no");
    fake.result = QOSIM_ERR_NOT_FOUND;
    assert_run("del x", CLI_REFUSED, "", "qosim: del: the fake says no");
    fake.result = QOSIM_ERR_TIMEOUT;
    assert_run("reset", CLI_NO_SERVER, "", "qosim: reset: the fake says no");
    fake.result = QOSIM_ERR_DISCONNECTED;
    assert_run("read 0x80000000", CLI_NO_SERVER, "", "qosim: read: the fake says no");
    fake.result = QOSIM_OK;
    fake.open_result = QOSIM_ERR_TIMEOUT;
    assert_run("reset", CLI_NO_SERVER, "", "qosim: reset: the fake does not open");
    fake.open_result = QOSIM_ERR_INVALID_ARGUMENT;
    assert_run("reset", CLI_USAGE, "", "qosim: reset: the fake does not open");
    fake.open_result = QOSIM_ERR_GENERIC;
    assert_run("reset", CLI_REFUSED, "", "qosim: reset: the fake does not open");
}

static void test_memory(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    assert_run("write 0x80000000 0x11223344", CLI_OK, "", "");
    assert_run("read 0x80000000", CLI_OK, "0x11223344\n", "");
    assert_run("read 0x80000000 b", CLI_OK, "0x44\n", "");
    assert_run("read 0x80000002 2 --dma", CLI_OK, "0x1122\n", "");
    assert_run("read 0x80000000 q", CLI_OK, "0x0000000011223344\n", "");
    assert_run("read 0x80000000 b 3", CLI_OK,
               "0x80000000\t0x44\n0x80000001\t0x33\n0x80000002\t0x22\n", "");
    assert_run("write 0x80000004 -1 w", CLI_OK, "", "");
    assert_run("read 0x80000004", CLI_OK, "0x0000ffff\n", "");
    assert_run("write 0x80000010 0xaa --fill 3", CLI_OK, "", "");
    assert_run("read 0x80000010 --block 5", CLI_OK, "0x80000010  aa aa aa 00 00\n", "");
    assert_run("read 0x80000010 --block 5 --hex", CLI_OK, "aaaaaa0000\n", "");
}

static void test_memory_errors(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    assert_run("read 0", CLI_REFUSED, "",
               "qosim: read: read of 4 bytes at 0x00000000: nothing there takes such an access");
    assert_run("write 0 1 q", CLI_REFUSED, "", "qosim: write: write of 8 bytes at 0x00000000: ");
    assert_run("read zz", CLI_USAGE, "", "qosim: read: 'zz': not an address\n");
    assert_run("read 0 3", CLI_USAGE, "", "qosim: read: '3': a width is b, w, l, q or 1, 2, 4, 8");
    assert_run("read 0 0", CLI_USAGE, "", "qosim: read: '0': a width is");
    assert_run("read 0 l 0", CLI_USAGE, "", "qosim: read: '0': a count is 1 to");
    assert_run("read 0 --block 0", CLI_USAGE, "", "qosim: read: --block wants a length");
    assert_run("read 0 --block 0x10000000000", CLI_USAGE, "",
               "qosim: read: '--block 0x10000000000': at most 268435456\n");
    assert_run("write 0x80000000 0x100 b", CLI_USAGE, "",
               "qosim: write: '0x100' does not fit into 1 bytes\n");
    assert_run("write 0x80000000 -129 b", CLI_USAGE, "", "qosim: write: '-129' does not fit");
    assert_run("write 0x80000000", CLI_USAGE, "", "qosim: write: a value is missing\n");
    assert_run("write 0x80000000 --file /nonexistent/x", CLI_USAGE, "", "qosim: write: ");
}

static void test_objects(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    assert_run("get /machine ngpio", CLI_OK, "ngpio of /machine\n", "");
    assert_run("get /machine", CLI_OK, "type\ttype of /machine\tstring\n", "");
    assert_run("get /nope x", CLI_REFUSED, "", "qosim: get: the fake says no");
    assert_run("tree", CLI_OK, "/ (type of /)\n  /nope (a.thing)\n  /soc (some.soc)\n", "");
    assert_run("tree /lines", CLI_OK,
               "/lines (type of /lines)\n  /in[0] ... [10] (irq)\n  /other[0] (irq)\n", "");
    assert_run("tree /lines --all", CLI_OK,
               "/lines (type of /lines)\n  /in[0] (irq)\n  /in[9] (irq)\n  /in[10] (irq)\n"
               "  /other[0] (irq)\n",
               "");
    assert_run("set /a b -5", CLI_OK, "", "");
    assert_run("add t,id=g,a=1,,2,b=x", CLI_OK, "/machine/peripheral/x\n", "");
    g_assert_cmpstr(fake.made, ==, "t id=g [a=1,2 b=x]");
    assert_run("add t,a", CLI_USAGE, "", "qosim: add: 'a': expected PROPERTY=VALUE\n");
    assert_run("types --implements device --abstract", CLI_OK, "device\t\tabstract\n", "");
    assert_run("props t", CLI_OK, "type\tstring\t\twhat it is\n", "");
    assert_run("stats", CLI_OK, "requests\t42\t\n", "");
}

static void test_chardevs(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    g_string_assign(fake_chardev.output, "what waits");
    assert_run("chardev", CLI_OK, "c0\trpc\trpc\topen\topen\tyes\t10\n", "");
    assert_run("chardev list", CLI_OK, "c0\trpc\trpc\topen\topen\tyes\t10\n", "");
    assert_run("chardev read c0", CLI_OK, "what waits", "");
    assert_run("chardev read c0", CLI_OK, "", "");
    assert_run("chardev read c1", CLI_REFUSED, "", "qosim: chardev: the fake says no");
    assert_run("chardev add pty,id=p", CLI_OK, "pty:/dev/pts/9\n", "");
    g_assert_cmpstr(fake_chardev.added, ==, "pty id=p []");
    assert_run("chardev add socket,path=/a,,b,server,nowait,id=s", CLI_OK, "pty:/dev/pts/9\n", "");
    g_assert_cmpstr(fake_chardev.added, ==, "socket id=s [path=/a,b server=on wait=off]");
    assert_run("chardev del s", CLI_OK, "", "");
    g_assert_cmpstr(fake_chardev.removed, ==, "s");
    assert_run("chardev add", CLI_USAGE, "",
               "qosim: chardev: too few arguments; expected: add BACKEND,id=ID");
    assert_run("chardev add pty", CLI_USAGE, "", "qosim: chardev: 'pty': an id is missing (id=ID)");
    assert_run("chardev del", CLI_USAGE, "", "qosim: chardev: too few arguments; expected: del ID");
    assert_run("chardev list x", CLI_USAGE, "", "qosim: chardev: unexpected argument 'x'");
    assert_run("chardev zap x", CLI_USAGE, "",
               "qosim: chardev: 'zap': expected 'list', 'add', 'del' or 'read'");
}

static void test_console(void)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    dup2(nothing, STDIN_FILENO); /* whoever runs the test may have a terminal there */
    close(nothing);
    g_string_assign(fake_chardev.output, "hello");
    assert_run("console c0 --for 1", CLI_OK, "hello", "");
    g_assert_cmpstr(fake_chardev.opened->str, ==, "");
    fake_chardev.host_open = false;
    assert_run("console c0 --for 1", CLI_OK, "", "");
    g_assert_cmpstr(fake_chardev.opened->str, ==, "open close ");
    assert_run("console c1", CLI_REFUSED, "", "qosim: console: Chardev 'c1' not found\n");
    fake_chardev.backend = "pty";
    assert_run("console c0", CLI_REFUSED, "",
               "qosim: console: chardev 'c0' is of backend 'pty'; a console needs one of backend "
               "'rpc'\n");
    assert_run("console c0 --for x", CLI_USAGE, "", "qosim: console: '--for x': not a number");
    fake.result = QOSIM_ERR_DISCONNECTED;
    assert_run("console c0", CLI_NO_SERVER, "", "qosim: console: the fake says no");
}

static void test_lines(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    assert_run("pin 3 -1", CLI_OK, "", "");
    g_assert_cmpstr(fake.line_set, ==, "/machine/soc (unnamed) 3 -1");
    assert_run("pin 0 1 --device /d --name n", CLI_OK, "", "");
    g_assert_cmpstr(fake.line_set, ==, "/d n 0 1");
    assert_run("pin x 1", CLI_USAGE, "", "qosim: pin: 'x': not a line number\n");
    assert_run("pin 1 high", CLI_USAGE, "", "qosim: pin: 'high': a level is 0, 1 or -1");
    assert_run("pin 32 1", CLI_REFUSED, "", "qosim: pin: the fake says no");
}

static void test_watch(void)
{
    set_up();
    g_setenv("QOSIM_URL", "tcp://a:1", TRUE);
    fake_change_line_later(0, 8, 1);
    fake_change_line_later(1, 9, 1);
    fake_change_line_later(0, 8, 0);
    fake_change_line_later(0, 10, 1);
    assert_run("irq watch --count 2", CLI_OK, "77 ns raise 8\n77 ns lower 8\n", "");
    assert_run("irq watch --for 20", CLI_OK, "", "");
    assert_run("irq wathc", CLI_USAGE, "", "qosim: irq: 'wathc': expected 'watch'\n");
    assert_run("irq watch --out", CLI_USAGE, "", "qosim: irq: --out needs --device\n");
    fake.result = QOSIM_ERR_DISCONNECTED;
    assert_run("irq watch --for 20000", CLI_NO_SERVER, "", "qosim: irq: the fake says no");
}

static void test_qtest_words(void)
{
    set_up();
    assert_run("-u tcp://a:1 qtest -M sifive_e", CLI_USAGE, "",
               "qosim: qtest: a server (-u tcp://a:1) has its machine already: '-M' 'sifive_e' is "
               "too much\n");
    assert_run("qtest -M help", CLI_USAGE, "",
               "qosim: qtest: lists are printed by qosimd: qosimd '-M' 'help'\n");
    assert_run("qtest --socket", CLI_USAGE, "",
               "qosim: qtest: option '--socket' needs an argument");
    assert_run("qtest --socket /nonexistent/s -M it's", CLI_NO_SERVER, "",
               "qosim: qtest: cannot connect to '/nonexistent/s'");
    g_assert_cmpstr(fake.url, ==, "inproc:'-M' 'it'\\''s'");
}

int main(int argc, char **argv)
{
    int code;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/program/every-command-has-help", test_help);
    g_test_add_func("/cli/program/wrong-command-line-is-2-and-says-what", test_usage_errors);
    g_test_add_func("/cli/program/url-comes-from-option-environment-or-default", test_url);
    g_test_add_func("/cli/program/exit-code-tells-refusal-from-absence", test_exit_codes);
    g_test_add_func("/cli/program/read-and-write", test_memory);
    g_test_add_func("/cli/program/read-and-write-say-what-is-wrong", test_memory_errors);
    g_test_add_func("/cli/program/objects-and-types", test_objects);
    g_test_add_func("/cli/program/pins", test_lines);
    g_test_add_func("/cli/program/chardevs-are-listed-made-and-removed", test_chardevs);
    g_test_add_func("/cli/program/console-opens-what-it-finds-closed", test_console);
    g_test_add_func("/cli/program/irq-watch-counts-its-own-lines", test_watch);
    g_test_add_func("/cli/program/qtest-takes-machine-options-unless-there-is-a-server",
                    test_qtest_words);
    code = g_test_run();
    fake_reset();
    return code;
}
