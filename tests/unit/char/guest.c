#include "tests/unit/char/guest.h"

#include <string.h>

#include "models/core/qdev_properties.h"
#include "models/machine/virt.h"
#include "models/virtio/virtio_mmio.h"
#include "qom/keyval.h"

/* The transport that the first device gets. */
#define FIRST_SLOT (VIRT_VIRTIO_COUNT - 1)
#define FIRST_SLOT_BASE (VIRT_VIRTIO_BASE + FIRST_SLOT * VIRT_VIRTIO_STRIDE)

/* Guest memory, and what of it is the driver's. */
#define MEMORY_SIZE (UINT64_C(16) << 20)
#define DRIVER_MEMORY (VIRT_RAM_BASE + 0x100000)
#define DRIVER_MEMORY_SIZE (VIRT_RAM_BASE + MEMORY_SIZE - DRIVER_MEMORY)

#define CONTROL_BUFFERS 32
#define CONTROL_BUFFER_SIZE 64

static const char *const kind_names[] = { "legacy", "modern", "packed" };
static const char *const home_names[] = { "ram", "shm", "client" };

typedef struct GuestBuffer {
    unsigned number;
    VRingSegment segments[GUEST_MAX_SEGMENTS];
    unsigned n;
} GuestBuffer;

/* --- The machine --- */

static void take_event(void *opaque, const MachineEvent *event)
{
    Guest *guest = opaque;

    if (event->kind == MACHINE_EVENT_VSERPORT) {
        g_string_append_printf(guest->events, "%s %s ", event->id,
                               event->level ? "open" : "closed");
    } else if (event->kind == MACHINE_EVENT_DEVICE_DELETED) {
        g_string_append_printf(guest->events, "%s deleted ", event->id ? event->id : event->path);
    } else if (event->kind == MACHINE_EVENT_GUEST_ERROR) {
        g_string_append_printf(guest->errors, "%s\n", event->text);
    }
}

static MemTxResult serve_client(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    const Guest *guest = opaque;
    uint8_t *bytes = guest->client_memory + (addr - VIRT_RAM_BASE);

    g_assert_cmphex(addr - VIRT_RAM_BASE + len, <=, MEMORY_SIZE);
    if (guest->client_is_gone) {
        return MEMTX_ERROR;
    }
    memcpy(is_write ? bytes : buf, is_write ? buf : bytes, len);
    return MEMTX_OK;
}

static void choose_home(Guest *guest)
{
    g_assert_true(
        object_property_set_str(OBJECT(guest->machine), "ram-home", home_names[guest->home], NULL));
    if (guest->home == RAM_HOME_CLIENT) {
        guest->client_memory = g_malloc0(MEMORY_SIZE);
        machine_set_dma_handler(guest->machine, serve_client, guest);
    }
}

Guest *guest_new(GuestKind kind, RAMHome home)
{
    Guest *guest = g_new0(Guest, 1);
    GError *error = NULL;

    guest->kind = kind;
    guest->home = home;
    guest->buffers = g_ptr_array_new_with_free_func(g_free);
    guest->events = g_string_new(NULL);
    guest->errors = g_string_new(NULL);
    guest->machine = machine_new("virt", &error);
    g_assert_no_error(error);
    object_property_set_uint(OBJECT(guest->machine), "ram-size", MEMORY_SIZE, &error);
    g_assert_no_error(error);
    choose_home(guest);
    qdev_prop_register_global(guest->machine, TYPE_VIRTIO_MMIO, "force-legacy",
                              kind == GUEST_LEGACY ? "on" : "off", false);
    if (kind == GUEST_PACKED) {
        qdev_prop_register_global(guest->machine, TYPE_VIRTIO_SERIAL, "packed", "on", false);
    }
    g_assert_true(machine_create(guest->machine, &error));
    machine_set_event_sink(guest->machine, take_event, guest);
    return guest;
}

static void free_queues(Guest *guest)
{
    for (unsigned i = 0; i < VIRTIO_QUEUE_MAX; i++) {
        g_clear_pointer(&guest->queues[i], vring_queue_free);
        guest->posted[i] = 0;
    }
}

void guest_free(Guest *guest)
{
    machine_free(guest->machine);
    guest_run_loop();
    free_queues(guest);
    g_ptr_array_unref(guest->buffers);
    g_string_free(guest->events, TRUE);
    g_string_free(guest->errors, TRUE);
    g_free(guest->client_memory);
    g_free(guest);
}

