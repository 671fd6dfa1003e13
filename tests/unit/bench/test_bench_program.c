/* The program qosim-bench: what its commands print, and write as JSON. No figure is judged. */
#include <string.h>

#include <sys/wait.h>

#include <glib/gstdio.h>

#include "tests/unit/bench/json.h"

/* How one run went. */
typedef struct Run {
    int code;
    char *output;
    char *errors;
    GHashTable *json; /* NULL: none was asked for */
} Run;

static void run_clear(Run *run)
{
    g_free(run->output);
    g_free(run->errors);
    g_clear_pointer(&run->json, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* Runs the program with @line, split as a shell does; "$JSON" in it stands for a file. */
static Run run(const char *line)
{
    g_autofree char *directory = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "json", NULL);
    g_autoptr(GString) words = g_string_new(QOSIM_BENCH_PATH " ");
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    Run result = { 0 };
    int status;

    g_string_append(words, line);
    g_string_replace(words, "$JSON", path, 0);
    g_assert_true(g_shell_parse_argv(words->str, NULL, &argv, &error));
    g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.output,
                               &result.errors, &status, &error));
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        result.json = json_read(text);
        g_assert_nonnull(result.json);
    }
    (void)g_remove(path);
    (void)g_rmdir(directory);
    g_test_message("%s: %d\n%s%s", line, result.code, result.output, result.errors);
    return result;
}

/* The cells of the line of @output that begins with @name; the test fails when there is none. */
static char **find_row(const char *output, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    g_autofree char *start = g_strdup_printf("%s\t", name);

    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, start)) {
            return g_strsplit(*line, "\t", -1);
        }
    }
    g_error("no line begins with '%s'", name);
}

static double number_in(char **row, guint column)
{
    char *end;
    double number;

    g_assert_cmpuint(g_strv_length(row), >, column);
    number = g_ascii_strtod(row[column], &end);
    g_assert_cmpstr(end, ==, "");
    return number;
}

static void test_rpc_measures_transports_and_baselines(void)
{
    g_auto(Run) r =
        run("rpc --rounds 2 --round-ms 2 --placement free -t inproc -t tcp --json $JSON");
    g_auto(GStrv) inproc = find_row(r.output, "inproc");
    g_auto(GStrv) tcp = find_row(r.output, "tcp");
    g_auto(GStrv) baseline = find_row(r.output, "tcp (baseline)");

    g_assert_cmpint(r.code, ==, 0);
    g_assert_cmpstr(r.errors, ==, "");
    g_assert_cmpuint(g_strv_length(tcp), ==, 12);
    for (guint column = 1; column <= 6; column++) {
        g_assert_cmpfloat(number_in(tcp, column), >, 0);
        g_assert_cmpfloat(number_in(baseline, column), >, 0);
    }
    g_assert_cmpfloat(number_in(tcp, 4), >=, number_in(tcp, 3)); /* percentiles rise */
    g_assert_cmpfloat(number_in(tcp, 5), >=, number_in(tcp, 4));
    g_assert_cmpstr(inproc[7], ==, "-"); /* there is no server process */
    g_assert_cmpstr(baseline[9], ==, "-");
    g_assert_null(strstr(r.output, "ipc"));

    g_assert_cmpstr(g_hash_table_lookup(r.json, "/command"), ==, "rpc");
    g_assert_cmpstr(g_hash_table_lookup(r.json, "/placement"), ==, "free");
    g_assert_cmpfloat(json_number(r.json, "/rounds"), ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(r.json, "/results/0/name"), ==, "inproc");
    g_assert_cmpfloat(json_number(r.json, "/results/1/batched_64/per_second"), >, 0);
    g_assert_cmpfloat(json_number(r.json, "/results/1/posted/rounds/1/operations"), >, 0);
    g_assert_cmpfloat(json_number(r.json, "/results/1/idle_cpu"), >=, 0);
    g_assert_cmpfloat(json_number(r.json, "/goals/0/measured"), >, 0);
    g_assert_true(g_hash_table_contains(r.json, "/goals/2/reached"));
    g_assert_false(g_hash_table_contains(r.json, "/goals/3/reached"));
}

static void test_profile_splits_a_round_trip(void)
{
    g_auto(Run) r = run("profile --rounds 2 --round-ms 2 --placement free --json $JSON");
    g_auto(GStrv) ipc = find_row(r.output, "ipc");
    g_auto(GStrv) step = find_row(r.output, "encode_request");

    g_assert_cmpint(r.code, ==, 0);
    g_assert_cmpuint(g_strv_length(ipc), ==, 9);
    g_assert_cmpfloat(number_in(ipc, 1), >, 0);
    g_assert_cmpfloat(number_in(ipc, 2), >, 0);
    g_assert_cmpfloat(number_in(step, 2), ==, json_number(r.json, "/request_bytes"));
    g_assert_cmpfloat(json_number(r.json, "/transports/ipc/total_ns"), >=,
                      json_number(r.json, "/transports/ipc/wire_ns"));
    g_assert_cmpfloat(json_number(r.json, "/transports/inproc/wire_ns"), ==, 0);
}

