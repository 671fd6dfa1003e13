#include "proto/shm_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What both sides map. */
struct ShmSegment {
    ShmRingState to_server;
    ShmRingState to_client;
    _Alignas(128) _Atomic uint32_t
        server_cpu; /* 1 + the number of the processor that the server was last seen on */
    _Alignas(128) _Atomic uint32_t client_cpu;
    _Alignas(4096) ShmLine lines_to_server[SHM_RING_LINES];
    ShmLine lines_to_client[SHM_RING_LINES];
};

/* docs/protocol.md has the table. */
_Static_assert(offsetof(ShmSegment, to_client) == 384 && offsetof(ShmSegment, server_cpu) == 768 &&
                   offsetof(ShmSegment, lines_to_client) == 36864 && sizeof(ShmSegment) == 69632,
               "both sides have the same layout");

struct ShmPending {
    ShmPending *next;
    size_t len;
    size_t at;
    uint8_t bytes[];
};

/* --- Who sees what when --- */

/*
 * A writer stores a tag and then looks whether the reader sleeps; a reader stores that it sleeps and then looks for a tag. One
 * of the two must see the other's store, which takes a full barrier on both sides. The reader's goes to sleep anyway, so it
 * pays for both: membarrier() makes every processor that runs one of us pass a barrier. A side whose kernel has no
 * such call says so in its greeting, and then the other one fences for itself.
 */
static pthread_once_t registered_once = PTHREAD_ONCE_INIT;
static bool is_registered;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

static void register_once(void)
{
    is_registered = membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0;
}

static bool has_membarrier(void)
{
    pthread_once(&registered_once, register_once);
    return is_registered;
}

void shm_link_fence(void)
{
    __sync_synchronize();
    if (has_membarrier()) {
        (void)membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
    }
}

/* The cheap half of the bargain. */
static void own_fence(const ShmLink *link)
{
    if (link->needs_fence) {
        __sync_synchronize(); /* the fence of stdatomic.h is not to be had under ThreadSanitizer */
    } else {
        atomic_signal_fence(memory_order_seq_cst);
    }
}

/* --- Greeting --- */

static const uint8_t greeting_bytes[SHM_GREETING_LEN - 1] = { 0, 'Q', 'S', 1, 's', 'h', 'm' };

#define HAS_MEMBARRIER 1u

void shm_greeting(uint8_t *bytes)
{
    memcpy(bytes, greeting_bytes, sizeof(greeting_bytes));
    bytes[SHM_GREETING_LEN - 1] = has_membarrier() ? HAS_MEMBARRIER : 0;
}

bool shm_is_greeting(const uint8_t *bytes)
{
    return memcmp(bytes, greeting_bytes, sizeof(greeting_bytes)) == 0;
}

/* Takes over the mapping of @memory_fd; @greeting is the other side's. */
static ShmLink *new_link(int fd, int memory_fd, const uint8_t *greeting, bool is_server)
{
    void *at = mmap(NULL, sizeof(ShmSegment), PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
    ShmLink *link = at == MAP_FAILED ? NULL : calloc(1, sizeof(*link));
    ShmSegment *s = at;

    if (!link) {
        if (at != MAP_FAILED) {
            munmap(at, sizeof(ShmSegment));
        }
        return NULL;
    }
    link->segment = s;
    link->fd = fd;
    link->is_server = is_server;
    link->needs_fence = !(greeting[SHM_GREETING_LEN - 1] & HAS_MEMBARRIER) || !has_membarrier();
    link->pending_last = &link->pending;
    link->in.lines = is_server ? s->lines_to_server : s->lines_to_client;
    link->in.state = is_server ? &s->to_server : &s->to_client;
    link->out.lines = is_server ? s->lines_to_client : s->lines_to_server;
    link->out.state = is_server ? &s->to_client : &s->to_server;
    return link;
}

static bool send_answer(int fd, int memory_fd)
{
    uint8_t bytes[SHM_GREETING_LEN];
    union {
        struct cmsghdr header;
        uint8_t space[CMSG_SPACE(sizeof(int))];
    } control = { .space = { 0 } };
    struct iovec part = { bytes, sizeof(bytes) };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control.space) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);

    shm_greeting(bytes);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &memory_fd, sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(bytes);
}

/* Memory of the right size that stays so: a peer that cut it short would end us with SIGBUS. */
static int make_memory(void)
{
    int fd = memfd_create("qosim-shm", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (fchmod(fd, 0600) != 0 || ftruncate(fd, sizeof(ShmSegment)) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

ShmLink *shm_link_offer(int fd, const uint8_t *greeting)
{
    int memory_fd = make_memory();
    ShmLink *link = memory_fd >= 0 ? new_link(fd, memory_fd, greeting, true) : NULL;

    if (link) {
        shm_link_sleep(link); /* nobody else has seen the memory yet: no fence */
        if (!send_answer(fd, memory_fd)) {
            shm_link_free(link);
            link = NULL;
        }
    }
    if (memory_fd >= 0) {
        close(memory_fd);
    }
    return link;
}

/* Keeps the descriptor that a message brought, and none but the first. */
static void take_descriptors(ShmAnswer *answer, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        size_t n = c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS
                       ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int)
                       : 0;

        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (answer->memory_fd < 0) {
                answer->memory_fd = fd;
            } else {
                close(fd);
            }
        }
    }
}

