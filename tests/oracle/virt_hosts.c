#include "tests/oracle/virt_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/oracle/virt_qmp.h"

/* A source may have to be made ready in one round, run in the next, and start a bottom half that runs in the third. */
#define ROUNDS 4u
/* How long the sides may disagree before it is a difference; one that is known to be there is not waited for so long. */
#define PATIENCE_US (5 * G_USEC_PER_SEC)
#define PATIENCE_PLANTED_US (G_USEC_PER_SEC / 2)
#define READ_SIZE 65536u
#define PIPE_BYTES 4096

static const struct {
    HostKind kind;
    const char *id;
} kinds[] = {
    { HOST_SOCKET, "c0" }, { HOST_SOCKET, "c1" },  { HOST_PIPE, "c2" }, { HOST_PIPE, "c3" },
    { HOST_SOCKET, "c4" }, { HOST_RINGBUF, "c5" }, { HOST_FILE, "c6" }, { HOST_NULL, "c7" },
};

static const char *const prefixes[SIDES] = { "q", "o" };

/* --- Set-up --- */

/* Opens one direction of a named pipe without waiting for the other end. */
static int open_pipe(Both *both, const char *path, const char *suffix)
{
    g_autofree char *name = g_strdup_printf("%s.%s", path, suffix);
    int fd;

    if (mkfifo(name, 0600) != 0) {
        both_trouble(both, "%s: %s", name, g_strerror(errno));
    }
    fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES) < 0) {
        both_trouble(both, "%s: %s", name, g_strerror(errno));
    }
    return fd;
}

static void host_init(Both *both, Host *host)
{
    for (unsigned side = 0; side < SIDES; side++) {
        host->paths[side] = g_strdup_printf("%s/%s.%s", both->directory, prefixes[side], host->id);
        host->outs[side] = host->ins[side] = -1;
        host->bytes[side] = g_byte_array_new();
        if (host->kind == HOST_PIPE) {
            host->outs[side] = open_pipe(both, host->paths[side], "out");
            host->ins[side] = open_pipe(both, host->paths[side], "in");
        }
    }
}

static void host_close(Host *host)
{
    for (unsigned side = 0; side < SIDES; side++) {
        if (host->ins[side] >= 0 && host->ins[side] != host->outs[side]) {
            close(host->ins[side]);
        }
        if (host->outs[side] >= 0) {
            close(host->outs[side]);
        }
        host->outs[side] = host->ins[side] = -1;
    }
}

static void host_free(gpointer data)
{
    Host *host = data;

    host_close(host);
    for (unsigned side = 0; side < SIDES; side++) {
        g_autofree char *in = g_strdup_printf("%s.in", host->paths[side]);
        g_autofree char *out = g_strdup_printf("%s.out", host->paths[side]);

        g_unlink(host->paths[side]);
        g_unlink(in);
        g_unlink(out);
        g_byte_array_unref(host->bytes[side]);
        g_free(host->paths[side]);
    }
    g_free(host->id);
    g_free(host);
}

void virt_hosts_init(VirtHosts *hosts, Both *both)
{
    *hosts = (VirtHosts){ .both = both, .hosts = g_ptr_array_new_with_free_func(host_free) };
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Host *host = g_new0(Host, 1);

        host->kind = kinds[i].kind;
        host->id = g_strdup(kinds[i].id);
        host_init(both, host);
        g_ptr_array_add(hosts->hosts, host);
    }
}

void virt_hosts_clear(VirtHosts *hosts)
{
    g_clear_pointer(&hosts->hosts, g_ptr_array_unref);
}

void virt_hosts_words(const VirtHosts *hosts, Side side, GPtrArray *words)
{
    static const char *const formats[] = {
        [HOST_SOCKET] = "socket,id=%s,path=%s,server=on,wait=off",
        [HOST_PIPE] = "pipe,id=%s,path=%s",
        [HOST_RINGBUF] = "ringbuf,id=%s,size=4096",
        [HOST_FILE] = "file,id=%s,path=%s",
        [HOST_NULL] = "null,id=%s",
    };

    for (guint i = 0; i < hosts->hosts->len; i++) {
        const Host *host = g_ptr_array_index(hosts->hosts, i);

        g_ptr_array_add(words, g_strdup("-chardev"));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
        g_ptr_array_add(words, g_strdup_printf(formats[host->kind], host->id, host->paths[side]));
#pragma GCC diagnostic pop
    }
}

