#include "cosim/iss/clint.h"

#define OFFSET_MSIP 0x0000u
#define OFFSET_MTIMECMP 0x4000u
#define OFFSET_MTIME 0xbff8u

void clint_init(Clint *clint)
{
    *clint = (Clint){ .mtimecmp = UINT64_MAX };
}

static uint64_t mtime(const Clint *clint, uint64_t now_ns)
{
    return now_ns / CLINT_TICK_NS + clint->offset;
}

static uint32_t half(uint64_t word, uint64_t offset)
{
    return (uint32_t)((offset & 4) ? word >> 32 : word);
}

static uint64_t with_half(uint64_t word, uint64_t offset, uint32_t value)
{
    return offset & 4 ? (word & UINT32_MAX) | (uint64_t)value << 32
                      : (word & ~(uint64_t)UINT32_MAX) | value;
}

uint32_t clint_read(const Clint *clint, uint64_t offset, uint64_t now_ns)
{
    switch (offset) {
    case OFFSET_MSIP:
        return clint->msip;
    case OFFSET_MTIMECMP:
    case OFFSET_MTIMECMP + 4:
        return half(clint->mtimecmp, offset);
    case OFFSET_MTIME:
    case OFFSET_MTIME + 4:
        return half(mtime(clint, now_ns), offset - OFFSET_MTIME);
    default:
        return 0;
    }
}

void clint_write(Clint *clint, uint64_t offset, uint32_t value, uint64_t now_ns)
{
    switch (offset) {
    case OFFSET_MSIP:
        clint->msip = value & 1;
        break;
    case OFFSET_MTIMECMP:
    case OFFSET_MTIMECMP + 4:
        clint->mtimecmp = with_half(clint->mtimecmp, offset, value);
        break;
    case OFFSET_MTIME:
    case OFFSET_MTIME + 4:
        clint->offset +=
            with_half(mtime(clint, now_ns), offset - OFFSET_MTIME, value) - mtime(clint, now_ns);
        break;
    default:
        break;
    }
}

bool clint_timer_output(const Clint *clint, uint64_t now_ns)
{
    return mtime(clint, now_ns) >= clint->mtimecmp;
}

uint64_t clint_deadline(const Clint *clint, uint64_t now_ns)
{
    const uint64_t ticks = clint->mtimecmp - mtime(clint, now_ns);

    /* Within the tick that runs, all times are the same mtime. */
    if (clint_timer_output(clint, now_ns) ||
        ticks > UINT64_MAX / CLINT_TICK_NS - now_ns / CLINT_TICK_NS) {
        return UINT64_MAX;
    }
    return (now_ns / CLINT_TICK_NS + ticks) * CLINT_TICK_NS;
}
