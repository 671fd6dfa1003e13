#include "models/core/memory_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "qom/error.h"

static void release_anonymous(RAMBlock *block)
{
    munmap(block->host, block->size);
}

RAMBlock *ram_block_new(const char *name, uint64_t size, GError **error)
{
    if (size == 0) {
        qom_error_set(error, "cannot set up guest memory '%s': its size is 0", name);
        return NULL;
    }
    if (size > MEMORY_RAM_MAX) {
        qom_error_set(error,
                      "cannot set up guest memory '%s': 0x%" PRIx64
                      " bytes are more than the limit of 0x%" PRIx64,
                      name, size, MEMORY_RAM_MAX);
        return NULL;
    }
    /* Untouched pages cost nothing, so a board may have more RAM than the host has left. */
    void *host = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED) {
        qom_error_set(error, "cannot set up guest memory '%s': %s", name, g_strerror(errno));
        return NULL;
    }
    RAMBlock *block = g_new0(RAMBlock, 1);
    block->host = host;
    block->size = size;
    block->refs = 1;
    block->release = release_anonymous;
    return block;
}

RAMBlock *ram_block_ref(RAMBlock *block)
{
    block->refs++;
    return block;
}

void ram_block_unref(RAMBlock *block)
{
    if (block && --block->refs == 0) {
        block->release(block);
        g_free(block);
    }
}
