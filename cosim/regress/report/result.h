/*
 * What a run came to, kept for the files that tell of it: the HTML page and the JUnit XML. Strings are owned unless it is said; NULL is
 * what is not known.
 */
#ifndef QOSIM_COSIM_REGRESS_REPORT_RESULT_H
#define QOSIM_COSIM_REGRESS_REPORT_RESULT_H

#include "cosim/regress/coverage.h"
#include "cosim/regress/goals.h"
#include "cosim/regress/lockstep.h"
#include "cosim/regress/report/examine.h"
#include "cosim/regress/report/timing.h"

G_BEGIN_DECLS

/* A shortest sequence that diverges. */
typedef struct ResultReproducer {
    char *path;    /* where it was written; NULL: nowhere */
    char *text;    /* of the .qreg file */
    char *command; /* to run it again */
    unsigned operations;
    Examined *examined; /* owned */
} ResultReproducer;

/* One sequence of operations: a seed's or a file's. */
typedef struct ResultCase {
    char *name;
    Verdict verdict;
    uint64_t operations;
    double seconds;
    char *text; /* of a divergence or of trouble, for people */
    bool goals; /* no operations, but what the goals of coverage came to */

    /* Of a divergence */
    Examined *examined;           /* owned */
    ResultReproducer *reproducer; /* owned */
} ResultCase;

typedef struct Results {
    const RegressDevice *device; /* borrowed */
    char *ref;
    char *dut;
    unsigned ref_observes; /* Observed: what each can tell */
    unsigned dut_observes;
    char *seed;               /* as one would give it to --seed */
    char *compared;           /* "data, irq" */
    char *unseen;             /* what is not compared, "" if nothing */
    char *masks;              /* "rise_ip=0xff", "" if none */
    char *command;            /* the command line of the run */
    const Coverage *coverage; /* borrowed; NULL: nobody counted */
    const Goals *goals;       /* borrowed; goes with it */
    gint64 started;           /* seconds since 1970 */
    ResultTiming ref_timing;
    ResultTiming dut_timing;
    GPtrArray *cases; /* ResultCase, owned */
} Results;

/* With what is known of @pair (NULL: nothing is, the targets did not open), and no cases. */
Results *results_new(const RegressDevice *device, const Pair *pair);
void results_free(Results *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Results, results_free)

/* A new case at the end; owned by @results. */
ResultCase *results_add(Results *results, const char *name, Verdict verdict);

/* The worst of the cases; VERDICT_TROUBLE when there is none. */
Verdict results_verdict(const Results *results);

/* How many cases have it. */
unsigned results_count(const Results *results, Verdict verdict);
uint64_t results_operations(const Results *results);
double results_seconds(const Results *results);

/* As people call it: "no difference", "divergence", "trouble", and of goals "met", "not met". */
const char *result_case_word(const ResultCase *one);

/* The same of all cases together, as the program's exit code has it. */
const char *results_word(const Results *results);

G_END_DECLS

#endif
