#include "tests/oracle/virt_qmp.h"

#include <stdlib.h>
#include <string.h>

#define RINGBUF_SIZE 4096u

static char *qmp(Both *both, const char *json, const char *event)
{
    g_autoptr(GError) error = NULL;
    char *line = peer_qmp_line(both->peers[SIDE_QEMU], json, event, &error);

    both_check(both, error);
    return line;
}

/* The string of member @name in @json, which has no nested object of that name; NULL: there is none. */
static char *json_string(const char *json, const char *name)
{
    g_autofree char *member = g_strdup_printf("\"%s\": \"", name);
    const char *start = strstr(json, member);
    GString *text;

    if (!start) {
        return NULL;
    }
    text = g_string_new(NULL);
    for (start += strlen(member); *start && *start != '"'; start++) {
        start += *start == '\\' && start[1];
        g_string_append_c(text, *start);
    }
    return g_string_free(text, FALSE);
}

/* --- Ring buffers --- */

static void read_qemus_ringbuf(Both *both, const char *id, GByteArray *bytes)
{
    g_autofree char *json = g_strdup_printf("{\"execute\": \"ringbuf-read\", \"arguments\": {"
                                            "\"device\": \"%s\", \"size\": %u, \"format\": "
                                            "\"base64\"}}\n",
                                            id, RINGBUF_SIZE);
    g_autofree char *line = qmp(both, json, NULL);
    g_autofree char *text = json_string(line, "return");
    g_autofree guchar *data = NULL;
    gsize len = 0;

    if (!text) {
        both_trouble(both, "ringbuf-read: %s", line);
    }
    data = g_base64_decode(text, &len);
    g_byte_array_append(bytes, data, (guint)len);
}

void virt_read_ringbuf(Both *both, Side side, const char *id, GByteArray *bytes)
{
    uint8_t data[RINGBUF_SIZE];
    size_t len = 0;

    if (side == SIDE_QEMU) {
        read_qemus_ringbuf(both, id, bytes);
    } else if (qosim_chardev_read(both->session, id, data, sizeof(data), &len, NULL) == QOSIM_OK) {
        g_byte_array_append(bytes, data, (guint)len);
    } else {
        both_trouble(both, "%s: %s", id, qosim_last_error(both->session));
    }
}

/* --- Devices --- */

/* QEMU's outcome as text: "done", or why not. */
static char *outcome_of(const char *line)
{
    char *text = g_str_has_prefix(line, "{\"error\"") ? json_string(line, "desc") : NULL;

    return text ? text : g_strdup("done");
}

static char *our_outcome(Both *both, qosim_result result)
{
    const char *text = qosim_last_error(both->session);

    if (result == QOSIM_ERR_TIMEOUT || result == QOSIM_ERR_DISCONNECTED ||
        result == QOSIM_ERR_PROTOCOL) {
        both_trouble(both, "qosim: %s", text);
    }
    if (result != QOSIM_OK && both_plants(both, PLANT_ERROR)) {
        return g_strdup_printf("%s!", text);
    }
    return g_strdup(result == QOSIM_OK ? "done" : text);
}

static char *device_add_json(const char *type, const char *id, const char *const *properties)
{
    GString *json = g_string_new(NULL);

    g_string_append_printf(json,
                           "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"%s\", "
                           "\"id\": \"%s\"",
                           type, id);
    for (unsigned i = 0; properties[i]; i++) {
        const char *value = strchr(properties[i], '=') + 1;
        int name_len = (int)(value - properties[i]) - 1;
        bool number = g_ascii_isdigit(*value);

        g_string_append_printf(json, ", \"%.*s\": %s%s%s", name_len, properties[i],
                               number ? "" : "\"", value, number ? "" : "\"");
    }
    g_string_append(json, "}}\n");
    return g_string_free(json, FALSE);
}

bool virt_plug(Both *both, const char *type, const char *id, const char *const *properties)
{
    g_autofree char *json = device_add_json(type, id, properties);
    g_autofree char *line = qmp(both, json, NULL);
    g_autofree char *qemu = outcome_of(line);
    g_autofree char *ours =
        our_outcome(both, qosim_qom_new(both->session, type, id, properties, NULL));

    g_strchomp(json);
    both_compare(both, json, qemu, ours);
    return strcmp(qemu, "done") == 0;
}

