#include "cosim/iss/gdb_packet.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_TIMEOUT_MS 5000
#define INTERRUPT_BYTE 0x03

void gdb_link_open(GdbLink *link, int fd)
{
    link->fd = fd;
    link->without_acks = false;
    link->begin = 0;
    link->end = 0;
}

void gdb_link_close(GdbLink *link)
{
    if (link->fd >= 0) {
        close(link->fd);
    }
    link->fd = -1;
}

static void send_bytes(GdbLink *link, const char *bytes, size_t length)
{
    while (link->fd >= 0 && length > 0) {
        const ssize_t n = send(link->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        struct pollfd poll_fd = { .fd = link->fd, .events = POLLOUT };

        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR) ||
                   poll(&poll_fd, 1, SEND_TIMEOUT_MS) == 0) {
            gdb_link_close(link);
        }
    }
}

static uint8_t checksum(const char *text, size_t length)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + (uint8_t)text[i]);
    }
    return sum;
}

void gdb_link_send(GdbLink *link, const char *text)
{
    const size_t length = strlen(text);
    char tail[4];

    snprintf(tail, sizeof(tail), "#%02x", checksum(text, length));
    send_bytes(link, "$", 1);
    send_bytes(link, text, length);
    send_bytes(link, tail, 3);
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes a whole packet that begins at link->begin. False: it is not all there yet, or it is a bad one and was skipped. */
static bool take_packet(GdbLink *link)
{
    const uint8_t *start = link->in + link->begin + 1;
    const uint8_t *hash = memchr(start, '#', link->end - link->begin - 1);
    size_t length;
    bool good;

    if (!hash || (size_t)(link->in + link->end - hash) < 3) {
        return false;
    }
    length = (size_t)(hash - start);
    memcpy(link->packet, start, length);
    link->packet[length] = 0;
    good = digit(hash[1]) * 16 + digit(hash[2]) == checksum(link->packet, length);
    link->begin = (size_t)(hash + 3 - link->in);
    if (!link->without_acks) {
        send_bytes(link, good ? "+" : "-", 1);
    }
    return good;
}

/* What the bytes that are there come to. */
static GdbNews take(GdbLink *link)
{
    while (link->begin < link->end) {
        const size_t before = link->begin;

        if (link->in[link->begin] == INTERRUPT_BYTE) {
            link->begin++;
            return GDB_INTERRUPT;
        }
        if (link->in[link->begin] != '$') {
            link->begin++; /* an acknowledgement, or noise */
        } else if (take_packet(link)) {
            return GDB_PACKET;
        } else if (link->begin == before) {
            return GDB_NOTHING;
        }
    }
    return GDB_NOTHING;
}

/* Reads what has come; a packet that fills the buffer without an end is thrown away. */
static bool fill(GdbLink *link)
{
    ssize_t n;

    memmove(link->in, link->in + link->begin, link->end - link->begin);
    link->end -= link->begin;
    link->begin = 0;
    if (link->end == sizeof(link->in)) {
        link->end = 0;
    }
    n = recv(link->fd, link->in + link->end, sizeof(link->in) - link->end, MSG_DONTWAIT);
    if (n > 0) {
        link->end += (size_t)n;
        return true;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

GdbNews gdb_link_receive(GdbLink *link, int timeout_ms)
{
    GdbNews news = take(link);

    if (news == GDB_NOTHING && link->fd >= 0) {
        struct pollfd poll_fd = { .fd = link->fd, .events = POLLIN };

        if (poll(&poll_fd, 1, timeout_ms) > 0 && !fill(link)) {
            gdb_link_close(link);
        }
        news = take(link);
    }
    return news == GDB_NOTHING && link->fd < 0 ? GDB_GONE : news;
}
