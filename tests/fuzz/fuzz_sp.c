/*
 * The parser of the SP wire on any bytes, which arrive in pieces of any size. The first byte of the input says which kind of socket
 * it is, whether a good greeting comes first and whether the connection is sealed, the second how the rest is cut up.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/seal.h"
#include "proto/shm_link.h"
#include "proto/sp_conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Reads what there is. False when the connection is to be given up. */
static bool read_all(SpConn *conn)
{
    uint8_t header[SP_MAX_HEADER];
    uint8_t *data;
    size_t len;
    SpRead r;

    while ((r = sp_conn_read(conn, &data, &len)) == SP_READ_MESSAGE) {
        size_t before = len;
        size_t taken = sp_take_header(data, &len, header);

        must(before <= SP_MAX_MESSAGE && taken <= SP_MAX_HEADER && taken % 4 == 0);
        must(before == len + taken);
        must(!conn->seal); /* nobody here knows the key */
        free(data);
    }
    return r == SP_READ_NOTHING;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t greeting[] = { 0, 'S', 'P', 0, 0, SP_REQ, 0, 0 };
    unsigned flags = size > 0 ? data[0] : 0;
    size_t piece = size > 1 ? 1u + data[1] : 1;
    SpConn *conn;
    int fds[2];
    bool goes_on = true;

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    conn = sp_conn_new(fds[0], flags & 1, SP_REP, SP_REQ);
    must(conn != NULL);
    conn->takes_shm = flags & 2;
    if (flags & 8) {
        static const QsKey key = { { 1 } };

        must(sp_conn_seal(conn, seal_new(&key, true), false));
    }
    if (flags & 4) {
        must(write(fds[1], greeting, sizeof(greeting)) == (ssize_t)sizeof(greeting));
    }
    for (size_t at = 2; goes_on && at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;

        must(write(fds[1], data + at, n) == (ssize_t)n);
        goes_on = read_all(conn);
    }
    close(fds[1]);
    if (goes_on) {
        (void)read_all(conn);
    }
    sp_conn_free(conn);
    return 0;
}