Chardev *guest_chardev(Guest *guest, const char *options)
{
    GError *error = NULL;
    Chardev *chr = chardev_add_str(guest->machine->root, options, false, &error);

    g_assert_no_error(error);
    return chr;
}

static DeviceState *add(Guest *guest, const char *options, GError **error)
{
    g_autoptr(GVariant) map = keyval_parse(options, "driver", NULL, error);

    g_assert_nonnull(map);
    return machine_add_device(guest->machine, map, error);
}

DeviceState *guest_add(Guest *guest, const char *options)
{
    GError *error = NULL;
    DeviceState *dev = add(guest, options, &error);

    g_assert_no_error(error);
    return dev;
}

char *guest_add_error(Guest *guest, const char *options)
{
    GError *error = NULL;
    char *text;

    g_assert_null(add(guest, options, &error));
    text = g_strdup(error->message);
    g_error_free(error);
    return text;
}

void guest_del(Guest *guest, const char *id)
{
    GError *error = NULL;

    machine_del_device(guest->machine, id, &error);
    g_assert_no_error(error);
}

VirtIOSerialPort *guest_port(Guest *guest, const char *id)
{
    Object *peripheral = container_get(guest->machine->root, "/machine/peripheral");

    return VIRTIO_SERIAL_PORT(object_resolve_path_component(peripheral, id));
}

void guest_add_serial(Guest *guest, const char *more)
{
    g_autofree char *options = g_strconcat(TYPE_VIRTIO_SERIAL, ",id=vser", more, NULL);

    guest_add(guest, options);
}

void guest_ready(Guest *guest)
{
    machine_set_ready(guest->machine, NULL, NULL);
}

void guest_run_loop(void)
{
    for (int i = 0; i < 100 && g_main_context_iteration(NULL, FALSE); i++) {
        continue;
    }
}

/* --- What the driver is made of --- */

static void read_memory(void *opaque, uint64_t addr, void *buf, size_t len)
{
    const Guest *guest = opaque;

    g_assert_cmpuint(
        address_space_read(guest->machine->system_as, addr, MEMTXATTRS_UNSPECIFIED, buf, len), ==,
        MEMTX_OK);
}

static void write_memory(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    const Guest *guest = opaque;

    g_assert_cmpuint(
        address_space_write(guest->machine->system_as, addr, MEMTXATTRS_UNSPECIFIED, buf, len), ==,
        MEMTX_OK);
}

static uint64_t read_bus(const Guest *guest, uint64_t addr, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpuint(
        memory_access_read(guest->machine->system_as, addr, &value, size, MEMTXATTRS_UNSPECIFIED),
        ==, MEMTX_OK);
    return value;
}

static void write_bus(const Guest *guest, uint64_t addr, uint64_t value, unsigned size)
{
    g_assert_cmpuint(
        memory_access_write(guest->machine->system_as, addr, value, size, MEMTXATTRS_UNSPECIFIED),
        ==, MEMTX_OK);
}

static uint32_t read_register(void *opaque, uint64_t addr, unsigned size)
{
    return (uint32_t)read_bus(opaque, addr, size);
}

static void write_register(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    write_bus(opaque, addr, value, size);
}

static const VRingOps guest_ops = { read_memory, write_memory, read_register, write_register };

static void init_driver(Guest *guest)
{
    free_queues(guest);
    vring_driver_init(&guest->driver, &guest_ops, guest, FIRST_SLOT_BASE, DRIVER_MEMORY,
                      DRIVER_MEMORY_SIZE);
}

uint32_t guest_read_reg(Guest *guest, uint32_t reg)
{
    return read_register(guest, FIRST_SLOT_BASE + reg, 4);
}

void guest_write_reg(Guest *guest, uint32_t reg, uint32_t value)
{
    write_register(guest, FIRST_SLOT_BASE + reg, value, 4);
}

uint64_t guest_read_config(Guest *guest, unsigned offset, unsigned size)
{
    return read_bus(guest, FIRST_SLOT_BASE + MMIO_CONFIG + offset, size);
}

void guest_write_config(Guest *guest, unsigned offset, unsigned size, uint64_t value)
{
    write_bus(guest, FIRST_SLOT_BASE + MMIO_CONFIG + offset, value, size);
}

/* --- The driver --- */

void guest_negotiate(Guest *guest, uint64_t refused)
{
    /* Interrupts are to come whenever there is a reason. */
    refused |= UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
    init_driver(guest);
    g_assert_true(vring_driver_negotiate(&guest->driver, ~refused));
}

void guest_driver_ok(Guest *guest)
{
    vring_driver_start(&guest->driver);
}

