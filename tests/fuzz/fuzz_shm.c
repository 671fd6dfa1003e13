/*
 * A link through shared memory whose other side writes whatever it likes, whenever it likes, also between the look at a piece and
 * its copy. The input is a list of steps; nothing may be read or written out of bounds, and no frame is longer than frames are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/shm_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Step {
    uint8_t what;
    uint8_t how;
    uint16_t where;
    uint32_t value;
} Step;

static ShmBuffer buffer;

/* What came is read from end to end, and that is not optimised away. */
static volatile uint8_t touched;

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* A piece where the reader looks, with the tag that it waits for. */
static void write_piece(const ShmLink *link, uint32_t value)
{
    uint64_t tag = (uint32_t)(link->in.at / SHM_RING_LINES) + 1u;

    atomic_store(&link->in.lines[link->in.at % SHM_RING_LINES].head, tag << 32 | value);
}

static void write_anything(const ShmLink *link, const Step *step)
{
    const ShmLine *line = &link->in.lines[step->where % SHM_RING_LINES];

    memset((void *)line, step->how, sizeof(*line));
    atomic_store((_Atomic uint64_t *)&line->head, (uint64_t)step->how << 32 | step->value);
}

/* What is told of a piece holds, whatever the ring says when it is copied. */
static void take_changing(ShmLink *link, const Step *step)
{
    uint8_t *copy;
    size_t len;
    bool more;

    if (shm_peek(&link->in, &len, &more) != SHM_OK) {
        return;
    }
    must(len <= SHM_MAX_PIECE);
    write_piece(link, step->value);
    copy = malloc(
        len ? len : 1); /* of just this size, so that a byte beyond shows under AddressSanitizer */
    shm_take(&link->in, copy, len);
    free(copy);
}

static bool read_frame(ShmLink *link)
{
    uint8_t *data;
    size_t len;
    SpRead r = shm_link_read(link, &buffer, &data, &len);

    if (r == SP_READ_MESSAGE) {
        must(len <= QS_MAX_FRAME_BYTES);
        touched = len > 0 ? data[0] ^ data[len - 1] : 0;
        shm_buffer_release(&buffer, data);
    }
    return r != SP_READ_CLOSED;
}

static bool send_frame(ShmLink *link, uint32_t value)
{
    static const uint8_t frame[40000];

    return shm_link_send(link, frame, value % sizeof(frame)) != SP_BROKEN;
}

static void write_state(const ShmLink *link, const Step *step)
{
    switch (step->how % 4) {
    case 0:
        atomic_store(&link->out.state->consumed, link->out.at - step->value % 2000);
        break;
    case 1:
        atomic_store(&link->out.state->consumed, link->out.at + step->value);
        break;
    case 2:
        atomic_store(&link->out.state->reader_sleeps, step->value);
        break;
    default:
        atomic_store(&link->in.state->writer_waits, step->value);
    }
}

/* False: the link is to be given up. */
static bool take_step(ShmLink *link, const Step *step)
{
    switch (step->what % 8) {
    case 0:
        write_anything(link, step);
        return true;
    case 1:
        write_piece(link, step->value);
        return true;
    case 2: /* a plausible one */
        write_piece(link, (step->how & 1 ? SHM_MORE : 0) | step->value % (SHM_MAX_PIECE + 2));
        return true;
    case 3:
        take_changing(link, step);
        return true;
    case 4:
        return send_frame(link, step->value);
    case 5:
        write_state(link, step);
        return true;
    case 6:
        return shm_link_flush(link);
    default:
        return read_frame(link);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t greeting[SHM_GREETING_LEN];
    ShmLink *link;
    int fds[2];
    Step step;

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    shm_greeting(greeting);
    link = shm_link_offer(fds[0], greeting);
    must(link != NULL);
    for (size_t at = 0; at + sizeof(step) <= size; at += sizeof(step)) {
        memcpy(&step, data + at, sizeof(step));
        if (!take_step(link, &step)) {
            break;
        }
        must(link->pending_bytes <= SP_MAX_WAITING + 40000 && link->body_len <= QS_MAX_FRAME_BYTES);
    }
    shm_link_free(link);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
