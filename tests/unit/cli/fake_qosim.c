#include "tests/unit/cli/fake_qosim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cli/fake_chardev.h"

#define FAKE_TEXT "the fake says no"

struct qosim_session {
    qosim_event_fn *handler;
    void *opaque;
};

Fake fake;
static GArray *later; /* qosim_event */

void fake_reset(void)
{
    g_free(fake.url);
    g_free(fake.line_set);
    g_free(fake.made);
    fake = (Fake){ .deadline = UINT64_MAX };
    fake_chardev_reset();
    if (later) {
        g_array_unref(later);
        later = NULL;
    }
}

void fake_tell(qosim_session *session, const qosim_event *event)
{
    if (session->handler) {
        session->handler(session->opaque, event);
    }
}

static void tell(qosim_session *session, uint32_t line, int level)
{
    qosim_event event = { .kind = QOSIM_EVENT_LINE,
                          .time_ns = fake.now,
                          .watch = fake.watch,
                          .line = line,
                          .level = level };

    fake_tell(session, &event);
}

void fake_change_line_later(uint32_t watch, uint32_t line, int level)
{
    qosim_event event = {
        .kind = QOSIM_EVENT_LINE, .time_ns = 77, .watch = watch, .line = line, .level = level
    };

    if (!later) {
        later = g_array_new(FALSE, FALSE, sizeof(event));
    }
    g_array_append_val(later, event);
}

qosim_session *fake_session(void)
{
    qosim_session *session;

    qosim_open("fake:", NULL, &session);
    return session;
}

qosim_result qosim_open(const char *url, const qosim_options *options, qosim_session **session)
{
    g_free(fake.url);
    fake.url = g_strdup(url);
    fake.timeout_ms = options ? options->timeout_ms : -1;
    *session = NULL;
    if (fake.open_result == QOSIM_OK) {
        *session = g_new0(qosim_session, 1);
        fake.open_sessions++;
    }
    return fake.open_result;
}

const char *qosim_open_error(void)
{
    return "the fake does not open";
}

void qosim_close(qosim_session *session)
{
    fake.open_sessions -= session != NULL;
    g_free(session);
}

const char *qosim_last_error(const qosim_session *session G_GNUC_UNUSED)
{
    return FAKE_TEXT "\nat all";
}

const char *qosim_transport(const qosim_session *session G_GNUC_UNUSED)
{
    return "fake";
}

void qosim_set_event_handler(qosim_session *session, qosim_event_fn *handler, void *opaque)
{
    session->handler = handler;
    session->opaque = opaque;
}

int qosim_poll(qosim_session *session, int timeout_ms)
{
    int n = later ? (int)later->len : 0;

    fake.polls++;
    if (fake.result != QOSIM_OK) {
        return fake.result;
    }
    for (int i = 0; i < n; i++) {
        fake_tell(session, &g_array_index(later, qosim_event, i));
    }
    n += fake_chardev_poll(session);
    if (later) {
        g_array_set_size(later, 0);
    }
    if (n == 0 && timeout_ms > 0) {
        g_usleep(1000);
    }
    return n;
}

static void set_lines(qosim_session *session, uint32_t value)
{
    uint32_t changed = fake.lines ^ value;

    fake.lines = value;
    for (unsigned i = 0; i < 32; i++) {
        if (changed >> i & 1) {
            tell(session, i == 31 ? 299 : 8 + i, (int)(value >> i & 1));
        }
    }
}

/* Bytes outside the RAM read as 0. */
static qosim_bus transfer(uint64_t address, void *data, size_t length, bool is_write)
{
    qosim_bus bus = QOSIM_BUS_OK;
    uint8_t *bytes = data;

    for (size_t i = 0; i < length; i++) {
        uint64_t offset = address + i - FAKE_RAM_BASE;

        if (offset >= FAKE_RAM_SIZE) {
            bus = QOSIM_BUS_DECODE_ERROR;
        } else if (is_write) {
            fake.ram[offset] = bytes[i];
        } else {
            bytes[i] = fake.ram[offset];
        }
    }
    return bus;
}

qosim_result qosim_dma_read(qosim_session *session G_GNUC_UNUSED, uint64_t address, unsigned size,
                            uint64_t *data, qosim_bus *bus)
{
    *data = 0;
    if (address == FAKE_LINES_REGISTER) {
        *data = fake.lines;
        *bus = QOSIM_BUS_OK;
    } else {
        *bus = transfer(address, data, size, false);
    }
    return fake.result;
}

