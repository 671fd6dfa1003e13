/*
 * What the subcommands of qosim-bench share: options, placement on cores, the processes that are measured, loops measured in turns,
 * tables and JSON.
 *
 * Figures of a loaded machine vary by a factor of two with no change of code. So everything that is to be compared is measured
 * in one run, in short rounds taken in turns, and compared round by round; placement and load are stated with the result.
 */
#ifndef QOSIM_COSIM_BENCH_BENCH_H
#define QOSIM_COSIM_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include <glib.h>

/* What the program exits with. */
typedef enum BenchExit {
    BENCH_OK = 0,
    BENCH_FAILED = 1, /* something could not be measured */
    BENCH_USAGE = 2,  /* wrong command line */
} BenchExit;

typedef struct BenchCommand {
    const char *name;
    const char *summary; /* one line, without a full stop */
    const char *details; /* what is measured, and how; NULL: nothing more to say */
    bool has_rounds;     /* it measures loops in turns: bench_measure() */
    BenchExit (*run)(int argc, char **argv); /* argv[0] is the command's name */
} BenchCommand;

/* One of each in its own file; main.c has the table. */
extern const BenchCommand bench_rpc;
extern const BenchCommand bench_profile;
extern const BenchCommand bench_sessions;
extern const BenchCommand bench_virtio;
extern const BenchCommand bench_iss;
extern const BenchCommand bench_lockstep;
extern const BenchCommand bench_peer; /* the other process of the baselines: not for people */

/* Texts of GErrors of this program. */
GQuark bench_error_quark(void);
bool bench_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* options.c */

typedef enum BenchPlacement {
    BENCH_ONE_CORE_EACH, /* this process on one core, the other on another one */
    BENCH_SAME_CORE,
    BENCH_FREE, /* as the scheduler likes */
} BenchPlacement;

typedef enum BenchLoad {
    BENCH_LOAD_NONE,
    BENCH_LOAD_BUSY, /* one process that never sleeps on each core */
} BenchLoad;

/* The options that every command has. */
typedef struct BenchOptions {
    int rounds;   /* 11 */
    int round_ms; /* 50: how long each loop runs in a round, about */
    BenchPlacement placement;
    BenchLoad load;
    char *json;   /* a file to write besides; NULL: none */
    char *qosimd; /* the program to measure */
} BenchOptions;

/*
 * Takes the options of @command (@entries, NULL: none of its own) and those of every command out of the command line, and says
 * what is wrong with it. --help ends the program.
 */
bool bench_options_parse(const BenchCommand *command, const GOptionEntry *entries, int argc,
                         char **argv, BenchOptions *options);
void bench_options_clear(BenchOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BenchOptions, bench_options_clear)

const char *bench_placement_name(BenchPlacement placement);
const char *bench_load_name(BenchLoad load);

/* placement.c */

/*
 * Puts this process where @options say, before it has threads, and starts the load. Fails when there are too few cores. The
 * load ends with bench_placement_end(), and with this process.
 */
bool bench_placement_begin(const BenchOptions *options, GError **error);
void bench_placement_end(void);

/* In a process that is to be measured, before it runs its program: puts it where it belongs. Async-signal-safe. */
void bench_placement_of_peer(void);

/* How many cores this process may use. */
int bench_cores(void);

/* process.c */

/* A process that is measured, and its directory, which goes with it. */
typedef struct BenchProcess {
    GPid pid;
    int in;  /* its standard input: closed to tell that it is not needed any more */
    int out; /* its standard output */
    char *directory;
} BenchProcess;

/*
 * Starts the program of @words and waits for @lines lines on its standard output; the text of the last one goes to *@said
 * (may be NULL). "$DIR" in a word stands for a fresh directory. It ends with this process.
 */
BenchProcess *bench_process_start(const char *const *words, unsigned lines, char **said,
                                  GError **error);
/* Ends it, NULL is ignored. */
void bench_process_stop(BenchProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchProcess, bench_process_stop)

/* qosimd with @arguments (split as a shell does) and one listener at @url, which may have "$DIR" in it. */
BenchProcess *bench_process_qosimd(const BenchOptions *options, const char *arguments,
                                   const char *url, GError **error);

/* @url with the directory of @process for "$DIR". Free with g_free(). */
char *bench_process_url(const BenchProcess *process, const char *url);

