/*
 * Prints the values that a signal of an FST takes, in order, one a line, in decimal; a value that is not known is skipped.
 *   fst_values FILE SIGNAL      SIGNAL: full name with dots
 */
#include <stdio.h>

#include "tests/lib/fst_find.h"

#define MAX_BITS 64

struct signal {
    fstHandle handle;
    unsigned width;
    uint64_t last;
    int any;
};

static void on_change(void *opaque, uint64_t time, fstHandle handle, const unsigned char *text)
{
    struct signal *s = opaque;
    uint64_t value = 0;

    (void)time;
    if (handle != s->handle) {
        return;
    }
    for (unsigned i = 0; i < s->width; i++) {
        if (text[i] != '0' && text[i] != '1') {
            return;
        }
        value = value << 1 | (text[i] == '1');
    }
    if (!s->any || value != s->last) {
        printf("%llu\n", (unsigned long long)value);
    }
    s->any = 1;
    s->last = value;
}

int main(int argc, char **argv)
{
    struct signal s = { 0 };
    void *fst = argc == 3 ? fstReaderOpen(argv[1]) : NULL;
    int found;

    if (!fst) {
        fprintf(stderr, "usage: fst_values FILE SIGNAL; FILE is an FST\n");
        return 2;
    }
    found = fst_find(fst, argv[2], MAX_BITS, &s.handle, &s.width);
    if (found) {
        fstReaderSetFacProcessMask(fst, s.handle);
        fstReaderIterBlocks(fst, on_change, &s, NULL);
    } else {
        fprintf(stderr, "fst_values: no signal %s\n", argv[2]);
    }
    fstReaderClose(fst);
    return found ? 0 : 1;
}