qosim_result qosim_dma_write(qosim_session *session, uint64_t address, unsigned size, uint64_t data,
                             qosim_bus *bus)
{
    *bus = QOSIM_BUS_OK;
    if (fake.result == QOSIM_OK && address == FAKE_LINES_REGISTER) {
        set_lines(session, (uint32_t)data);
    } else if (fake.result == QOSIM_OK) {
        *bus = transfer(address, &data, size, true);
    }
    return fake.result;
}

qosim_result qosim_read(qosim_session *session, uint64_t address, unsigned size, uint64_t *data,
                        qosim_bus *bus)
{
    return qosim_dma_read(session, address, size, data, bus);
}

qosim_result qosim_write(qosim_session *session, uint64_t address, unsigned size, uint64_t data,
                         qosim_bus *bus)
{
    return qosim_dma_write(session, address, size, data, bus);
}

qosim_result qosim_read_block(qosim_session *session G_GNUC_UNUSED, uint64_t address, void *data,
                              size_t length, qosim_bus *bus)
{
    *bus = transfer(address, data, length, false);
    return fake.result;
}

qosim_result qosim_write_block(qosim_session *session G_GNUC_UNUSED, uint64_t address,
                               const void *data, size_t length, qosim_bus *bus)
{
    *bus = transfer(address, (void *)data, length, true);
    return fake.result;
}

qosim_result qosim_fill_block(qosim_session *session G_GNUC_UNUSED, uint64_t address,
                              uint64_t length, uint8_t value, qosim_bus *bus)
{
    for (uint64_t i = 0; i < length; i++) {
        *bus = transfer(address + i, &value, 1, true);
    }
    return fake.result;
}

qosim_result qosim_set_line(qosim_session *session G_GNUC_UNUSED, const char *path,
                            const char *name, uint32_t index, int level)
{
    g_free(fake.line_set);
    fake.line_set =
        g_strdup_printf("%s %s %" PRIu32 " %d", path, name ? name : "(unnamed)", index, level);
    return g_str_has_suffix(path, "nope") || index > 31 ? QOSIM_ERR_NOT_FOUND : fake.result;
}

qosim_result qosim_watch_lines(qosim_session *session G_GNUC_UNUSED, const char *path,
                               qosim_direction direction G_GNUC_UNUSED, uint32_t *watch,
                               uint32_t *lines)
{
    if (strcmp(path, "/machine/soc") != 0 && strcmp(path, "/machine/other") != 0) {
        return QOSIM_ERR_NOT_FOUND;
    }
    fake.watches++;
    *watch = strcmp(path, "/machine/soc") == 0 ? 1 : 2;
    fake.watch = fake.watch ? fake.watch : *watch;
    *lines = 32;
    return fake.result;
}

qosim_result qosim_unwatch_lines(qosim_session *session G_GNUC_UNUSED, uint32_t watch G_GNUC_UNUSED)
{
    fake.unwatched++;
    return QOSIM_OK;
}

qosim_result qosim_qom_get(qosim_session *session G_GNUC_UNUSED, const char *path,
                           const char *property, char **value)
{
    *value = NULL;
    if (g_str_has_suffix(path, "nope") || strcmp(property, "nope") == 0) {
        return QOSIM_ERR_NOT_FOUND;
    }
    *value = g_strdup_printf("%s of %s", property, path);
    return fake.result;
}

qosim_result qosim_qom_set(qosim_session *session G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                           const char *property G_GNUC_UNUSED, const char *value G_GNUC_UNUSED)
{
    return fake.result;
}

qosim_result qosim_qom_new(qosim_session *session G_GNUC_UNUSED, const char *type, const char *id,
                           const char *const *properties, char **path)
{
    g_autofree char *joined = g_strjoinv(" ", (char **)properties);

    g_free(fake.made);
    fake.made = g_strdup_printf("%s id=%s [%s]", type, id ? id : "(none)", joined);
    *path = g_strdup("/machine/peripheral/x");
    return fake.result;
}

qosim_result qosim_qom_delete(qosim_session *session G_GNUC_UNUSED,
                              const char *id_or_path G_GNUC_UNUSED)
{
    return fake.result;
}

