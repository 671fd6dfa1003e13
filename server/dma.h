/*
 * Memory that belongs to the driver (RAM_HOME_CLIENT): an access to it becomes a DmaRequest on the driver's stream, in the
 * middle of whatever the machine does, and the machine's thread waits for the answer, in bounded time.
 *
 * While it waits it carries out nothing else. It reads on, though, for the answer may be behind other frames: those are
 * kept and carried out afterwards, in their order, and those for other machines go on to their threads.
 */
#ifndef QOSIM_SERVER_DMA_H
#define QOSIM_SERVER_DMA_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "models/core/memory.h"
#include "proto/arena.h"
#include "proto/message.h"
#include "server/inbox.h"

/* How long a driver may take for one answer, unless --dma-timeout says otherwise. */
#define DMA_TIMEOUT_MS 5000
#define DMA_TIMEOUT_MAX_MS 3600000

/* What may come and be kept while the machine waits. One more, and the driver is taken not to answer. */
#define DMA_MAX_KEPT 4096u
#define DMA_MAX_KEPT_BYTES ((size_t)32 * 1024 * 1024)

typedef struct MachineHost MachineHost;
typedef struct Session Session;
typedef struct FrameOrigin FrameOrigin;

typedef struct Dma {
    bool waiting; /* for the answer to request, by asked */
    Session *asked;
    QsDmaRequest request;
    uint8_t *
        sent; /* the frame with the request, to send it again; NULL: the driver is in this process */
    size_t sent_len;

    bool done; /* it was answered, or never will be */
    MemTxResult result;
    void *buffer;  /* where the bytes of a read go */
    char *failure; /* why there is no good answer, for people; NULL: there is one */

    Job *kept; /* what came meanwhile, oldest first */
    Job **kept_last;
    size_t n_kept;
    size_t kept_bytes;

    QsArena *arena; /* of the request */
    QsArena *ahead; /* of frames that are read meanwhile */
} Dma;

void dma_init(Dma *dma);
void dma_clear(Dma *dma);

/* Has the driver move @len bytes at bus address @addr: a MachineDMAFunc whose @host is the MachineHost. */
MemTxResult dma_transfer(void *host, hwaddr addr, void *buffer, hwaddr len, bool is_write);

/*
 * Looks at a frame for this machine that comes while it waits. True when the frame is done with: it was an answer. Else it is
 * kept for later, with dma_keep().
 */
bool dma_take_frame(MachineHost *host, const FrameOrigin *origin, const QsClientFrame *frame);

/* Keeps @job (taken over), which then is "late", until the machine has its answer. */
void dma_keep(MachineHost *host, Job *job);

#endif
