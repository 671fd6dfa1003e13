/* Operations on chardevs: each with what it gives, and each refusal with its text. */
#include <string.h>

#include "tests/unit/server/harness.h"

#define MACHINE "virt -chardev rpc,id=c0,size=16 -chardev ringbuf,id=r0,size=16 -chardev null,id=n0"

static const QsResult *succeeds(Harness *h, QsOperation op)
{
    const QsResult *result = harness_op(h, op);

    g_assert_cmpstr(result->status.text, ==, "");
    g_assert_cmpint(result->status.code, ==, QS_STATUS_OK);
    g_assert_cmpint(result->kind, ==, op.kind);
    return result;
}

static QsOperation on(QsOpKind kind, const char *id)
{
    return (QsOperation){ .kind = kind, .chardev = { .id = id } };
}

static QsOperation write_to(const char *id, const void *bytes, size_t len)
{
    return (QsOperation){ .kind = QS_OP_CHARDEV_WRITE,
                          .chardev = { .id = id, .data = { bytes, len } } };
}

static QsOperation read_from(const char *id, uint32_t max)
{
    return (QsOperation){ .kind = QS_OP_CHARDEV_READ, .chardev = { .id = id, .max = max } };
}

/* Options "key=value,..."; what is made of them lives until the next call. */
static QsOperation add(const char *options)
{
    static QsValueEntry entries[8];
    static char **pairs;
    QsOperation op = { .kind = QS_OP_CHARDEV_ADD, .chardev_add = { .options = entries } };

    g_strfreev(pairs);
    pairs = g_strsplit(options, ",", G_N_ELEMENTS(entries));
    for (char **pair = pairs; *pair; pair++) {
        QsValueEntry *entry = &entries[op.chardev_add.n_options++];
        char *equals = strchr(*pair, '=');

        *equals = '\0';
        entry->key = *pair;
        entry->value = (QsValue){ .kind = QS_VALUE_UNPARSED, .text = equals + 1 };
    }
    return op;
}

static void test_add(void)
{
    g_autoptr(Harness) h = harness_new("virt");

    g_assert_cmpstr(succeeds(h, add("backend=rpc,id=c1,size=4"))->chardev_add.filename, ==, "rpc");
    g_assert_cmpstr(succeeds(h, add("backend=null,id=c2"))->chardev_add.filename, ==, "null");
    g_assert_cmpuint(succeeds(h, on(QS_OP_CHARDEV_LIST, NULL))->chardev_list.n_chardevs, ==, 2);
}

