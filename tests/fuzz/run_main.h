/* What a fuzz entry is given when no fuzzer is there; run_main.c does the rest. */
#ifndef QOSIM_TESTS_FUZZ_RUN_MAIN_H
#define QOSIM_TESTS_FUZZ_RUN_MAIN_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* The entry; ends the program when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Hands the entry some random input of a shape that suits it, in memory of just its size. */
void run_once(GRand *rand);

#endif