/* --- Agreement --- */

/* Bytes that the device has not taken yet, in the kernel's own units. */
static int held(const Host *host, unsigned side)
{
    int n = 0;

    if (host->ins[side] >= 0) {
        ioctl(host->ins[side], host->kind == HOST_SOCKET ? TIOCOUTQ : FIONREAD, &n);
    }
    return n;
}

static bool hosts_hold(const VirtHosts *hosts)
{
    for (guint i = 0; i < hosts->hosts->len; i++) {
        const Host *host = g_ptr_array_index(hosts->hosts, i);

        if (held(host, SIDE_QEMU) || held(host, SIDE_OURS)) {
            return true;
        }
    }
    return false;
}

static bool bytes_agree(const Host *host)
{
    const GByteArray *const *bytes = (const GByteArray *const *)host->bytes;

    return bytes[0]->len == bytes[1]->len &&
           (bytes[0]->len == 0 || memcmp(bytes[0]->data, bytes[1]->data, bytes[0]->len) == 0);
}

/* The first host whose ends differ; NULL: none. */
static Host *find_different(const VirtHosts *hosts)
{
    for (guint i = 0; i < hosts->hosts->len; i++) {
        Host *host = g_ptr_array_index(hosts->hosts, i);

        if (!bytes_agree(host) || held(host, SIDE_QEMU) != held(host, SIDE_OURS)) {
            return host;
        }
    }
    return NULL;
}

static char *describe(const Host *host, unsigned side)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%u bytes came out, %d are held back:", host->bytes[side]->len,
                           held(host, side));
    for (guint i = 0; i < MIN(host->bytes[side]->len, 256); i++) {
        g_string_append_printf(text, "%s%02x", i % 32 ? " " : "\n", host->bytes[side]->data[i]);
    }
    return g_string_free(text, FALSE);
}

static void host_differs(VirtHosts *hosts, const Host *host)
{
    g_autofree char *what = g_strdup_printf("chardev %s", host->id);
    g_autofree char *qemu = describe(host, SIDE_QEMU);
    g_autofree char *ours = describe(host, SIDE_OURS);

    both_differ(hosts->both, what, qemu, ours);
}

/* What both agree on has been compared. */
static void forget_bytes(VirtHosts *hosts)
{
    for (guint i = 0; i < hosts->hosts->len; i++) {
        Host *host = g_ptr_array_index(hosts->hosts, i);

        hosts->out += host->bytes[SIDE_QEMU]->len;
        g_byte_array_set_size(host->bytes[SIDE_QEMU], 0);
        g_byte_array_set_size(host->bytes[SIDE_OURS], 0);
    }
}

/* Reads what @host has at @side; how much. */
static size_t host_read(VirtHosts *hosts, Host *host, unsigned side)
{
    GByteArray *bytes = host->bytes[side];
    guint before = bytes->len;
    ssize_t n;

    if (host->kind == HOST_RINGBUF) {
        virt_read_ringbuf(hosts->both, side, host->id, bytes);
        return bytes->len - before;
    }
    if (host->outs[side] < 0) {
        return 0;
    }
    g_byte_array_set_size(bytes, before + READ_SIZE);
    n = read(host->outs[side], bytes->data + before, READ_SIZE);
    g_byte_array_set_size(bytes, before + (guint)MAX(n, 0));
    return (size_t)MAX(n, 0);
}

static void settle_at_each_line(void *opaque)
{
    virt_hosts_settle(opaque);
}

