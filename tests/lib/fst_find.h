/* A signal of an FST by its name, for test programs that read waveforms with the library that Verilator writes them with. */
#ifndef QOSIM_TESTS_LIB_FST_FIND_H
#define QOSIM_TESTS_LIB_FST_FIND_H

#include "gtkwave/fstapi.h"

/* Looks for the signal of this full name, with dots. Returns 0 when there is none of @most_bits bits or fewer. */
int fst_find(void *fst, const char *name, unsigned most_bits, fstHandle *handle, unsigned *width);

#endif
