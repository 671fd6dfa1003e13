#include "models/core/memory_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "qom/error.h"

static void release_anonymous(RAMBlock *block)
{
    munmap(block->host, block->size);
}

bool ram_check_size(const char *name, uint64_t size, GError **error)
{
    if (size == 0) {
        return qom_error_set(error, "cannot set up guest memory '%s': its size is 0", name);
    }
    if (size > MEMORY_RAM_MAX) {
        return qom_error_set(error,
                             "cannot set up guest memory '%s': 0x%" PRIx64
                             " bytes are more than the limit of 0x%" PRIx64,
                             name, size, MEMORY_RAM_MAX);
    }
    return true;
}

RAMBlock *ram_block_new(const char *name, uint64_t size, GError **error)
{
    if (!ram_check_size(name, size, error)) {
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
    block->home = RAM_HOME_RAM;
    block->host = host;
    block->size = size;
    block->refs = 1;
    block->release = release_anonymous;
    return block;
}

static void release_client(RAMBlock *block)
{
    if (block->ops->release) {
        block->ops->release(block->opaque);
    }
}

RAMBlock *ram_block_new_client(const char *name, uint64_t size, const RAMClientOps *ops,
                               void *opaque, GError **error)
{
    if (!ram_check_size(name, size, error)) {
        return NULL;
    }
    RAMBlock *block = g_new0(RAMBlock, 1);
    block->home = RAM_HOME_CLIENT;
    block->size = size;
    block->refs = 1;
    block->release = release_client;
    block->ops = ops;
    block->opaque = opaque;
    return block;
}

MemTxResult ram_block_rw(RAMBlock *block, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    MemTxResult result = MEMTX_OK;

    for (hwaddr done = 0; done < len;) {
        uint8_t *bytes = (uint8_t *)buf + done;
        hwaddr piece = MIN(len - done, RAM_CLIENT_MAX_BYTES);
        MemTxResult r = block->ops->rw(block->opaque, addr + done, bytes, piece, is_write);
        if (r != MEMTX_OK && !is_write) {
            memset(bytes, 0, piece);
        }
        result |= r;
        done += piece;
    }
    return result;
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
