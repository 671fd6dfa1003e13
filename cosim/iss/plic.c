#include "cosim/iss/plic.h"

#define OFFSET_PENDING 0x1000u
#define OFFSET_ENABLE 0x2000u
#define OFFSET_THRESHOLD 0x200000u
#define OFFSET_CLAIM 0x200004u
#define MAX_PRIORITY 7u

static uint32_t half(uint64_t word, uint64_t offset)
{
    return (uint32_t)((offset & 4) ? word >> 32 : word);
}

/* A raised line makes its source pending, unless that is being served. */
static void gateway(Plic *plic)
{
    plic->pending |= plic->level & ~plic->serving;
}

/* The source of the highest priority, of equals the lowest number; 0 if there is none. */
static uint32_t best(const Plic *plic)
{
    const uint64_t candidates = plic->pending & plic->enable;
    uint32_t found = 0;

    for (uint32_t i = 1; candidates && i < PLIC_SOURCES; i++) {
        if ((candidates >> i & 1) && plic->priority[i] > plic->priority[found]) {
            found = i;
        }
    }
    return found;
}

static uint32_t claim(Plic *plic)
{
    const uint32_t source = best(plic);

    if (source) {
        plic->pending &= ~(UINT64_C(1) << source);
        plic->serving |= UINT64_C(1) << source;
    }
    return source;
}

uint32_t plic_read(Plic *plic, uint64_t offset)
{
    if (offset < UINT64_C(4) * PLIC_SOURCES) {
        return plic->priority[offset / 4];
    }
    switch (offset) {
    case OFFSET_PENDING:
    case OFFSET_PENDING + 4:
        return half(plic->pending, offset);
    case OFFSET_ENABLE:
    case OFFSET_ENABLE + 4:
        return half(plic->enable, offset);
    case OFFSET_THRESHOLD:
        return plic->threshold;
    case OFFSET_CLAIM:
        return claim(plic);
    default:
        return 0;
    }
}

static void write_enable(Plic *plic, uint64_t offset, uint32_t value)
{
    if (offset & 4) {
        plic->enable = (plic->enable & UINT32_MAX) | (uint64_t)value << 32;
    } else {
        plic->enable = (plic->enable & ~(uint64_t)UINT32_MAX) | (value & ~1u);
    }
}

void plic_write(Plic *plic, uint64_t offset, uint32_t value)
{
    if (offset >= 4 && offset < UINT64_C(4) * PLIC_SOURCES) {
        plic->priority[offset / 4] = value & MAX_PRIORITY;
        return;
    }
    switch (offset) {
    case OFFSET_ENABLE:
    case OFFSET_ENABLE + 4:
        write_enable(plic, offset, value);
        break;
    case OFFSET_THRESHOLD:
        plic->threshold = value & MAX_PRIORITY;
        break;
    case OFFSET_CLAIM:
        if (value < PLIC_SOURCES) {
            plic->serving &= ~(UINT64_C(1) << value);
            gateway(plic);
        }
        break;
    default:
        break;
    }
}

void plic_set_level(Plic *plic, uint32_t source, bool level)
{
    if (source == 0 || source >= PLIC_SOURCES) {
        return;
    }
    if (level) {
        plic->level |= UINT64_C(1) << source;
    } else {
        plic->level &= ~(UINT64_C(1) << source);
    }
    gateway(plic);
}

bool plic_output(const Plic *plic)
{
    return plic->priority[best(plic)] > plic->threshold;
}
