/* Guest-physical addresses and sizes. */
#ifndef QOSIM_MODELS_CORE_HWADDR_H
#define QOSIM_MODELS_CORE_HWADDR_H

#include <inttypes.h>
#include <stdint.h>

typedef uint64_t hwaddr;

#define HWADDR_BITS 64
#define HWADDR_MAX UINT64_MAX
#define HWADDR_PRId PRId64
#define HWADDR_PRIu PRIu64
#define HWADDR_PRIx PRIx64
#define HWADDR_PRIX PRIX64

/* A number of bytes from 0 to 2^64 inclusive, which a hwaddr cannot hold. */
typedef unsigned __int128 hwsize;

#define HWSIZE_MAX ((hwsize)1 << HWADDR_BITS)

#endif
