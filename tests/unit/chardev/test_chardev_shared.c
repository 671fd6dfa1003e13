/* What every backend must do, run on each of them. */
#include "tests/unit/chardev/test_chardev.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "tests/unit/chardev/chardev_peers.h"
#include "tests/unit/chardev/chardev_probe.h"

#define TRANSFER_BYTES 20000

static GByteArray *random_bytes(size_t n)
{
    GByteArray *bytes = g_byte_array_sized_new(n);

    while (bytes->len < n) {
        /* Without 0x00 to 0x1f and 0x7f, which a terminal line may act on. */
        uint8_t byte = g_test_rand_int_range(0x80, 0x100);

        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

static void attach_second_is_refused(gconstpointer data)
{
    ChardevPeer *peer = chardev_peer_new(data, NULL);
    g_autoptr(GError) error = NULL;
    ChardevProbe probe;
    CharFrontend second = { 0 };

    chardev_probe_attach(&probe, peer->chr);
    g_assert_false(qemu_chr_fe_init(&second, peer->chr, &error));
    g_assert_cmpstr(error->message, ==, "Device 'c' is in use");
    chardev_probe_detach(&probe);
    g_assert_true(qemu_chr_fe_init(&second, peer->chr, NULL));
    qemu_chr_fe_deinit(&second, false);
    chardev_peer_free(peer);
}

static void remove_in_use_is_refused(gconstpointer data)
{
    ChardevPeer *peer = chardev_peer_new(data, NULL);
    g_autoptr(GError) error = NULL;
    ChardevProbe probe;

    chardev_probe_attach(&probe, peer->chr);
    g_assert_false(chardev_remove(peer->root, "c", &error));
    g_assert_cmpstr(error->message, ==, "Chardev 'c' is busy");
    chardev_probe_detach(&probe);
    g_assert_true(chardev_remove(peer->root, "c", NULL));
    g_assert_null(chardev_find(peer->root, "c"));
    chardev_peer_free(peer);
}

static void opened_comes_once(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    ChardevProbe probe;
    bool opens = (type->flags & PEER_OPENS) || peer->chr->be_open;

    chardev_probe_attach(&probe, peer->chr);
    if (opens) {
        g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_OPENED, 1));
    }
    chardev_run_idle();
    g_assert_cmpuint(probe.events[CHR_EVENT_OPENED], ==, opens ? 1 : 0);
    g_assert_cmpuint(probe.events[CHR_EVENT_CLOSED], ==, 0);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void wait_open(ChardevProbe *probe, const ChardevPeerType *type)
{
    if (type->flags & PEER_OPENS) {
        g_assert_true(chardev_probe_wait_event(probe, CHR_EVENT_OPENED, 1));
    }
}

typedef struct Output {
    ChardevPeer *peer;
    CharFrontend *fe;
    const GByteArray *bytes;
    size_t sent;
    GByteArray *seen;
} Output;

static void write_some(Output *out)
{
    while (out->sent < out->bytes->len) {
        int len = MIN(700, (int)(out->bytes->len - out->sent));
        int n = qemu_chr_fe_write(out->fe, out->bytes->data + out->sent, len);

        if (n <= 0) {
            g_assert_cmpint(errno, ==, EAGAIN);
            return;
        }
        g_assert_cmpint(n, <=, len);
        out->sent += n;
    }
}

static void read_some(Output *out)
{
    uint8_t buf[2048]; /* holds any datagram of write_some() whole */
    size_t n;

    while ((n = chardev_peer_read(out->peer, buf, sizeof(buf))) > 0) {
        g_byte_array_append(out->seen, buf, n);
    }
}

static bool output_done(void *opaque)
{
    Output *out = opaque;

    write_some(out);
    read_some(out);
    return out->seen->len >= out->bytes->len;
}

static void output_arrives_in_order(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    g_autoptr(GByteArray) bytes = random_bytes(TRANSFER_BYTES);
    g_autoptr(GByteArray) seen = g_byte_array_new();
    ChardevProbe probe;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    g_assert_true(chardev_run_until(output_done, &(Output){ peer, &probe.fe, bytes, 0, seen }));
    g_assert_cmpmem(seen->data, seen->len, bytes->data, bytes->len);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static bool watch_fired(void *opaque, GIOCondition cond)
{
    g_assert_true(cond & G_IO_OUT);
    ++*(unsigned *)opaque;
    return false;
}

static bool counted(void *opaque)
{
    return *(unsigned *)opaque > 0;
}

/* Writes until nothing more goes. A terminal line moves bytes on behind our back, so it is asked more than once. */
static void write_until_full(Output *out)
{
    for (int quiet = 0; quiet < 10;) {
        size_t before = out->sent;

        write_some(out);
        quiet = out->sent == before ? quiet + 1 : 0;
        g_usleep(5000);
    }
}

static bool all_seen(void *opaque)
{
    Output *out = opaque;

    read_some(out);
    return out->seen->len >= out->sent;
}

/* More than any backend's buffers hold, TCP's included. */
static GByteArray *flood(void)
{
    g_autoptr(GByteArray) block = random_bytes(65536);
    GByteArray *bytes = g_byte_array_new();

    for (int i = 0; i < 512; i++) {
        g_byte_array_append(bytes, block->data, block->len);
    }
    return bytes;
}

static void full_output_waits_for_a_watch(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    g_autoptr(GByteArray) bytes = flood();
    g_autoptr(GByteArray) seen = g_byte_array_new();
    ChardevProbe probe;
    Output out = { peer, &probe.fe, bytes, 0, seen };
    unsigned fired = 0;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    write_until_full(&out); /* nobody reads, so it must stop short */
    g_assert_cmpuint(out.sent, <, bytes->len);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&probe.fe, G_IO_OUT | G_IO_HUP, watch_fired, &fired), !=,
                     0);
    chardev_run_idle();
    g_assert_cmpuint(fired, ==, 0);
    g_byte_array_set_size(seen, 0);
    read_some(&out);
    g_assert_true(chardev_run_until(counted, &fired));
    g_assert_true(chardev_run_until(all_seen, &out));
    g_assert_cmpmem(seen->data, seen->len, bytes->data, out.sent);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void removed_watch_never_fires(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    ChardevProbe probe;
    unsigned fired = 0;
    unsigned id;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    id = qemu_chr_fe_add_watch(&probe.fe, G_IO_OUT, watch_fired, &fired);
    g_assert_cmpuint(id, !=, 0);
    qemu_chr_fe_remove_watch(&probe.fe, id);
    chardev_run_idle();
    g_assert_cmpuint(fired, ==, 0);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

typedef struct Input {
    ChardevPeer *peer;
    ChardevProbe *probe;
    const GByteArray *bytes;
    size_t sent;
    size_t want;
} Input;

static bool input_done(void *opaque)
{
    Input *in = opaque;

    while (in->sent < in->bytes->len) {
        size_t n = chardev_peer_write(in->peer, in->bytes->data + in->sent,
                                      MIN(600, in->bytes->len - in->sent));

        if (!n) {
            break;
        }
        in->sent += n;
        if (in->peer->type->flags & PEER_DATAGRAMS) {
            break; /* a burst would overrun the socket's buffer, and datagrams may be lost */
        }
    }
    return in->probe->input->len >= in->want;
}

static void input_arrives_in_order_as_far_as_there_is_room(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    g_autoptr(GByteArray) bytes = random_bytes(TRANSFER_BYTES);
    ChardevProbe probe;
    Input in = { peer, &probe, bytes, 0, 3000 };

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    probe.limit = 3000;
    probe.chunk = 7;
    g_assert_true(chardev_run_until(input_done, &in));
    chardev_run_idle();
    g_assert_cmpuint(probe.input->len, ==, 3000);

    probe.limit = SIZE_MAX;
    probe.chunk = 333;
    qemu_chr_fe_accept_input(&probe.fe);
    in.want = TRANSFER_BYTES;
    g_assert_true(chardev_run_until(input_done, &in));
    g_assert_cmpmem(probe.input->data, probe.input->len, bytes->data, bytes->len);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void detached_front_end_gets_nothing(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    ChardevProbe probe;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    g_assert_true(probe.fe.fe_is_open);
    qemu_chr_fe_set_handlers(&probe.fe, NULL, NULL, NULL, NULL, true);
    g_assert_false(probe.fe.fe_is_open);
    chardev_peer_write(peer, (const uint8_t *)"abc", 3);
    chardev_run_idle();
    g_assert_cmpuint(probe.input->len, ==, 0);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void peer_that_leaves_closes_and_may_return(gconstpointer data)
{
    const ChardevPeerType *type = data;
    ChardevPeer *peer = chardev_peer_new(type, NULL);
    ChardevProbe probe;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    g_assert_cmpuint(chardev_peer_write(peer, (const uint8_t *)"last", 4), ==, 4);
    type->leave(peer);
    g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_CLOSED, 1));
    chardev_run_idle();
    g_assert_cmpuint(probe.events[CHR_EVENT_CLOSED], ==, 1);
    if (!g_str_equal(type->name, "pty")) { /* the kernel drops what a closed slave had written */
        g_assert_cmpmem(probe.input->data, probe.input->len, "last", 4);
    }
    if (type->flags & PEER_RETURNS) {
        type->connect(peer);
        g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_OPENED, 2));
        g_byte_array_set_size(probe.input, 0);
        g_assert_cmpuint(chardev_peer_write(peer, (const uint8_t *)"back", 4), ==, 4);
        g_assert_true(chardev_probe_wait_input(&probe, 4));
        g_assert_cmpmem(probe.input->data, probe.input->len, "back", 4);
    }
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void log_file_gets_a_copy(gconstpointer data)
{
    const ChardevPeerType *type = data;
    g_autofree char *log =
        g_strdup_printf("%s/qosim-chardev-log-%d", g_get_tmp_dir(), (int)g_random_int());
    g_autofree char *extra = g_strdup_printf(",logfile=%s", log);
    ChardevPeer *peer = chardev_peer_new(type, extra);
    g_autofree char *text = NULL;
    ChardevProbe probe;
    size_t len;

    chardev_probe_attach(&probe, peer->chr);
    wait_open(&probe, type);
    g_assert_cmpint(qemu_chr_fe_write(&probe.fe, (const uint8_t *)"hello", 5), ==, 5);
    g_assert_true(g_file_get_contents(log, &text, &len, NULL));
    g_assert_cmpmem(text, len, "hello", 5);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
    g_unlink(log);
}

static void dropping_the_tree_in_use_detaches(gconstpointer data)
{
    ChardevPeer *peer = chardev_peer_new(data, NULL);
    ChardevProbe probe;

    chardev_probe_attach(&probe, peer->chr);
    object_unparent(OBJECT(peer->chr));
    g_assert_false(qemu_chr_fe_backend_connected(&probe.fe));
    g_assert_cmpint(qemu_chr_fe_write(&probe.fe, (const uint8_t *)"x", 1), ==, 1);
    chardev_probe_detach(&probe);
    chardev_peer_free(peer);
}

static void add(const ChardevPeerType *type, unsigned needs, const char *name, GTestDataFunc func)
{
    g_autofree char *path = g_strdup_printf("/chardev/%s/%s", type->name, name);

    if ((type->flags & needs) == needs) {
        g_test_add_data_func(path, type, func);
    }
}

void add_shared_chardev_tests(void)
{
    for (const ChardevPeerType *const *t = chardev_peer_types; *t; t++) {
        if (!((*t)->flags & PEER_SHARED)) {
            add(*t, 0, "second-front-end-is-refused", attach_second_is_refused);
        }
        add(*t, 0, "removal-while-in-use-is-refused", remove_in_use_is_refused);
        add(*t, 0, "opened-comes-exactly-once-where-it-applies", opened_comes_once);
        add(*t, PEER_OUTPUT, "output-arrives-in-order", output_arrives_in_order);
        add(*t, PEER_BOUNDED, "full-output-waits-for-a-watch", full_output_waits_for_a_watch);
        add(*t, PEER_BOUNDED, "removed-watch-never-fires", removed_watch_never_fires);
        add(*t, PEER_INPUT, "input-arrives-in-order-as-far-as-there-is-room",
            input_arrives_in_order_as_far_as_there_is_room);
        add(*t, PEER_INPUT, "detached-front-end-gets-nothing", detached_front_end_gets_nothing);
        add(*t, PEER_CLOSES, "peer-that-leaves-closes-and-may-return",
            peer_that_leaves_closes_and_may_return);
        add(*t, 0, "log-file-gets-a-copy-of-the-output", log_file_gets_a_copy);
        add(*t, 0, "dropping-the-tree-in-use-detaches", dropping_the_tree_in_use_detaches);
    }
}
