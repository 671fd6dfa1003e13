/* qosimd as a program: its command line, its sockets, its end. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/raw_client.h"

/* Runs qosimd with words apart by single spaces; it must fail and say @message, all of it. */
static void refuses(const char *arguments, const char *message)
{
    g_auto(GStrv) words = g_strsplit(arguments, " ", -1);
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    g_autofree char *expected = g_strdup_printf("qosimd: %s\n", message);

    g_assert_cmpint(daemon_run((const char *const *)words, NULL, &output, &errors), ==, 1);
    g_assert_cmpstr(errors, ==, expected);
    g_assert_cmpstr(output, ==, "");
}

static void test_wrong_options(void)
{
    refuses("-devcie x", "invalid option '-devcie'; did you mean '-device'?");
    refuses("--devcie x", "invalid option '--devcie'; did you mean '-device'?");
    refuses("-Device x", "invalid option '-Device'; did you mean '-device'?");
    refuses("-M sifive_e -m x", "-m x: Parameter 'ram-size' expects a size value");
    refuses("-M sifive_e -m 1,slots=2",
            "-m 1,slots=2: a size is expected, such as 128M or size=1G");
    refuses("--lisen x", "invalid option '--lisen'; did you mean '--listen'?");
    refuses("-xyzzy", "invalid option '-xyzzy'");
    refuses("--listen=ipc:///x", "invalid option '--listen=ipc:///x'; write '--listen ipc:///x'");
    refuses("-M none --session-grace soon",
            "--session-grace soon: a number of seconds from 0 to 31536000 is expected");
    refuses("-M none --session-grace -1",
            "--session-grace -1: a number of seconds from 0 to 31536000 is expected");
    refuses("-M none --session-grace nan",
            "--session-grace nan: a number of seconds from 0 to 31536000 is expected");
    refuses("-M none --kept-replies 0", "--kept-replies 0: a number from 1 to 65536 is expected");
    refuses("-M none --kept-replies 65537",
            "--kept-replies 65537: a number from 1 to 65536 is expected");
    refuses("-M none --kept-bytes 0",
            "--kept-bytes 0: a number of bytes from 1 to 1073741824 is expected");
    refuses("-M none --kept-bytes 2G",
            "--kept-bytes 2G: a number of bytes from 1 to 1073741824 is expected");
    refuses("-M", "option '-M' needs an argument: -M TYPE[,PROP=VALUE...]");
    refuses("-M none disk.img", "unexpected argument 'disk.img'");
    refuses("-nodefaults", "no machine type is given; use -M TYPE ('-M help' lists the types)");
    refuses("-M sifve_e", "unsupported machine type \"sifve_e\"; did you mean 'sifive_e'?");
}

/* Sends request @id, which may be one of before: what is said to it. */
static QsStatusCode ask(RawClient *client, uint64_t id)
{
    QsOperation advance = raw_advance_by(10);

    raw_client_send(client,
                    (QsClientFrame){ .request_id = id, .operations = &advance, .n_operations = 1 });
    return raw_client_await(client, id)->status.code;
}

/* How many of the last 20 replies a daemon with @arguments still has. */
static unsigned count_kept(const char *arguments)
{
    g_autoptr(Daemon) daemon = daemon_start(arguments, "ipc");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_DRIVER, false);
    unsigned kept = 0;

    for (uint64_t id = 2; id < 22; id++) {
        g_assert_cmpint(ask(client, id), ==, QS_STATUS_OK);
    }
    for (uint64_t id = 2; id < 22; id++) {
        QsStatusCode code = ask(client, id);

        g_assert_true(code == QS_STATUS_OK || code == QS_STATUS_STALE_REQUEST);
        g_assert_true(code == QS_STATUS_OK || kept == 0); /* the oldest go first */
        kept += code == QS_STATUS_OK;
        if (code == QS_STATUS_OK) {
            g_assert_cmpuint(client->frame.reply.now_ns, ==, (id - 1) * 10);
        }
    }
    return kept;
}

static void test_kept_replies(void)
{
    g_assert_cmpuint(count_kept("-M none"), ==, 20);
    g_assert_cmpuint(count_kept("-M none --kept-replies 7"), ==, 7);
    g_assert_cmpuint(count_kept("-M none --kept-replies 1"), ==, 1);
    g_assert_cmpuint(count_kept("-M none --kept-bytes 1"), ==, 1); /* the newest in any case */
}

static void test_wrong_machines(void)
{
    refuses("-M none -device nope", "-device nope: 'nope' is not a valid device model name");
    refuses("-M none -device device",
            "-device device: Parameter 'driver' expects a non-abstract device type");
    refuses("-M none -device sifive_soc.gpio,zap=1,addr=0",
            "-device sifive_soc.gpio,zap=1,addr=0: Property 'sifive_soc.gpio.zap' not found");
    refuses("-M none -device sifive_soc.gpio,ngpio=many",
            "-device sifive_soc.gpio,ngpio=many: Parameter 'ngpio' expects integer");
    refuses("-M none -device sifive_soc.gpio,id=a,addr=0 -device sifive_soc.gpio,id=a,addr=0x1000",
            "-device sifive_soc.gpio,id=a,addr=0x1000: Duplicate device ID 'a'");
    refuses("-M sifive_e,zap=1", "-M sifive_e,zap=1: Property 'sifive_e-machine.zap' not found");
    refuses("-M none -object nope,id=x", "-object nope,id=x: invalid object type: nope");
    refuses("-M none -readconfig /nonexistent",
            "cannot read configuration file '/nonexistent': No such file or directory");
}

