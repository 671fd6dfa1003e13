/* Who asks for a memory transaction, and how it ended. */
#ifndef QOSIM_MODELS_CORE_MEMATTRS_H
#define QOSIM_MODELS_CORE_MEMATTRS_H

#include <stdint.h>

/* What a bus master tells about an access. Devices that don't care ignore it. */
typedef struct MemTxAttrs {
    unsigned int unspecified : 1; /* the master says nothing: the other fields mean nothing */
    unsigned int secure : 1;
    unsigned int user : 1;
    uint16_t requester_id;
} MemTxAttrs;

#define MEMTXATTRS_UNSPECIFIED ((MemTxAttrs){ .unspecified = 1 })

/* A set of bits: a transfer of several accesses ends with the OR of their results. */
typedef uint32_t MemTxResult;

#define MEMTX_OK 0u
#define MEMTX_ERROR (1u << 0) /* the device refused */
#define MEMTX_DECODE_ERROR                                                                         \
    (1u << 1) /* nothing answers at that address, or not to that kind of access */
#define MEMTX_ACCESS_ERROR (1u << 2) /* the access is not permitted now or to this master */

#endif