/* @draining: a host whose bytes are taken as they come; NULL: none. */
static void settle(VirtHosts *hosts, Host *draining)
{
    Both *both = hosts->both;
    gint64 deadline = g_get_monotonic_time() + (both->planted ? PATIENCE_PLANTED_US : PATIENCE_US);
    size_t got;

    do {
        got = 0;
        both_rounds(both, ROUNDS);
        for (unsigned side = 0; draining && side < SIDES; side++) {
            got += host_read(hosts, draining, side);
        }
        if (g_get_monotonic_time() > deadline) {
            if (find_different(hosts)) {
                host_differs(hosts, find_different(hosts));
            }
            break;
        }
    } while (got > 0 || find_different(hosts) || !both_irqs_agree(both));
    both_tighten(both);
    forget_bytes(hosts);
    both->settle = NULL;
    if (hosts_hold(hosts)) {
        /* A buffer for it may be seen as soon as it is in the ring. */
        both_loosen(both);
        both->settle = settle_at_each_line;
        both->settle_opaque = hosts;
    }
}

void virt_hosts_settle(VirtHosts *hosts)
{
    settle(hosts, NULL);
}

/* --- Operations --- */

bool virt_host_connected(const Host *host)
{
    return host->outs[SIDE_QEMU] >= 0;
}

static int connect_to(Both *both, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        both_trouble(both, "%s: %s", path, g_strerror(errno));
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void note(VirtHosts *hosts, const Host *host, const char *what, size_t n)
{
    g_autofree char *text = g_strdup_printf("(chardev %s: %s %zu)", host->id, what, n);

    both_note(hosts->both, text, "");
}

void virt_host_connect(VirtHosts *hosts, Host *host)
{
    note(hosts, host, "connect", 1);
    both_loosen(hosts->both);
    for (unsigned side = 0; side < SIDES; side++) {
        host->outs[side] = host->ins[side] = connect_to(hosts->both, host->paths[side]);
    }
    virt_hosts_settle(hosts);
}

void virt_host_disconnect(VirtHosts *hosts, Host *host)
{
    if (held(host, SIDE_QEMU)) {
        return;
    }
    note(hosts, host, "disconnect", 1);
    both_loosen(hosts->both);
    host_close(host);
    virt_hosts_settle(hosts);
}

void virt_host_send(VirtHosts *hosts, Host *host, const uint8_t *bytes, size_t len)
{
    ssize_t sent[SIDES];

    if (host->ins[SIDE_QEMU] < 0) {
        return;
    }
    both_loosen(hosts->both);
    for (unsigned side = 0; side < SIDES; side++) {
        sent[side] = write(host->ins[side], bytes, len);
    }
    if (sent[SIDE_QEMU] != sent[SIDE_OURS]) {
        host_differs(hosts, host);
    }
    note(hosts, host, "send", (size_t)MAX(sent[SIDE_QEMU], 0));
    hosts->in += (uint64_t)MAX(sent[SIDE_QEMU], 0);
    virt_hosts_settle(hosts);
}

/* Files are opened when they are there. */
static void open_file(VirtHosts *hosts, Host *host)
{
    for (unsigned side = 0; side < SIDES && host->outs[side] < 0; side++) {
        host->outs[side] = open(host->paths[side], O_RDONLY | O_CLOEXEC);
        if (host->outs[side] < 0) {
            both_trouble(hosts->both, "%s: %s", host->paths[side], g_strerror(errno));
        }
    }
}

static void plant_loss(Both *both, GByteArray *bytes)
{
    if (bytes->len > 0 && both_plants(both, PLANT_BYTE)) {
        g_byte_array_remove_index(bytes, bytes->len - 1);
    }
}

void virt_host_drain(VirtHosts *hosts, Host *host)
{
    note(hosts, host, "drain", 0);
    if (host->kind == HOST_FILE) {
        open_file(hosts, host);
    }
    both_loosen(hosts->both);
    for (unsigned side = 0; side < SIDES; side++) {
        host_read(hosts, host, side);
    }
    plant_loss(hosts->both, host->bytes[SIDE_OURS]);
    settle(hosts, host);
}