bool virt_unplug(Both *both, const char *id)
{
    g_autofree char *json =
        g_strdup_printf("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"%s\"}}\n", id);
    g_autofree char *line = qmp(both, json, "DEVICE_DELETED");
    g_autofree char *qemu = outcome_of(line);
    g_autofree char *ours = our_outcome(both, qosim_qom_delete(both->session, id));

    g_strchomp(json);
    both_compare(both, json, qemu, ours);
    return strcmp(qemu, "done") == 0;
}

void virt_reset(Both *both)
{
    g_autoptr(GError) error = NULL;
    qosim_result result;

    peer_qmp_reset(both->peers[SIDE_QEMU], &error);
    both_check(both, error);
    result = qosim_reset(both->session);
    if (result != QOSIM_OK) {
        both_trouble(both, "reset: %s", qosim_last_error(both->session));
    }
    both_note(both, "(system_reset)", "");
}

/* --- Ports --- */

static char *our_property(Both *both, const char *id, const char *property)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);
    g_autofree char *copy = NULL;
    char *value = NULL;

    if (qosim_qom_get(both->session, path, property, &value) != QOSIM_OK) {
        both_trouble(both, "%s: %s", path, qosim_last_error(both->session));
    }
    copy = g_strdup(value);
    qosim_free(value);
    return g_steal_pointer(&copy);
}

static const char *on_off(const char *value)
{
    return strcmp(value, "true") == 0 ? "on" : "off";
}

/* As QEMU's monitor tells it. */
static char *our_port(Both *both, const char *id)
{
    g_autofree char *nr = our_property(both, id, "nr");
    g_autofree char *guest = our_property(both, id, "guest-connected");
    g_autofree char *host = our_property(both, id, "host-connected");
    g_autofree char *throttled = our_property(both, id, "throttled");

    return g_strdup_printf("port %s, guest %s, host %s, throttle %s", nr, on_off(guest),
                           on_off(host), on_off(throttled));
}

static char *qemus_port(Both *both, const char *id)
{
    g_autofree char *line = qmp(both,
                                "{\"execute\": \"human-monitor-command\", \"arguments\": "
                                "{\"command-line\": \"info qtree\"}}\n",
                                NULL);
    g_autofree char *device = g_strdup_printf("id \\\"%s\\\"", id);
    const char *start = strstr(line, device);
    const char *port = start ? strstr(start, "port ") : NULL;

    if (!port) {
        both_trouble(both, "QEMU's device tree has no %s", id);
    }
    return g_strndup(port, strcspn(port, "\\"));
}

unsigned virt_compare_port(Both *both, const char *id)
{
    g_autofree char *what = g_strdup_printf("(state of %s)", id);
    g_autofree char *qemu = qemus_port(both, id);
    g_autofree char *ours = our_port(both, id);

    both_compare(both, what, qemu, ours);
    return (unsigned)strtoul(qemu + strlen("port "), NULL, 10);
}

/* --- Chardevs --- */

static char *chardev_state(bool open, const char *filename)
{
    bool connected = !g_str_has_prefix(filename, "disconnected:");

    return g_strdup_printf("front end %s, %s", open ? "open" : "closed",
                           connected ? "connected" : "not connected");
}

static char *qemus_chardev(Both *both, const char *id)
{
    g_autofree char *line = qmp(both, "{\"execute\": \"query-chardev\"}\n", NULL);
    g_autofree char *label = g_strdup_printf("\"label\": \"%s\"", id);
    char *end = strstr(line, label);
    char *start = end;
    g_autofree char *filename = NULL;

    if (!end) {
        both_trouble(both, "QEMU has no chardev %s", id);
    }
    while (start > line && *start != '{') {
        start--;
    }
    end[strcspn(end, "}")] = '\0';
    filename = json_string(start, "filename");
    return chardev_state(strstr(start, "\"frontend-open\": true"), filename ? filename : "");
}

static char *our_chardev(Both *both, const char *id)
{
    qosim_chardev *list = NULL;
    size_t n = 0;
    char *state = NULL;

    if (qosim_chardev_list(both->session, &list, &n) != QOSIM_OK) {
        both_trouble(both, "%s", qosim_last_error(both->session));
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].id, id) == 0) {
            state = chardev_state(list[i].frontend_open, list[i].filename);
        }
    }
    qosim_free_chardevs(list, n);
    return state ? state : g_strdup("none");
}

void virt_compare_chardev(Both *both, const char *id)
{
    g_autofree char *what = g_strdup_printf("(chardev %s)", id);
    g_autofree char *qemu = qemus_chardev(both, id);
    g_autofree char *ours = our_chardev(both, id);

    both_compare(both, what, qemu, ours);
}
