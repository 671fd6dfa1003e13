#include "plic.h"

#include <stddef.h>

#include "soc.h"

enum { EXIT_INTERRUPT = 16 };

static struct {
    PlicHandler *handler;
    void *opaque;
    uint32_t count;
} sources[PLIC_SOURCES];

void plic_connect(unsigned source, PlicHandler *handler, void *opaque)
{
    sources[source].handler = handler;
    sources[source].opaque = opaque;
    write32(PLIC_PRIORITY(source), 1);
    write32(PLIC_THRESHOLD, 0);
    plic_enable(source, true);
}

void plic_enable(unsigned source, bool enable)
{
    const uint32_t bit = 1u << source % 32;
    const uint32_t enabled = read32(PLIC_ENABLE(source));

    write32(PLIC_ENABLE(source), enable ? enabled | bit : enabled & ~bit);
}

void plic_dispatch(void)
{
    uint32_t source;

    while ((source = read32(PLIC_CLAIM)) != 0) {
        if (source >= PLIC_SOURCES || !sources[source].handler) {
            fail(EXIT_INTERRUPT, "an interrupt of a source that is not enabled");
        }
        sources[source].count++;
        sources[source].handler(source, sources[source].opaque);
        write32(PLIC_CLAIM, source);
    }
}

uint32_t plic_count(unsigned source)
{
    return source < PLIC_SOURCES ? sources[source].count : 0;
}
