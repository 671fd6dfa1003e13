#include "tests/lib/fst_find.h"

#include <stdio.h>
#include <string.h>

/* Verilator adds " [msb:lsb]" to names. */
static int is_called(void *fst, const struct fstHierVar *var, const char *name)
{
    char full[1024];

    snprintf(full, sizeof(full), "%s.%.*s", fstReaderGetCurrentFlatScope(fst),
             (int)strcspn(var->name, " ["), var->name);
    return strcmp(full, name) == 0;
}

int fst_find(void *fst, const char *name, unsigned most_bits, fstHandle *handle, unsigned *width)
{
    struct fstHier *h;

    while ((h = fstReaderIterateHier(fst))) {
        if (h->htyp == FST_HT_SCOPE) {
            fstReaderPushScope(fst, h->u.scope.name, NULL);
        } else if (h->htyp == FST_HT_UPSCOPE) {
            fstReaderPopScope(fst);
        } else if (h->htyp == FST_HT_VAR && h->u.var.length <= most_bits &&
                   is_called(fst, &h->u.var, name)) {
            *handle = h->u.var.handle;
            *width = h->u.var.length;
            return 1;
        }
    }
    return 0;
}
