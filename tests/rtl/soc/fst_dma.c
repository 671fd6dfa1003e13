/*
 * Prints the beats on an AXI4-Lite bus in an FST, one a line in the order of their responses: "R ADDRESS DATA" and
 * "W ADDRESS DATA STROBES", in hex.
 *   fst_dma FILE SCOPE       SCOPE: of the module whose m_axil_* ports are the bus, and whose clk_i is the clock
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gtkwave/fstapi.h"

enum { CLK, AWV, AWR, AWA, WV, WR, WD, WS, BV, BR, ARV, ARR, ARA, RV, RR, RD, N };

static const char *const names[N] = {
    [CLK] = "clk_i",           [AWV] = "m_axil_awvalid_o", [AWR] = "m_axil_awready_i",
    [AWA] = "m_axil_awaddr_o", [WV] = "m_axil_wvalid_o",   [WR] = "m_axil_wready_i",
    [WD] = "m_axil_wdata_o",   [WS] = "m_axil_wstrb_o",    [BV] = "m_axil_bvalid_i",
    [BR] = "m_axil_bready_o",  [ARV] = "m_axil_arvalid_o", [ARR] = "m_axil_arready_i",
    [ARA] = "m_axil_araddr_o", [RV] = "m_axil_rvalid_i",   [RR] = "m_axil_rready_o",
    [RD] = "m_axil_rdata_i",
};

struct bus {
    fstHandle handle[N];
    unsigned long long now[N];  /* before the time in work */
    unsigned long long next[N]; /* at it */
    unsigned long long aw, w, strb, ar;
    uint64_t time;
};

/* What happens at a rising edge is what was there before it. */
static void end_of_time(struct bus *b)
{
    if (!b->now[CLK] && b->next[CLK]) {
        if (b->now[AWV] && b->now[AWR]) {
            b->aw = b->now[AWA];
        }
        if (b->now[WV] && b->now[WR]) {
            b->w = b->now[WD];
            b->strb = b->now[WS];
        }
        if (b->now[ARV] && b->now[ARR]) {
            b->ar = b->now[ARA];
        }
        if (b->now[BV] && b->now[BR]) {
            printf("W %08llx %08llx %llx\n", b->aw, b->w, b->strb);
        }
        if (b->now[RV] && b->now[RR]) {
            printf("R %08llx %08llx\n", b->ar, b->now[RD]);
        }
    }
    memcpy(b->now, b->next, sizeof(b->now));
}

static void on_change(void *opaque, uint64_t time, fstHandle handle, const unsigned char *value)
{
    struct bus *b = opaque;

    if (time != b->time) {
        end_of_time(b);
        b->time = time;
    }
    for (int i = 0; i < N; i++) {
        if (b->handle[i] == handle) {
            b->next[i] = strtoull((const char *)value, NULL, 2);
        }
    }
}

static void look_at(struct bus *b, const char *scope, const char *name, fstHandle handle)
{
    const size_t length = strcspn(name, " ["); /* Verilator adds " [msb:lsb]" */

    for (int i = 0; i < N; i++) {
        if (!strcmp(scope, "") && strlen(names[i]) == length && !strncmp(name, names[i], length)) {
            b->handle[i] = handle;
        }
    }
}

static void find(void *fst, const char *wanted, struct bus *b)
{
    struct fstHier *h;

    while ((h = fstReaderIterateHier(fst))) {
        if (h->htyp == FST_HT_SCOPE) {
            fstReaderPushScope(fst, h->u.scope.name, NULL);
        } else if (h->htyp == FST_HT_UPSCOPE) {
            fstReaderPopScope(fst);
        } else if (h->htyp == FST_HT_VAR) {
            const char *scope = fstReaderGetCurrentFlatScope(fst);

            look_at(b, strcmp(scope, wanted) == 0 ? "" : scope, h->u.var.name, h->u.var.handle);
        }
    }
}

int main(int argc, char **argv)
{
    struct bus b = { .time = 0 };
    void *fst = argc == 3 ? fstReaderOpen(argv[1]) : NULL;

    if (!fst) {
        fprintf(stderr, "usage: fst_dma FILE SCOPE\n");
        return 2;
    }
    find(fst, argv[2], &b);
    for (int i = 0; i < N; i++) {
        if (!b.handle[i]) {
            fprintf(stderr, "no signal %s.%s\n", argv[2], names[i]);
            return 2;
        }
        fstReaderSetFacProcessMask(fst, b.handle[i]);
    }
    fstReaderIterBlocks(fst, on_change, &b, NULL);
    end_of_time(&b);
    fstReaderClose(fst);
    return 0;
}