void guest_reset(Guest *guest)
{
    vring_driver_reset(&guest->driver);
    init_driver(guest);
}

void guest_setup_queue(Guest *guest, unsigned queue)
{
    vring_queue_free(guest->queues[queue]);
    guest->queues[queue] = vring_queue_new(&guest->driver, queue, GUEST_QUEUE_NUM);
    guest->posted[queue] = 0;
}

static void add_control_buffer(Guest *guest)
{
    guest_add_buffer(guest, QUEUE_CONTROL_IN, &(GuestSegment){ NULL, CONTROL_BUFFER_SIZE }, 1);
}

void guest_start(Guest *guest, unsigned ports)
{
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    for (unsigned port = 0; port < ports; port++) {
        guest_setup_queue(guest, QUEUE_IN(port));
        guest_setup_queue(guest, QUEUE_OUT(port));
    }
    for (int i = 0; i < CONTROL_BUFFERS; i++) {
        add_control_buffer(guest);
    }
    guest_driver_ok(guest);
    guest_kick(guest, QUEUE_CONTROL_IN);
}

void guest_add_buffer(Guest *guest, unsigned queue, const GuestSegment *segments, unsigned n)
{
    GuestBuffer *buffer = g_new0(GuestBuffer, 1);

    g_assert_cmpuint(n, <=, GUEST_MAX_SEGMENTS);
    g_ptr_array_add(guest->buffers, buffer);
    buffer->number = guest->posted[queue]++;
    buffer->n = n;
    for (unsigned i = 0; i < n; i++) {
        uint64_t addr = vring_driver_alloc(&guest->driver, segments[i].len, 1);

        buffer->segments[i] = (VRingSegment){ addr, segments[i].len, !segments[i].out };
        if (segments[i].out) {
            vring_driver_put(&guest->driver, addr, segments[i].out, segments[i].len);
        }
    }
    g_assert_true(vring_queue_post(guest->queues[queue], buffer->segments, n, false, buffer));
}

void guest_kick(Guest *guest, unsigned queue)
{
    vring_queue_kick(guest->queues[queue]);
}

void guest_post(Guest *guest, unsigned queue, const GuestSegment *segments, unsigned n)
{
    guest_add_buffer(guest, queue, segments, n);
    guest_kick(guest, queue);
}

void guest_post_text(Guest *guest, unsigned queue, const char *text)
{
    guest_post(guest, queue, &(GuestSegment){ text, (uint32_t)strlen(text) }, 1);
}

void guest_post_room(Guest *guest, unsigned queue, uint32_t len)
{
    guest_post(guest, queue, &(GuestSegment){ NULL, len }, 1);
}

void guest_send(Guest *guest, uint32_t id, uint16_t event, uint16_t value)
{
    uint8_t bytes[VIRTIO_CONSOLE_CONTROL_SIZE];
    VRingUsed used;

    id = GUINT32_TO_LE(id);
    event = GUINT16_TO_LE(event);
    value = GUINT16_TO_LE(value);
    memcpy(bytes, &id, sizeof(id));
    memcpy(bytes + 4, &event, sizeof(event));
    memcpy(bytes + 6, &value, sizeof(value));
    guest_post(guest, QUEUE_CONTROL_OUT, &(GuestSegment){ bytes, sizeof(bytes) }, 1);
    g_assert_true(vring_queue_collect(guest->queues[QUEUE_CONTROL_OUT], &used));
    g_assert_cmpuint(used.len, ==, 0);
}

/* --- What comes back --- */

static void expect(const char *text, const char *expected)
{
    g_assert_cmpstr(text, ==, expected);
}

void guest_expect_used(Guest *guest, unsigned queue, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    VRingUsed used;

    while (vring_queue_collect(guest->queues[queue], &used)) {
        const GuestBuffer *buffer = used.token;

        g_string_append_printf(text, "%u:%u ", buffer->number, used.len);
    }
    expect(text->str, expected);
}

/* Appends the first @len bytes of the buffer's in segments. */
static void append_received(Guest *guest, const GuestBuffer *buffer, uint32_t len,
                            GByteArray *bytes)
{
    for (unsigned i = 0; i < buffer->n && len; i++) {
        uint32_t part = MIN(len, buffer->segments[i].len);
        guint at = bytes->len;

        if (buffer->segments[i].in) {
            g_byte_array_set_size(bytes, at + part);
            vring_driver_get(&guest->driver, buffer->segments[i].addr, bytes->data + at, part);
            len -= part;
        }
    }
}

