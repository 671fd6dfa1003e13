/* qosim-bench: how fast Qosim is, next to what it could be. */
#include "cosim/bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const BenchCommand *const commands[] = {
    &bench_rpc, &bench_profile, &bench_sessions, &bench_virtio, &bench_iss, &bench_lockstep,
};

static void print_help(void)
{
    printf("Usage: qosim-bench COMMAND [OPTION...]\n\n"
           "Measures Qosim next to what it could be at best, in one run.\n\nCommands:\n");
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    }
    printf("\nOptions:\n"
           "  -h, --help   print this and exit\n"
           "  --version    print the version and exit\n\n"
           "'qosim-bench COMMAND --help' tells more about a command. Exit codes: 0 measured, 1 "
           "something could\nnot be measured, 2 wrong command line.\n");
}

static const BenchCommand *find_command(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return strcmp(name, bench_peer.name) == 0 ? &bench_peer : NULL;
}

static BenchExit run(int argc, char **argv)
{
    const BenchCommand *command;

    if (argc < 2) {
        (void)fprintf(stderr, "qosim-bench: a command is missing; see qosim-bench --help\n");
        return BENCH_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return BENCH_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("qosim-bench %s\n", QOSIM_VERSION);
        return BENCH_OK;
    }
    command = find_command(argv[1]);
    if (!command) {
        (void)fprintf(stderr, "qosim-bench: unknown command '%s'; see qosim-bench --help\n",
                      argv[1]);
        return BENCH_USAGE;
    }
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    BenchExit code = run(argc, argv);

    bench_placement_end();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "qosim-bench: cannot write the output: %s\n", g_strerror(errno));
        return code == BENCH_OK ? BENCH_FAILED : (int)code;
    }
    return (int)code;
}