static void test_add_refused(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    harness_fails(h, add("backend=rpc,id=c0"), QS_STATUS_GENERIC,
                  "Chardev with id 'c0' already exists");
    harness_fails(h, add("backend=martian,id=c1"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': 'martian' is not a valid char driver name");
    harness_fails(h, add("backend=rpc,id=c1,zap=1"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': Invalid parameter 'zap'");
    harness_fails(h, add("backend=rpc,id=c1,size=0"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': size of rpc chardev must be between 1 and 67108864");
    harness_fails(h, add("backend=ringbuf,id=c1,size=3"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': size of ringbuf chardev must be power of two");
    harness_fails(h, add("backend=file,id=c1"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': chardev: file: no filename given");
    harness_fails(h, add("backend=mux,id=c1"), QS_STATUS_GENERIC,
                  "Failed to add chardev 'c1': chardev: mux: no chardev given");
    harness_fails(h, add("backend=rpc"), QS_STATUS_GENERIC, "chardev: no id specified");
    harness_fails(h, add("backend=rpc,id=1x"), QS_STATUS_GENERIC,
                  "Failed to add chardev '1x': Parameter 'id' expects an identifier");
    /* What failed left nothing. */
    succeeds(h, add("backend=rpc,id=c1"));
}

static void test_remove(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE " -device virtio-serial-device "
                                               "-device virtconsole,chardev=c0");

    succeeds(h, on(QS_OP_CHARDEV_REMOVE, "n0"));
    harness_fails(h, on(QS_OP_CHARDEV_REMOVE, "n0"), QS_STATUS_NOT_FOUND, "Chardev 'n0' not found");
    harness_fails(h, on(QS_OP_CHARDEV_REMOVE, ""), QS_STATUS_NOT_FOUND, "Chardev '' not found");
    harness_fails(h, on(QS_OP_CHARDEV_REMOVE, "c0"), QS_STATUS_GENERIC, "Chardev 'c0' is busy");
}

static void test_list(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE " -device virtio-serial-device "
                                               "-device virtconsole,chardev=c0");
    const QsResult *result = succeeds(h, on(QS_OP_CHARDEV_LIST, NULL));
    const QsChardev *c = result->chardev_list.chardevs;

    g_assert_cmpuint(result->chardev_list.n_chardevs, ==, 3);
    g_assert_cmpstr(c[0].id, ==, "c0");
    g_assert_cmpstr(c[0].backend, ==, "rpc");
    g_assert_true(c[0].used && c[0].frontend_open && c[0].host_open);
    g_assert_cmpstr(c[1].id, ==, "r0");
    g_assert_cmpstr(c[1].backend, ==, "ringbuf");
    g_assert_true(!c[1].used && !c[1].frontend_open && c[1].host_open);
    g_assert_cmpstr(c[2].id, ==, "n0");
    g_assert_cmpstr(c[2].filename, ==, "null");
    g_assert_false(c[2].host_open);
}

static void test_list_of_none(void)
{
    g_autoptr(Harness) h = harness_new("virt");

    g_assert_cmpuint(succeeds(h, on(QS_OP_CHARDEV_LIST, NULL))->chardev_list.n_chardevs, ==, 0);
}

/* An emergency write is a byte out of a console without any driver. */
static void emit(Harness *h, char byte)
{
    succeeds(h,
             (QsOperation){ .kind = QS_OP_MMIO_WRITE,
                            .mmio = { .address = 0x10008108, .size = 4, .data = (uint8_t)byte } });
}

static void expect_read(Harness *h, const char *id, uint32_t max, const char *bytes,
                        uint64_t pending)
{
    const QsResult *result = succeeds(h, read_from(id, max));

    g_assert_cmpmem(result->chardev_read.data.data, result->chardev_read.data.len, bytes,
                    strlen(bytes));
    g_assert_cmpuint(result->chardev_read.pending, ==, pending);
}

static void test_read(gconstpointer id)
{
    g_autofree char *options = g_strdup_printf(
        MACHINE " -device virtio-serial-device -device virtconsole,chardev=%s", (const char *)id);
    g_autoptr(Harness) h = harness_new(options);

    expect_read(h, id, 1, "", 0);
    for (const char *c = "hello"; *c; c++) {
        emit(h, *c);
    }
    expect_read(h, id, 2, "he", 3);
    expect_read(h, id, QS_MAX_CHARDEV_BYTES, "llo", 0);
    expect_read(h, id, 1, "", 0);
    harness_fails(h, read_from(id, 0), QS_STATUS_INVALID_ARGUMENT,
                  "size must be greater than zero");
    harness_fails(h, read_from(id, QS_MAX_CHARDEV_BYTES + 1), QS_STATUS_LIMIT,
                  "a read of 1048577 bytes is over the limit of 1048576");
}

static void test_read_refused(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    harness_fails(h, read_from("x", 1), QS_STATUS_NOT_FOUND, "Chardev 'x' not found");
    harness_fails(h, read_from("n0", 1), QS_STATUS_GENERIC,
                  "chardev 'n0' is no rpc chardev: its other end is null");
}

static void test_write(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);

    /* Nobody reads it: nothing is taken, and that is no failure. */
    g_assert_cmpuint(succeeds(h, write_to("c0", "x", 1))->chardev_write.accepted, ==, 0);
    g_assert_cmpuint(succeeds(h, write_to("c0", "", 0))->chardev_write.accepted, ==, 0);
    harness_fails(h, write_to("x", "x", 1), QS_STATUS_NOT_FOUND, "Chardev 'x' not found");
    harness_fails(h, write_to("r0", "x", 1), QS_STATUS_GENERIC,
                  "chardev 'r0' is no rpc chardev: its other end is ringbuf");
}

static bool is_host_open(Harness *h)
{
    return succeeds(h, on(QS_OP_CHARDEV_LIST, NULL))->chardev_list.chardevs[0].host_open;
}

static void test_open(void)
{
    g_autoptr(Harness) h = harness_new(MACHINE);
    QsOperation op = on(QS_OP_CHARDEV_OPEN, "c0");

    g_assert_true(is_host_open(h));
    succeeds(h, op);
    g_assert_false(is_host_open(h));
    succeeds(h, op); /* again changes nothing */
    op.chardev.open = true;
    succeeds(h, op);
    g_assert_true(is_host_open(h));
    harness_fails(h, on(QS_OP_CHARDEV_OPEN, "x"), QS_STATUS_NOT_FOUND, "Chardev 'x' not found");
    harness_fails(h, on(QS_OP_CHARDEV_OPEN, "n0"), QS_STATUS_GENERIC,
                  "chardev 'n0' is no rpc chardev: its other end is null");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/dispatch/chardev/added-with-its-filename", test_add);
    g_test_add_func("/server/dispatch/chardev/not-added-and-why", test_add_refused);
    g_test_add_func("/server/dispatch/chardev/removed-unless-used", test_remove);
    g_test_add_func("/server/dispatch/chardev/listed-in-order", test_list);
    g_test_add_func("/server/dispatch/chardev/none-to-list", test_list_of_none);
    g_test_add_data_func("/server/dispatch/chardev/read-in-pieces/rpc", "c0", test_read);
    g_test_add_data_func("/server/dispatch/chardev/read-in-pieces/ringbuf", "r0", test_read);
    g_test_add_func("/server/dispatch/chardev/not-read-and-why", test_read_refused);
    g_test_add_func("/server/dispatch/chardev/written-as-far-as-taken", test_write);
    g_test_add_func("/server/dispatch/chardev/opened-and-closed", test_open);
    return g_test_run();
}