static void test_sessions_serves_every_client(void)
{
    g_auto(Run) r =
        run("sessions --clients 9 --machines 3 --seconds 1 --placement free --json $JSON");
    g_auto(GStrv) memory = find_row(r.output, "private memory of a machine and a session");

    g_assert_cmpint(r.code, ==, 0);
    g_assert_cmpfloat(number_in(memory, 1), >, 0);
    g_assert_cmpfloat(json_number(r.json, "/clients"), ==, 9);
    g_assert_cmpfloat(json_number(r.json, "/reads"), >=, 9);
    g_assert_cmpfloat(json_number(r.json, "/wait_longest_ms"), >=,
                      json_number(r.json, "/wait_median_ms"));
    g_assert_true(g_hash_table_contains(r.json, "/fair"));
}

static void test_same_core_under_load(void)
{
    g_auto(Run) r =
        run("rpc --rounds 1 --round-ms 5 -t ipc --placement same-core --load busy --json $JSON");

    g_assert_cmpint(r.code, ==, 0);
    g_assert_nonnull(strstr(r.output, "placement same-core, load busy"));
    g_assert_cmpstr(g_hash_table_lookup(r.json, "/load"), ==, "busy");
}

static void test_a_server_that_cannot_be_had_is_said_so(void)
{
    g_auto(Run) r = run("rpc --rounds 1 --round-ms 1 --placement free -t ipc -t inproc "
                        "--qosimd /nonexistent/qosimd");
    g_auto(GStrv) inproc = find_row(r.output, "inproc");

    g_assert_cmpint(r.code, ==, 1);
    g_assert_nonnull(strstr(r.output, "# ipc: not measured: "));
    g_assert_cmpfloat(number_in(inproc, 1), >, 0);
}

static void test_help_names_every_option(void)
{
    const char *const commands[] = { "rpc", "profile", "sessions", "lockstep" };
    g_auto(Run) all = run("--help");

    g_assert_cmpint(all.code, ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *line = g_strdup_printf("%s --help", commands[i]);
        g_auto(Run) r = run(line);

        g_assert_nonnull(strstr(all.output, commands[i]));
        g_assert_cmpint(r.code, ==, 0);
        g_assert_nonnull(strstr(r.output, "--placement"));
        g_assert_nonnull(strstr(r.output, "--load"));
        g_assert_nonnull(strstr(r.output, "--json"));
    }
}

static void test_mistakes_on_the_command_line(void)
{
    const struct {
        const char *line;
        const char *says;
    } cases[] = {
        { "", "a command is missing" },
        { "rcp", "unknown command 'rcp'" },
        { "rpc -t carrier-pigeon", "no such transport 'carrier-pigeon'" },
        { "rpc --rounds 0", "from 1 to 1000" },
        { "rpc --rounds x", "x" },
        { "rpc --placement moon", "one-core-each, same-core, free" },
        { "rpc --load heavy", "none, busy" },
        { "rpc more", "unexpected argument 'more'" },
        { "sessions --clients 1 --machines 2", "a client for each" },
        { "sessions --rounds 3", "--rounds" },
        { "lockstep --bus pci", "the bus is axil, apb, wishbone or tilelink" },
        { "peer", "other commands start this one" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Run) r = run(cases[i].line);

        g_assert_cmpint(r.code, ==, 2);
        g_assert_nonnull(strstr(r.errors, cases[i].says));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench/rpc/measures-transports-and-baselines",
                    test_rpc_measures_transports_and_baselines);
    g_test_add_func("/bench/rpc/same-core-under-load", test_same_core_under_load);
    g_test_add_func("/bench/rpc/a-server-that-cannot-be-had-is-said-so",
                    test_a_server_that_cannot_be_had_is_said_so);
    g_test_add_func("/bench/profile/splits-a-round-trip", test_profile_splits_a_round_trip);
    g_test_add_func("/bench/sessions/serves-every-client", test_sessions_serves_every_client);
    g_test_add_func("/bench/options/help-names-every-option", test_help_names_every_option);
    g_test_add_func("/bench/options/mistakes-on-the-command-line",
                    test_mistakes_on_the_command_line);
    return g_test_run();
}