ShmIo shm_answer_receive(ShmAnswer *answer, int fd)
{
    while (answer->got < sizeof(answer->bytes)) {
        union {
            struct cmsghdr header;
            uint8_t space[CMSG_SPACE(4 * sizeof(int))];
        } control;
        struct iovec part = { answer->bytes + answer->got, sizeof(answer->bytes) - answer->got };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = &control,
                                  .msg_controllen = sizeof(control.space) };
        ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

        if (n <= 0) {
            return n < 0 && (errno == EAGAIN || errno == EINTR) ? SHM_NOTHING : SHM_CORRUPT;
        }
        take_descriptors(answer, &message);
        answer->got += (size_t)n;
    }
    return SHM_OK;
}

void shm_answer_clear(ShmAnswer *answer)
{
    if (answer->memory_fd >= 0) {
        close(answer->memory_fd);
    }
    *answer = (ShmAnswer){ .memory_fd = -1 };
}

ShmLink *shm_link_accept(int fd, const ShmAnswer *answer)
{
    const uint8_t *greeting = answer->bytes + SHM_GREETING_LEN;
    struct stat st;
    int seals;

    if (!shm_is_greeting(greeting) || answer->memory_fd < 0 || fstat(answer->memory_fd, &st) != 0 ||
        st.st_size != (off_t)sizeof(ShmSegment)) {
        return NULL;
    }
    seals = fcntl(answer->memory_fd, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK)) {
        return NULL;
    }
    return new_link(fd, answer->memory_fd, greeting, false);
}

void shm_link_free(ShmLink *link)
{
    if (!link) {
        return;
    }
    while (link->pending) {
        ShmPending *next = link->pending->next;

        free(link->pending);
        link->pending = next;
    }
    munmap(link->segment, sizeof(ShmSegment));
    free(link->body);
    free(link);
}

/* --- The doorbell --- */