GBytes *guest_receive(Guest *guest, unsigned queue)
{
    GByteArray *bytes = g_byte_array_new();
    VRingUsed used;

    while (vring_queue_collect(guest->queues[queue], &used)) {
        append_received(guest, used.token, used.len, bytes);
    }
    return g_byte_array_free_to_bytes(bytes);
}

void guest_expect_received(Guest *guest, unsigned queue, const char *expected)
{
    g_autoptr(GBytes) bytes = guest_receive(guest, queue);

    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), expected,
                    strlen(expected));
}

static void append_message(GString *text, const GByteArray *bytes)
{
    static const char *const names[] = { "READY",   "ADD",    "REMOVE", "PORT_READY",
                                         "CONSOLE", "RESIZE", "OPEN",   "NAME" };
    uint32_t id;
    uint16_t event, value;

    g_assert_cmpuint(bytes->len, >=, VIRTIO_CONSOLE_CONTROL_SIZE);
    memcpy(&id, bytes->data, sizeof(id));
    memcpy(&event, bytes->data + 4, sizeof(event));
    memcpy(&value, bytes->data + 6, sizeof(value));
    event = GUINT16_FROM_LE(event);
    g_assert_cmpuint(event, <, G_N_ELEMENTS(names));
    g_string_append_printf(text, "%u:%s=%u ", GUINT32_FROM_LE(id), names[event],
                           GUINT16_FROM_LE(value));
    if (bytes->len > VIRTIO_CONSOLE_CONTROL_SIZE) {
        g_assert_cmpuint(bytes->data[bytes->len - 1], ==, '\0');
        g_string_append_printf(text, "'%s' ", bytes->data + VIRTIO_CONSOLE_CONTROL_SIZE);
    }
}

void guest_expect_messages(Guest *guest, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    VRingUsed used;

    while (vring_queue_collect(guest->queues[QUEUE_CONTROL_IN], &used)) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        g_assert_cmpuint(used.len, <=, used.in_length);
        append_received(guest, used.token, used.len, bytes);
        append_message(text, bytes);
        add_control_buffer(guest);
    }
    expect(text->str, expected);
}

void guest_expect_events(Guest *guest, const char *expected)
{
    expect(guest->events->str, expected);
    g_string_truncate(guest->events, 0);
}

void guest_expect_errors(Guest *guest, const char *expected)
{
    expect(guest->errors->str, expected);
    g_string_truncate(guest->errors, 0);
}

int guest_irq(Guest *guest)
{
    return machine_watched_level(guest->machine, MACHINE_WATCH_IRQ, VIRT_VIRTIO_IRQ0 + FIRST_SLOT);
}

void guest_expect_output(Chardev *chr, const char *expected)
{
    char bytes[4096];
    size_t n = object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RPC)
                   ? rpc_chardev_read(chr, (uint8_t *)bytes, sizeof(bytes) - 1)
                   : ringbuf_read(chr, (uint8_t *)bytes, sizeof(bytes) - 1);

    bytes[n] = '\0';
    expect(bytes, expected);
}

/* --- Tests --- */

typedef struct Case {
    GuestKind kind;
    RAMHome home;
    GuestTest *test;
} Case;

static void run_case(gconstpointer data)
{
    const Case *test_case = data;
    Guest *guest = guest_new(test_case->kind, test_case->home);

    test_case->test(guest);
    guest_free(guest);
}

static void add_case(const char *path, GuestTest *test, unsigned kind, unsigned home)
{
    g_autofree char *full =
        g_strdup_printf("/char/%s/%s/%s", home_names[home], kind_names[kind], path);
    Case *test_case = g_new(Case, 1);

    *test_case = (Case){ (GuestKind)kind, (RAMHome)home, test };
    g_test_add_data_func_full(full, test_case, run_case, g_free);
}

void guest_test(const char *path, GuestTest *test)
{
    for (unsigned home = 0; home < G_N_ELEMENTS(home_names); home++) {
        for (unsigned kind = 0; kind < G_N_ELEMENTS(kind_names); kind++) {
            add_case(path, test, kind, home);
        }
    }
}

void guest_test_legacy(const char *path, GuestTest *test)
{
    for (unsigned home = 0; home < G_N_ELEMENTS(home_names); home++) {
        add_case(path, test, GUEST_LEGACY, home);
    }
}

void guest_test_client(const char *path, GuestTest *test)
{
    for (unsigned kind = 0; kind < G_N_ELEMENTS(kind_names); kind++) {
        add_case(path, test, kind, RAM_HOME_CLIENT);
    }
}
