/* Packets of GDB's remote serial protocol on a socket: "$TEXT#SUM", acknowledged by "+" unless both sides do without. */
#ifndef QOSIM_COSIM_ISS_GDB_PACKET_H
#define QOSIM_COSIM_ISS_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the debugger is told it may send at most, and the longest answer. */
#define GDB_PACKET_BYTES 8192u

typedef struct GdbLink {
    int fd; /* -1: nobody is there */
    bool without_acks;
    uint8_t in[GDB_PACKET_BYTES];
    size_t begin, end; /* what has come and was not taken */
    char packet[GDB_PACKET_BYTES];
} GdbLink;

typedef enum GdbNews {
    GDB_NOTHING,
    GDB_PACKET,    /* link->packet */
    GDB_INTERRUPT, /* the person pressed Ctrl-C */
    GDB_GONE,      /* the connection is closed; link->fd is -1 */
} GdbNews;

void gdb_link_open(GdbLink *link, int fd);
void gdb_link_close(GdbLink *link);
/* Waits up to @timeout_ms for the next packet. What is no packet, or too long for one, is skipped. */
GdbNews gdb_link_receive(GdbLink *link, int timeout_ms);
/* Sends @text as a packet. One that cannot be sent is dropped, and the link closed. */
void gdb_link_send(GdbLink *link, const char *text);

#endif
