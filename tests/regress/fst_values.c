/*
 * Prints the values that a signal of an FST takes, in order, one a line, in decimal; a value that is not known is skipped.
 *   fst_values FILE SIGNAL      SIGNAL: full name with dots
 */
#include <stdio.h>
#include <string.h>

#include "gtkwave/fstapi.h"

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

/* Walks the hierarchy for the signal's handle. Verilator adds " [msb:lsb]" to names. */
static int find(void *fst, const char *name, struct signal *s)
{
    struct fstHier *h;
    char full[1024];

    while ((h = fstReaderIterateHier(fst))) {
        if (h->htyp == FST_HT_SCOPE) {
            fstReaderPushScope(fst, h->u.scope.name, NULL);
        } else if (h->htyp == FST_HT_UPSCOPE) {
            fstReaderPopScope(fst);
        } else if (h->htyp == FST_HT_VAR) {
            snprintf(full, sizeof(full), "%s.%.*s", fstReaderGetCurrentFlatScope(fst),
                     (int)strcspn(h->u.var.name, " ["), h->u.var.name);
            if (strcmp(full, name) == 0 && h->u.var.length <= MAX_BITS) {
                s->handle = h->u.var.handle;
                s->width = h->u.var.length;
                return 1;
            }
        }
    }
    return 0;
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
    found = find(fst, argv[2], &s);
    if (found) {
        fstReaderSetFacProcessMask(fst, s.handle);
        fstReaderIterBlocks(fst, on_change, &s, NULL);
    } else {
        fprintf(stderr, "fst_values: no signal %s\n", argv[2]);
    }
    fstReaderClose(fst);
    return found ? 0 : 1;
}