static void test_wrong_urls(void)
{
    refuses(
        "-M none --listen tcp://0.0.0.0:5000",
        "tcp://0.0.0.0:5000: '0.0.0.0' is not a loopback address such as 127.0.0.1; to serve "
        "others, give --allow-remote and --auth-file FILE, with a key that the clients have too");
    refuses("-M none --listen ws://*:5000",
            "ws://*:5000: '*' is not a loopback address such as 127.0.0.1; to serve others, "
            "give --allow-remote and --auth-file FILE, with a key that the clients have too");
    refuses("-M none --listen tcp://127.0.0.1:0",
            "tcp://127.0.0.1:0: HOST:PORT is needed, with a port from 1 to 65535");
    refuses(
        "-M none --listen gopher://x",
        "gopher://x: no such kind of URL; there are shm://PATH, ipc://PATH, tcp://HOST:PORT and "
        "ws://HOST:PORT");
}

/* Runs qosimd, which must succeed, and gives what it prints. */
static char *prints(const char *first, const char *second)
{
    const char *words[] = { first, second, NULL };
    char *output;
    g_autofree char *errors = NULL;

    g_assert_cmpint(daemon_run(words, NULL, &output, &errors), ==, 0);
    g_assert_cmpstr(errors, ==, "");
    return output;
}

static void test_help(void)
{
    g_autofree char *usage = prints("-h", NULL);
    g_autofree char *usage2 = prints("--help", NULL);
    g_autofree char *version = prints("-version", NULL);
    g_autofree char *machines = prints("-M", "help");
    g_autofree char *devices = prints("-device", "help");
    g_autofree char *properties = prints("-device", "sifive_soc.gpio,help");

    g_assert_true(g_str_has_prefix(usage, "Usage: qosimd -M TYPE"));
    g_assert_cmpstr(usage, ==, usage2);
    g_assert_nonnull(strstr(version, "protocol version 1\n"));
    g_assert_nonnull(strstr(machines, "\nnone "));
    g_assert_nonnull(strstr(machines, "\nsifive_e "));
    g_assert_nonnull(strstr(devices, "name \"sifive_soc.gpio\", bus System"));
    g_assert_nonnull(strstr(properties, "ngpio=<uint32>"));
    g_assert_null(strstr(properties, "realized"));
}

static void ends_on(int signal)
{
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", "ipc");
    const char *path = daemon->url + strlen("ipc://");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_DRIVER, true);
    g_autofree char *said = NULL;

    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(daemon_stop(daemon, signal), ==, 0);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_get_contents(daemon->errors, &said, NULL, NULL));
    g_assert_cmpstr(said, ==, "");
}

static void test_sigterm(void)
{
    ends_on(SIGTERM);
}

static void test_sigint(void)
{
    ends_on(SIGINT);
}

static void test_socket_is_private(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M none", "ipc");
    struct stat st;

    g_assert_cmpint(stat(daemon->url + strlen("ipc://"), &st), ==, 0);
    g_assert_cmpuint(st.st_mode & (S_IRWXG | S_IRWXO), ==, 0);
}

static void port_in_use(const char *scheme)
{
    g_autoptr(Daemon) daemon = daemon_start("-M none", scheme);
    g_autofree char *arguments = g_strdup_printf("-M none --listen %s", daemon->url);
    g_autofree char *message = g_strdup_printf("%s: address already in use", daemon->url);
    g_autoptr(RawClient) client = NULL;

    refuses(arguments, message);
    client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, false);
    g_assert_true(client->has_session);
}

static void test_port_in_use(void)
{
    port_in_use("ipc");
    port_in_use("tcp");
    port_in_use("ws");
}

static void test_dead_servers_socket(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M none", "ipc");
    g_autofree char *arguments = g_strdup_printf("-M none --listen %s", daemon->url);
    g_autoptr(Daemon) second = NULL;
    g_autoptr(RawClient) client = NULL;

    g_assert_cmpint(daemon_stop(daemon, SIGKILL), ==, -1);
    g_assert_true(g_file_test(daemon->url + strlen("ipc://"), G_FILE_TEST_EXISTS));
    second = daemon_start(arguments, NULL);
    g_assert_true(daemon_is_alive(second));
    client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, false);
    g_assert_true(client->has_session);
}

