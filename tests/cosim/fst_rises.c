/*
 * Counts in an FST how often single bits rose:
 *   fst_rises FILE SIGNAL [BIT...]      SIGNAL: full name with dots; without BIT: of a signal of one bit
 * Prints one number a bit, "-" where there is no such signal. Reads with the library that Verilator writes with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fst_find.h"

#define MAX_BITS 64

struct signal {
    fstHandle handle;
    unsigned width;
    char value[MAX_BITS + 1]; /* as text, most significant bit first */
    unsigned long rises[MAX_BITS];
};

static void on_change(void *opaque, uint64_t time, fstHandle handle, const unsigned char *value)
{
    struct signal *s = opaque;

    (void)time;
    if (handle != s->handle) {
        return;
    }
    for (unsigned bit = 0; bit < s->width; bit++) {
        const unsigned at = s->width - 1 - bit;

        if (value[at] == '1' && s->value[at] == '0') {
            s->rises[bit]++;
        }
        s->value[at] = (char)value[at];
    }
}

int main(int argc, char **argv)
{
    struct signal s = { 0 };
    void *fst;

    if (argc < 3) {
        fprintf(stderr, "usage: fst_rises FILE SIGNAL [BIT...]\n");
        return 2;
    }
    fst = fstReaderOpen(argv[1]);
    if (!fst) {
        fprintf(stderr, "fst_rises: %s is no FST\n", argv[1]);
        return 1;
    }
    if (!fst_find(fst, argv[2], MAX_BITS, &s.handle, &s.width)) {
        puts("-");
        fstReaderClose(fst);
        return 1;
    }
    fstReaderSetFacProcessMask(fst, s.handle);
    fstReaderIterBlocks(fst, on_change, &s, NULL);
    if (argc == 3) {
        printf("%lu\n", s.rises[0]);
    }
    for (int i = 3; i < argc; i++) {
        const unsigned long bit = strtoul(argv[i], NULL, 10);

        printf("%lu\n", bit < s.width ? s.rises[bit] : 0);
    }
    fstReaderClose(fst);
    return 0;
}
