#include "tests/lib/guest_memory.h"

#include <stdatomic.h>
#include <string.h>

const char *const guest_memory_homes[] = { NULL, "ram", "shm", "client" };

struct GuestMemory {
    uint64_t base;
    uint64_t size;
    qosim_ram_home home;
    qosim_session *session; /* QOSIM_RAM_SERVER */
    uint8_t *bytes;         /* the others */
    qosim_info *info;
    const qosim_region *region; /* QOSIM_RAM_SHM: what is mapped, of info */
};

GuestMemory *guest_memory_new(uint64_t base, uint64_t size)
{
    GuestMemory *memory = g_new0(GuestMemory, 1);

    memory->base = base;
    memory->size = size;
    return memory;
}

void guest_memory_free(GuestMemory *memory)
{
    if (!memory) {
        return;
    }
    if (memory->region) {
        qosim_shm_unmap(memory->region, memory->bytes);
    } else {
        g_free(memory->bytes);
    }
    qosim_free_info(memory->info);
    g_free(memory);
}

static uint8_t *bytes_at(GuestMemory *memory, uint64_t addr, size_t len)
{
    g_assert_cmphex(addr - memory->base, <=, memory->size);
    g_assert_cmphex(len, <=, memory->size - (addr - memory->base));
    return memory->bytes + (addr - memory->base);
}

int guest_memory_dma(void *opaque, uint64_t address, void *data, size_t length, bool is_write)
{
    GuestMemory *memory = opaque;
    uint8_t *bytes;

    if (!memory->bytes) {
        memory->bytes = g_malloc0(memory->size);
    }
    bytes = bytes_at(memory, address, length);
    memcpy(is_write ? bytes : data, is_write ? data : bytes, length);
    return QOSIM_BUS_OK;
}

static const qosim_region *find_region(const GuestMemory *memory)
{
    for (size_t i = 0; i < memory->info->n_regions; i++) {
        const qosim_region *region = &memory->info->regions[i];

        if (region->ram && region->address == memory->base) {
            return region;
        }
    }
    g_error("the machine has no RAM at 0x%" G_GINT64_MODIFIER "x", memory->base);
}

void guest_memory_attach(GuestMemory *memory, qosim_session *session)
{
    const qosim_region *region;
    void *at = NULL;

    memory->session = session;
    if (qosim_get_info(session, &memory->info) != QOSIM_OK) {
        g_error("%s", qosim_last_error(session));
    }
    region = find_region(memory);
    g_assert_cmpuint(region->size, >=, memory->size);
    memory->home = region->home;
    if (region->home == QOSIM_RAM_SHM) {
        if (qosim_shm_map(session, region, &at) != QOSIM_OK) {
            g_error("%s", qosim_last_error(session));
        }
        memory->region = region;
        memory->bytes = at;
    } else if (region->home == QOSIM_RAM_CLIENT && !memory->bytes) {
        memory->bytes = g_malloc0(memory->size);
    }
}

qosim_ram_home guest_memory_home(const GuestMemory *memory)
{
    return memory->home;
}

/* A 16-bit word, such as an index of a ring, is moved as one. */
static void copy(void *to, const void *from, size_t len)
{
    if (len == 2 && ((uintptr_t)to | (uintptr_t)from) % 2 == 0) {
        uint16_t word = __atomic_load_n((const uint16_t *)from, __ATOMIC_RELAXED);

        __atomic_store_n((uint16_t *)to, word, __ATOMIC_RELAXED);
    } else {
        memcpy(to, from, len);
    }
}

void guest_memory_read(GuestMemory *memory, uint64_t addr, void *buf, size_t len)
{
    if (memory->home != QOSIM_RAM_SERVER) {
        atomic_thread_fence(memory_order_seq_cst);
        copy(buf, bytes_at(memory, addr, len), len);
        atomic_thread_fence(memory_order_seq_cst);
    } else if (qosim_read_block(memory->session, addr, buf, len, NULL) != QOSIM_OK) {
        g_error("%s", qosim_last_error(memory->session));
    }
}

void guest_memory_write(GuestMemory *memory, uint64_t addr, const void *buf, size_t len)
{
    if (memory->home != QOSIM_RAM_SERVER) {
        atomic_thread_fence(memory_order_seq_cst);
        copy(bytes_at(memory, addr, len), buf, len);
        atomic_thread_fence(memory_order_seq_cst);
    } else if (qosim_write_block(memory->session, addr, buf, len, NULL) != QOSIM_OK) {
        g_error("%s", qosim_last_error(memory->session));
    }
}