static void test_several_listeners(void)
{
    g_autofree char *arguments = g_strdup_printf(
        "-M sifive_e --listen ipc://$DIR/one --listen tcp://localhost:%u", daemon_free_port());
    g_autofree char *port = g_strdup(strrchr(arguments, ':') + 1);
    g_autoptr(Daemon) daemon = daemon_start(arguments, NULL);
    g_autofree char *one = g_strdup_printf("ipc://%s/one", daemon->directory);
    g_autofree char *two = g_strdup_printf("tcp://127.0.0.1:%s", port);
    g_autoptr(RawClient) a = raw_client_open(one, QS_ROLE_OBSERVER, false);
    g_autoptr(RawClient) b = raw_client_open(two, QS_ROLE_OBSERVER, false);

    raw_client_write32(a, 0x10012008, 0x5a);
    g_assert_cmphex(raw_client_read32(b, 0x10012008), ==, 0x5a);
}

/* Starts qosimd without --listen, talks to it where it should be, and stops it. */
static void talk_at_default(const char *runtime)
{
    g_autofree char *variable = g_strdup_printf("XDG_RUNTIME_DIR=%s", runtime);
    g_autofree char *url = g_strdup_printf("ipc://%s/qosim/qosim.sock", runtime);
    const char *environment[] = { variable, NULL };
    const char *words[] = { QOSIMD_PATH, "-M", "none", NULL };
    g_autoptr(RawClient) client = NULL;
    GPid pid;
    int status;

    g_assert_true(g_spawn_async(NULL, (char **)words, (char **)environment,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                &pid, NULL));
    client = raw_client_open(url, QS_ROLE_OBSERVER, false);
    g_assert_true(client->has_session);
    g_assert_cmpint(kill(pid, SIGTERM), ==, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static void test_default_socket(void)
{
    g_autofree char *runtime = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *directory = g_build_filename(runtime, "qosim", NULL);
    g_autofree char *message = g_strdup_printf(
        "qosimd: directory '%s' is open to other users; 'chmod 700' it\n", directory);
    g_autofree char *variable = g_strdup_printf("XDG_RUNTIME_DIR=%s", runtime);
    const char *environment[] = { variable, NULL };
    const char *words[] = { "-M", "none", NULL };
    g_autofree char *errors = NULL;
    struct stat st;

    talk_at_default(runtime);
    g_assert_cmpint(stat(directory, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0700);
    g_assert_cmpint(g_chmod(directory, 0755), ==, 0);
    g_assert_cmpint(daemon_run(words, environment, NULL, &errors), ==, 1);
    g_assert_cmpstr(errors, ==, message);
    (void)g_rmdir(directory);
    (void)g_rmdir(runtime);
}

static void test_readconfig(void)
{
    static const char text[] = "# a board\n"
                               "[machine]\n  type = \"none\"\n"
                               "[global]\n  driver = \"sifive_soc.gpio\"\n  property = \"ngpio\"\n"
                               "  value = \"7\"\n"
                               "[device \"g\"]\n  driver = \"sifive_soc.gpio\"\n"
                               "  addr = \"0x4000\"\n";
    g_autofree char *path = NULL;
    g_autofree char *arguments = NULL;
    int fd = g_file_open_tmp("qosim-test-XXXXXX.cfg", &path, NULL);
    g_autoptr(Daemon) daemon = NULL;
    g_autoptr(RawClient) client = NULL;
    const QsResult *result;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    arguments = g_strdup_printf("-readconfig %s", path);
    daemon = daemon_start(arguments, "ipc");
    client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, false);
    raw_client_write32(client, 0x4008, 0x12);
    g_assert_cmphex(raw_client_read32(client, 0x4008), ==, 0x12);
    result = raw_client_must(
        client, (QsOperation){ .kind = QS_OP_QOM_GET,
                               .qom = { .path = "/machine/peripheral/g", .property = "ngpio" } });
    g_assert_cmpint(result->value.kind, ==, QS_VALUE_UINT);
    g_assert_cmpuint(result->value.u, ==, 7);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qosimd/options/wrong-ones-are-named-with-the-nearest-right-one",
                    test_wrong_options);
    g_test_add_func("/qosimd/options/wrong-devices-and-machines-are-named", test_wrong_machines);
    g_test_add_func("/qosimd/options/wrong-urls-are-refused", test_wrong_urls);
    g_test_add_func("/qosimd/options/bounds-of-kept-replies-are-kept-to", test_kept_replies);
    g_test_add_func("/qosimd/options/help-lists-what-there-is", test_help);
    g_test_add_func("/qosimd/options/readconfig-builds-the-machine", test_readconfig);
    g_test_add_func("/qosimd/end/sigterm-removes-the-socket-and-exits-0", test_sigterm);
    g_test_add_func("/qosimd/end/sigint-removes-the-socket-and-exits-0", test_sigint);
    g_test_add_func("/qosimd/socket/only-its-user-may-connect", test_socket_is_private);
    g_test_add_func("/qosimd/socket/port-in-use-says-so-and-the-first-server-lives",
                    test_port_in_use);
    g_test_add_func("/qosimd/socket/of-a-killed-server-is-taken-over", test_dead_servers_socket);
    g_test_add_func("/qosimd/socket/several-listeners-reach-one-machine", test_several_listeners);
    g_test_add_func("/qosimd/socket/default-is-in-a-private-runtime-directory",
                    test_default_socket);
    return g_test_run();
}
