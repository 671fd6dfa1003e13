/* GDB's remote serial protocol: one debugger at a time, which finds the CPU halted before its first instruction. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cosim/iss/gdb_packet.h"
#include "cosim/iss/gdb_target.h"
#include "cosim/iss/iss.h"

#define MAX_BREAKPOINTS 1024u
/* While the CPU is halted, the server's events are taken this often. */
#define HALT_POLL_MS 10

struct Gdb {
    int listener;
    GdbLink link;
    GHashTable *breakpoints; /* of addresses */
    char *description;
    int stop_signal; /* 0: the CPU runs; else what to tell of why it stopped */
    bool is_told;    /* of that */
    bool allow_one;  /* the next instruction, although there is a breakpoint */
    bool step;       /* and no other one */
    bool is_killed;
};

/* --- Connections --- */

static bool listen_at(Gdb *gdb, unsigned port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int one = 1;

    gdb->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return gdb->listener >= 0 &&
           setsockopt(gdb->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
           bind(gdb->listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(gdb->listener, 1) == 0;
}

Gdb *gdb_open(unsigned port, GError **error)
{
    Gdb *gdb = g_new0(Gdb, 1);

    gdb->link.fd = -1;
    gdb->breakpoints = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    gdb->stop_signal = SIGTRAP;
    gdb->is_told = true; /* the debugger asks when it comes */
    if (!listen_at(gdb, port)) {
        g_set_error(error, ISS_ERROR, 0, "--gdb %u: %s", port, g_strerror(errno));
        gdb_close(gdb);
        return NULL;
    }
    return gdb;
}

void gdb_close(Gdb *gdb)
{
    gdb_link_close(&gdb->link);
    if (gdb->listener >= 0) {
        close(gdb->listener);
    }
    g_hash_table_destroy(gdb->breakpoints);
    g_free(gdb->description);
    g_free(gdb);
}

/* Whether a debugger is there, perhaps a new one, who finds the CPU halted. */
static bool is_connected(Gdb *gdb)
{
    int fd;

    if (gdb->link.fd >= 0) {
        return true;
    }
    fd = accept4(gdb->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    gdb_link_open(&gdb->link, fd);
    gdb->stop_signal = SIGTRAP;
    gdb->is_told = true;
    return true;
}

/* Without a debugger the CPU goes on, and nothing stops it. */
static void let_go(Gdb *gdb)
{
    gdb_link_close(&gdb->link);
    g_hash_table_remove_all(gdb->breakpoints);
    gdb->stop_signal = 0;
    gdb->step = false;
}

bool gdb_allows(Gdb *gdb, uint64_t pc)
{
    if (gdb->allow_one) {
        gdb->allow_one = false;
        return true;
    }
    return !gdb->step && !g_hash_table_contains(gdb->breakpoints, &pc);
}

bool gdb_wants_stop(Gdb *gdb)
{
    const bool was_there = gdb->link.fd >= 0;

    if (gdb->stop_signal || !is_connected(gdb)) {
        return gdb->stop_signal != 0;
    }
    if (!was_there || (gdb->step && !gdb->allow_one)) {
        return true;
    }
    switch (gdb_link_receive(&gdb->link, 0)) {
    case GDB_INTERRUPT:
        gdb->stop_signal = SIGINT;
        gdb->is_told = false;
        return true;
    case GDB_GONE:
        let_go(gdb);
        return false;
    default: /* nothing is asked while the CPU runs */
        return false;
    }
}

/* --- Packets --- */

static void reply(Gdb *gdb, const char *text)
{
    gdb_link_send(&gdb->link, text);
}

static void reply_bool(Gdb *gdb, bool ok)
{
    reply(gdb, ok ? "OK" : "E01");
}

static void reply_text(Gdb *gdb, bool ok, const GString *text)
{
    reply(gdb, ok ? text->str : "E01");
}

static void tell_stop(Gdb *gdb)
{
    char text[8];

    snprintf(text, sizeof(text), "S%02x", gdb->stop_signal ? gdb->stop_signal : SIGTRAP);
    reply(gdb, text);
    gdb->is_told = true;
}

/* "ADDRESS,LENGTH" and what follows it. */
static bool parse_range(const char *text, uint64_t *address, uint64_t *length, const char **rest)
{
    char *end;

    *address = strtoull(text, &end, 16);
    if (end == text || *end != ',') {
        return false;
    }
    text = end + 1;
    *length = strtoull(text, &end, 16);
    *rest = end;
    return end != text;
}

static void do_memory(Gdb *gdb, Iss *iss, const char *packet)
{
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t address;
    uint64_t length;
    const char *rest;

    if (!parse_range(packet + 1, &address, &length, &rest)) {
        reply(gdb, "E01");
    } else if (*packet == 'm') {
        reply_text(gdb, gdb_read_memory(iss, address, length, text), text);
    } else {
        reply_bool(gdb, *rest == ':' && gdb_write_memory(iss, address, length, rest + 1));
    }
}

static void do_register(Gdb *gdb, Iss *iss, const char *packet)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char *end;
    const unsigned n = (unsigned)strtoul(packet + 1, &end, 16);

    if (*packet == 'p') {
        reply_text(gdb, gdb_read_register(iss, n, text), text);
    } else {
        reply_bool(gdb, *end == '=' && gdb_write_register(iss, n, end + 1));
    }
}

/* "Z0,ADDRESS,KIND" sets, "z0,…" clears; kinds 0 and 1 are breakpoints, others are not supported. */
static void do_breakpoint(Gdb *gdb, const char *packet)
{
    uint64_t address;
    uint64_t kind;
    const char *rest;

    if ((packet[1] != '0' && packet[1] != '1') || packet[2] != ',') {
        reply(gdb, "");
    } else if (!parse_range(packet + 3, &address, &kind, &rest)) {
        reply(gdb, "E01");
    } else if (*packet == 'z') {
        g_hash_table_remove(gdb->breakpoints, &address);
        reply(gdb, "OK");
    } else if (g_hash_table_size(gdb->breakpoints) >= MAX_BREAKPOINTS) {
        reply(gdb, "E02");
    } else {
        g_hash_table_add(gdb->breakpoints, g_memdup2(&address, sizeof(address)));
        reply(gdb, "OK");
    }
}

/* A piece of the target description: "OFFSET,LENGTH". */
static void send_description(Gdb *gdb, const Iss *iss, const char *range)
{
    g_autofree char *text = NULL;
    uint64_t offset;
    uint64_t length;
    uint64_t total;
    const char *rest;

    if (!gdb->description) {
        gdb->description = gdb_target_description(cpu_is_rv64(iss->cpu));
    }
    total = strlen(gdb->description);
    if (!parse_range(range, &offset, &length, &rest) || offset > total) {
        reply(gdb, "E01");
        return;
    }
    length = MIN(length, GDB_PACKET_BYTES - 8);
    text = g_strdup_printf("%c%.*s", offset + length < total ? 'm' : 'l',
                           (int)MIN(length, total - offset), gdb->description + offset);
    reply(gdb, text);
}

static void do_query(Gdb *gdb, const Iss *iss, const char *packet)
{
    static const char description[] = "qXfer:features:read:target.xml:";
    char text[96];

    if (g_str_has_prefix(packet, "qSupported")) {
        snprintf(text, sizeof(text), "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+",
                 GDB_PACKET_BYTES - 8);
        reply(gdb, text);
    } else if (g_str_has_prefix(packet, description)) {
        send_description(gdb, iss, packet + strlen(description));
    } else if (g_str_has_prefix(packet, "qAttached")) {
        reply(gdb, "1");
    } else if (g_str_equal(packet, "qC")) {
        reply(gdb, "QC1");
    } else if (g_str_equal(packet, "qfThreadInfo")) {
        reply(gdb, "m1");
    } else if (g_str_equal(packet, "qsThreadInfo")) {
        reply(gdb, "l");
    } else if (g_str_equal(packet, "QStartNoAckMode")) {
        reply(gdb, "OK");
        gdb->link.without_acks = true;
    } else {
        reply(gdb, "");
    }
}

/* "c" or "s", perhaps with an address to go on from. */
static void resume(Gdb *gdb, Iss *iss, const char *packet)
{
    if (packet[1]) {
        cpu_set_pc(iss->cpu, strtoull(packet + 1, NULL, 16) & ~UINT64_C(1));
    }
    gdb->step = *packet == 's';
    gdb->allow_one = true;
    gdb->stop_signal = 0;
}

static void do_packet(Gdb *gdb, Iss *iss, const char *packet)
{
    g_autoptr(GString) text = g_string_new(NULL);

    switch (*packet) {
    case '?':
        tell_stop(gdb);
        break;
    case 'g':
        gdb_read_registers(iss, text);
        reply_text(gdb, true, text);
        break;
    case 'G':
        reply_bool(gdb, gdb_write_registers(iss, packet + 1));
        break;
    case 'p':
    case 'P':
        do_register(gdb, iss, packet);
        break;
    case 'm':
    case 'M':
        do_memory(gdb, iss, packet);
        break;
    case 'Z':
    case 'z':
        do_breakpoint(gdb, packet);
        break;
    case 'c':
    case 's':
        resume(gdb, iss, packet);
        break;
    case 'D':
        reply(gdb, "OK");
        let_go(gdb);
        break;
    case 'k':
        gdb->is_killed = true;
        break;
    case 'H':
    case 'T':
        reply(gdb, "OK");
        break;
    case 'q':
    case 'Q':
        do_query(gdb, iss, packet);
        break;
    default:
        reply(gdb, "");
        break;
    }
}

/* --- Halting --- */

/* The server, and with it the other clients, go on while nothing happens here. */
static bool serve(Iss *iss)
{
    (void)qosim_bus_wait(iss->port, 0);
    return !qosim_bus_is_lost(iss->port) && !iss_signal();
}

static void begin_halt(Gdb *gdb)
{
    if (!gdb->stop_signal) { /* a breakpoint, or the end of a step */
        gdb->stop_signal = SIGTRAP;
        gdb->is_told = false;
    }
    gdb->step = false;
    if (!gdb->is_told) {
        tell_stop(gdb);
    }
}

bool gdb_halt(Gdb *gdb, Iss *iss)
{
    begin_halt(gdb);
    fflush(stdout);
    while (gdb->stop_signal && !gdb->is_killed && serve(iss)) {
        struct pollfd poll_fd = { .fd = gdb->listener, .events = POLLIN };

        if (!is_connected(gdb)) {
            (void)poll(&poll_fd, 1, HALT_POLL_MS);
            continue;
        }
        switch (gdb_link_receive(&gdb->link, HALT_POLL_MS)) {
        case GDB_PACKET:
            do_packet(gdb, iss, gdb->link.packet);
            break;
        case GDB_GONE:
            let_go(gdb);
            break;
        default:
            break;
        }
    }
    return !gdb->is_killed;
}

void gdb_tell_end(Gdb *gdb, int status)
{
    char text[8];

    if (gdb->link.fd >= 0 && !gdb->is_killed) {
        snprintf(text, sizeof(text), "W%02x", (unsigned)status & 0xff);
        reply(gdb, text);
    }
}
