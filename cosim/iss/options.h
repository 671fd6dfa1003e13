/* The command line of qosim-iss. */
#ifndef QOSIM_COSIM_ISS_OPTIONS_H
#define QOSIM_COSIM_ISS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct IssOptions {
    char *url;
    char *machine;
    char *create;
    char *firmware;
    char *trace;  /* file; NULL: none */
    char *script; /* file of host input; NULL: none */
    bool rv64;
    bool observe;
    bool skip_idle; /* a sleeping CPU's time jumps to what is next */
    bool posted;    /* stores are not waited for */
    bool quiet;
    uint64_t ram_size; /* 0: the machine's RAM */
    uint64_t max_insns;
    uint64_t quantum; /* instructions; 0: as far as the server allows */
    uint64_t insn_ns;
    unsigned console_irq; /* PLIC source; 0: none */
    unsigned gdb_port;    /* 0: no debugger */
    int timeout_ms;
} IssOptions;

/* What came of a command line. */
typedef enum IssParse { ISS_PARSE_RUN, ISS_PARSE_DONE, ISS_PARSE_WRONG } IssParse;

/* Prints help and version itself; ISS_PARSE_WRONG comes with @error. */
IssParse iss_options_parse(int argc, char **argv, IssOptions *options, GError **error);
void iss_options_clear(IssOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IssOptions, iss_options_clear)

#endif