/* A bell that finds no room is not needed: the other side has bells to hear already. */
static void ring_bell(const ShmLink *link)
{
    (void)!send(link->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool shm_link_hear(ShmLink *link)
{
    uint8_t bells[256];
    size_t max = shm_link_is_ready(link) ? 1 : sizeof(bells);
    ssize_t n = recv(link->fd, bells, max, MSG_DONTWAIT);

    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool shm_link_is_gone(const ShmLink *link)
{
    struct pollfd p = { .fd = link->fd, .events = POLLRDHUP };

    return poll(&p, 1, 0) > 0;
}

void shm_link_sleep(ShmLink *link)
{
    link->sleeps = true;
    atomic_store_explicit(&link->in.state->reader_sleeps, 1, memory_order_relaxed);
}

void shm_link_wake(ShmLink *link)
{
    if (link->sleeps) {
        link->sleeps = false;
        atomic_store_explicit(&link->in.state->reader_sleeps, 0, memory_order_relaxed);
    }
}

bool shm_link_shares_cpu(ShmLink *link)
{
    ShmSegment *s = link->segment;
    unsigned cpu = (unsigned)sched_getcpu() + 1u;

    if (cpu != link->cpu) {
        link->cpu = cpu;
        atomic_store_explicit(link->is_server ? &s->server_cpu : &s->client_cpu, cpu,
                              memory_order_relaxed);
    }
    return cpu != 0 &&
           cpu == atomic_load_explicit(link->is_server ? &s->client_cpu : &s->server_cpu,
                                       memory_order_relaxed);
}

/* --- Reading --- */

void shm_buffer_release(ShmBuffer *buffer, uint8_t *data)
{
    if (data == buffer->bytes) {
        buffer->in_use = false;
    } else {
        free(data);
    }
}

/* A frame of one piece that goes into the buffer: what there is all day long. */
static uint8_t *take_short(ShmLink *link, ShmBuffer *buffer, size_t len)
{
    buffer->in_use = true;
    if (len <= SHM_LINE_BYTES) {
        shm_take_line(&link->in, buffer->bytes);
    } else {
        shm_take(&link->in, buffer->bytes, len);
    }
    return buffer->bytes;
}

static bool take_long(ShmLink *link, size_t len)
{
    if (link->body_len + len > QS_MAX_FRAME_BYTES) {
        return false;
    }
    if (link->body_room - link->body_len < len || !link->body) {
        size_t room = 2 * (link->body_len + len) + 1;
        uint8_t *body = realloc(link->body, room);

        if (!body) {
            return false;
        }
        link->body = body;
        link->body_room = room;
    }
    shm_take(&link->in, link->body + link->body_len, len);
    link->body_len += len;
    return true;
}

/* Tells a writer that waits for room, not for each line but when there is enough, or nothing else to read. */
static void note_room(ShmLink *link)
{
    own_fence(link);
    if (atomic_load_explicit(&link->in.state->writer_waits, memory_order_relaxed) &&
        (link->in.at % (SHM_RING_LINES / 4) < 8 || !shm_is_ready(&link->in))) {
        ring_bell(link);
    }
}

SpRead shm_link_read(ShmLink *link, ShmBuffer *buffer, uint8_t **data, size_t *len)
{
    for (;;) {
        size_t piece;
        bool more;
        ShmIo io = shm_peek(&link->in, &piece, &more);

        if (io != SHM_OK) {
            return io == SHM_NOTHING ? SP_READ_NOTHING : SP_READ_CLOSED;
        }
        if (!more && !link->body && !buffer->in_use) {
            *data = take_short(link, buffer, piece);
            *len = piece;
            note_room(link);
            return SP_READ_MESSAGE;
        }
        if (!take_long(link, piece)) {
            return SP_READ_CLOSED;
        }
        note_room(link);
        if (!more) {
            *data = link->body;
            *len = link->body_len;
            link->body = NULL;
            link->body_len = link->body_room = 0;
            return SP_READ_MESSAGE;
        }
    }
}

/* --- Writing --- */

/* Writes what it can of @len bytes from *@at on. SHM_OK when all is written. */
static ShmIo write_pieces(ShmLink *link, const uint8_t *data, size_t len, size_t *at)
{
    ShmIo io;

    do {
        size_t left = len - *at;
        size_t piece = left < SHM_MAX_PIECE ? left : SHM_MAX_PIECE;

        io = shm_write(&link->out, data + *at, piece, piece < left);
        if (io == SHM_OK) {
            *at += piece;
        }
    } while (io == SHM_OK && *at < len);
    return io;
}

static void wake_reader(const ShmLink *link)
{
    own_fence(link);
    if (atomic_load_explicit(&link->out.state->reader_sleeps, memory_order_relaxed)) {
        ring_bell(link);
    }
}

static ShmIo write_pending(ShmLink *link)
{
    ShmIo io = SHM_OK;

    while (link->pending && io == SHM_OK) {
        ShmPending *first = link->pending;

        io = write_pieces(link, first->bytes, first->len, &first->at);
        if (io == SHM_OK) {
            link->pending = first->next;
            link->pending_bytes -= first->len;
            free(first);
        }
    }
    if (!link->pending) {
        link->pending_last = &link->pending;
    }
    return io;
}

bool shm_link_flush(ShmLink *link)
{
    uint64_t before = link->out.at;
    ShmIo io;

    if (!link->pending) {
        return true;
    }
    io = write_pending(link);
    if (io == SHM_NOTHING &&
        !atomic_load_explicit(&link->out.state->writer_waits, memory_order_relaxed)) {
        atomic_store_explicit(&link->out.state->writer_waits, 1, memory_order_relaxed);
        shm_link_fence();
        io = write_pending(link);
    }
    if (!link->pending) {
        atomic_store_explicit(&link->out.state->writer_waits, 0, memory_order_relaxed);
    }
    if (link->out.at != before) {
        wake_reader(link);
    }
    return io != SHM_CORRUPT;
}

/* Keeps the bytes from @at on for later. */
static bool queue(ShmLink *link, const uint8_t *data, size_t len, size_t at)
{
    ShmPending *p = malloc(sizeof(*p) + len);

    if (!p) {
        return false;
    }
    p->next = NULL;
    p->len = len;
    p->at = at;
    memcpy(p->bytes, data, len);
    *link->pending_last = p;
    link->pending_last = &p->next;
    link->pending_bytes += len;
    return true;
}

bool shm_link_has_room(const ShmLink *link)
{
    return link->pending_bytes <= SP_MAX_WAITING;
}

SpSend shm_link_send(ShmLink *link, const uint8_t *data, size_t len)
{
    size_t at = 0;
    ShmIo io = SHM_NOTHING;

    if (!shm_link_flush(link)) {
        return SP_BROKEN;
    }
    if (!shm_link_has_room(link)) {
        return SP_NO_ROOM;
    }
    if (!link->pending) {
        io = write_pieces(link, data, len, &at);
        if (io == SHM_OK || at > 0) {
            wake_reader(link);
        }
    }
    if (io == SHM_OK) {
        return SP_SENT;
    }
    return io == SHM_CORRUPT || !queue(link, data, len, at) || !shm_link_flush(link) ? SP_BROKEN
                                                                                     : SP_SENT;
}