/* A free port of the loopback. */
unsigned bench_free_port(void);

/* CPU time of a process with all its threads, in seconds; 0 for one that is gone. @pid 0: this one. */
double bench_cpu_seconds(pid_t pid);

/* Resident memory of a process, in bytes; private: what it shares with nobody. */
uint64_t bench_memory_bytes(pid_t pid, bool only_private);

/* measure.c */

/* One round of a loop. */
typedef struct BenchRound {
    uint64_t operations;
    double seconds;
    double own_cpu;  /* seconds of CPU of this process */
    double peer_cpu; /* and of the other one */
} BenchRound;

typedef struct BenchLoop {
    const char *name;
    /* Carries out @n operations, a multiple of @unit. */
    bool (*run)(void *opaque, uint64_t n, GError **error);
    /* Around each round; NULL: nothing to do. */
    void (*begin)(void *opaque);
    void (*end)(void *opaque);
    void *opaque;
    uint64_t unit; /* 0 stands for 1 */
    bool is_timed; /* each operation is timed as well, for the percentiles */
    pid_t peer;    /* 0: none */

    /* What came of it. */
    GArray *rounds; /* of BenchRound */
    GArray *times;  /* of double, ns: single operations */
} BenchLoop;

/* Measures @n loops in turns, @options->rounds times. */
bool bench_measure(BenchLoop *loops, guint n, const BenchOptions *options, GError **error);
void bench_loop_clear(BenchLoop *loop);

/* What the rounds come to, per operation. */
typedef struct BenchSummary {
    double mean_ns; /* median over the rounds of each round's mean */
    double best_ns; /* the mean of the quickest round */
    double p50_ns;  /* of single operations, 0 when they were not timed; so are the next two */
    double p99_ns;
    double p999_ns;
    double own_cpu_ns; /* CPU time: of all rounds together */
    double peer_cpu_ns;
    double per_second;
} BenchSummary;

BenchSummary bench_loop_summary(const BenchLoop *loop);

/* Median over the rounds of the mean of @loop by the mean of @base in the same round. */
double bench_loop_ratio(const BenchLoop *loop, const BenchLoop *base);

/* Seconds of the monotonic clock. */
double bench_now(void);

/* stats.c: of doubles. @values are sorted by the functions; an empty array gives 0. */
double bench_median(GArray *values);
double bench_mean(const GArray *values);
/* @part from 0 to 1: the smallest value that at least that part of the values does not exceed. */
double bench_percentile(GArray *values, double part);

/* report.c */

/* "AMD EPYC, 2 cores, load average 0.71" */
char *bench_machine_line(void);
/* Prints that line and how the run was set up. */
void bench_print_heading(const BenchCommand *command, const BenchOptions *options);

/* A table: lined up on a terminal, else separated by tabs, with its headings behind a "# ". */
typedef struct BenchTable BenchTable;
BenchTable *bench_table_new(const char *const *headings); /* NULL-terminated, borrowed */
void bench_table_add(BenchTable *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Prints and frees it. */
void bench_table_print(BenchTable *table);

/* "0.123", "12.3", "4560": three digits that mean something; "-" for 0. */
char *bench_number(double value);
/* Adds a cell with bench_number(). */
void bench_table_add_number(BenchTable *table, double value);

/*
 * JSON, written from the outside in. @key is NULL inside an array. Every file is one object that begins with the command, the
 * version, the machine and the options of the run.
 */
typedef struct BenchJson BenchJson;
BenchJson *bench_json_new(const BenchCommand *command, const BenchOptions *options);
void bench_json_open(BenchJson *json, const char *key, char bracket); /* '{' or '[' */
void bench_json_close(BenchJson *json);
void bench_json_text(BenchJson *json, const char *key, const char *text);
void bench_json_number(BenchJson *json, const char *key, double value);
void bench_json_bool(BenchJson *json, const char *key, bool value);
/* The summary of a loop and its rounds, as an object. */
void bench_json_loop(BenchJson *json, const char *key, const BenchLoop *loop);
/* Closes what is open and writes it to @options->json, if there is one; frees it. */
bool bench_json_finish(BenchJson *json, const BenchOptions *options, GError **error);

/* Prints @error as this program's and gives the exit code. */
BenchExit bench_complain(const BenchCommand *command, const GError *error);

#endif
