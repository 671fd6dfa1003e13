/*
 * WebSockets on any bytes, which arrive in pieces of any size. The first byte of the input says which end is meant and whether
 * a good opening comes first, the second how the rest is cut up.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/sp_conn.h"
#include "proto/ws.h"

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
    uint8_t *data;
    size_t len;
    SpRead r;

    while ((r = sp_conn_read(conn, &data, &len)) == SP_READ_MESSAGE) {
        must(len <= SP_MAX_MESSAGE && sp_conn_is_open(conn));
        free(data);
    }
    must(r == SP_READ_CLOSED || !sp_conn_has_more(conn));
    return r == SP_READ_NOTHING;
}

/* Opens as the other end would. */
static void open_well(SpConn *conn, int fd, bool is_client)
{
    char request[WS_MAX_TEXT];
    char answer[WS_MAX_TEXT];
    char accept[WS_ACCEPT_SIZE];
    const char *trouble = NULL;
    size_t len;

    if (is_client) {
        ssize_t n = recv(fd, request, sizeof(request), 0);

        must(n > 0);
        len = ws_answer_request((const uint8_t *)request, (size_t)n, answer, &trouble);
        must(!trouble && send(fd, answer, len, 0) == (ssize_t)len);
    } else {
        len = ws_make_request("here:1/path", request, accept);
        must(len > 0 && send(fd, request, len, 0) == (ssize_t)len);
    }
    must(read_all(conn) && sp_conn_is_open(conn));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned flags = size > 0 ? data[0] : 0;
    size_t piece = size > 1 ? 1u + data[1] : 1;
    bool goes_on = true;
    SpConn *conn;
    int fds[2];

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    conn = sp_conn_new_ws(fds[0], flags & 1 ? "here:1" : NULL);
    must(conn != NULL);
    if (flags & 2) {
        open_well(conn, fds[1], flags & 1);
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