typedef struct FakeProperty {
    const char *name;
    const char *type;
} FakeProperty;

static const FakeProperty root_properties[] = { { "type", "string" },
                                                { "soc", "child<some.soc>" },
                                                { "nope", "child<a.thing>" } };
static const FakeProperty line_properties[] = { { "in[10]", "child<irq>" },
                                                { "other[0]", "child<irq>" },
                                                { "in[0]", "child<irq>" },
                                                { "in[9]", "child<irq>" } };
static const FakeProperty leaf_properties[] = { { "type", "string" } };

static qosim_property *make_properties(const FakeProperty *from, size_t n)
{
    qosim_property *list = g_new0(qosim_property, n);

    for (size_t i = 0; i < n; i++) {
        list[i].name = g_strdup(from[i].name);
        list[i].type = g_strdup(from[i].type);
        list[i].description = g_strdup("what it is");
        list[i].default_value = g_strdup("");
    }
    return list;
}

qosim_result qosim_qom_list(qosim_session *session G_GNUC_UNUSED, const char *path,
                            qosim_property **list, size_t *n)
{
    const FakeProperty *from = leaf_properties;

    *n = G_N_ELEMENTS(leaf_properties);
    if (strcmp(path, "/") == 0) {
        from = root_properties;
        *n = G_N_ELEMENTS(root_properties);
    } else if (strcmp(path, "/lines") == 0) {
        from = line_properties;
        *n = G_N_ELEMENTS(line_properties);
    }
    *list = make_properties(from, *n);
    return fake.result;
}

qosim_result qosim_type_properties(qosim_session *session, const char *type, qosim_property **list,
                                   size_t *n)
{
    return qosim_qom_list(session, type, list, n);
}

qosim_result qosim_types(qosim_session *session G_GNUC_UNUSED, const char *implements,
                         bool include_abstract, qosim_type **list, size_t *n)
{
    *n = 1;
    *list = g_new0(qosim_type, 1);
    (*list)[0].name = g_strdup(implements ? implements : "any");
    (*list)[0].is_abstract = include_abstract;
    return fake.result;
}

void qosim_free(void *pointer)
{
    g_free(pointer);
}

void qosim_free_properties(qosim_property *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(list[i].name);
        g_free(list[i].type);
        g_free(list[i].description);
        g_free(list[i].default_value);
    }
    g_free(list);
}

void qosim_free_types(qosim_type *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(list[i].name);
        g_free(list[i].parent);
    }
    g_free(list);
}

qosim_result qosim_reset(qosim_session *session G_GNUC_UNUSED)
{
    fake.resets++;
    return fake.result;
}

qosim_result qosim_advance(qosim_session *session G_GNUC_UNUSED, uint64_t until_ns,
                           uint64_t *now_ns)
{
    *now_ns = fake.now = until_ns;
    return fake.result;
}

qosim_result qosim_advance_by(qosim_session *session, uint64_t ns, uint64_t *now_ns)
{
    return qosim_advance(session, fake.now + ns, now_ns);
}

qosim_result qosim_advance_to_deadline(qosim_session *session, uint64_t *now_ns)
{
    return qosim_advance(session, fake.deadline, now_ns);
}

uint64_t qosim_now(const qosim_session *session G_GNUC_UNUSED)
{
    return fake.now;
}

uint64_t qosim_next_deadline(const qosim_session *session G_GNUC_UNUSED)
{
    return fake.deadline;
}

qosim_result qosim_get_info(qosim_session *session G_GNUC_UNUSED, qosim_info **info)
{
    *info = g_new0(qosim_info, 1);
    (*info)->server = (char *)"fake 1";
    (*info)->machine = (char *)"m";
    (*info)->machine_type = (char *)"sifive_e";
    return fake.result;
}

void qosim_free_info(qosim_info *info)
{
    g_free(info);
}

qosim_result qosim_get_stats(qosim_session *session G_GNUC_UNUSED, qosim_stat **list, size_t *n)
{
    *n = 1;
    *list = g_new0(qosim_stat, 1);
    (*list)[0] = (qosim_stat){ (char *)"requests", (char *)"", 42 };
    return fake.result;
}

void qosim_free_stats(qosim_stat *list, size_t n G_GNUC_UNUSED)
{
    g_free(list);
}
