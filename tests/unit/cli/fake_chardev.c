#include "tests/unit/cli/fake_chardev.h"

#include <string.h>

#include "tests/unit/cli/fake_qosim.h"

FakeChardev fake_chardev;

static void free_string(GString *string)
{
    if (string) {
        g_string_free(string, TRUE);
    }
}

void fake_chardev_reset(void)
{
    free_string(fake_chardev.taken);
    free_string(fake_chardev.output);
    free_string(fake_chardev.opened);
    g_free(fake_chardev.added);
    g_free(fake_chardev.removed);
    fake_chardev = (FakeChardev){ .backend = "rpc",
                                  .host_open = true,
                                  .taken = g_string_new(NULL),
                                  .output = g_string_new(NULL),
                                  .opened = g_string_new(NULL),
                                  .room = SIZE_MAX };
}

static void notice(qosim_session *session, int what)
{
    qosim_event event = { .kind = QOSIM_EVENT_CHARDEV, .id = "c0", .notice = what };

    if (what < 0) {
        event = (qosim_event){ .kind = QOSIM_EVENT_LAGGED, .dropped = 1 };
    }
    fake_tell(session, &event);
}

int fake_chardev_poll(qosim_session *session)
{
    int n = 0;

    if (fake_chardev.refused && fake_chardev.room_later) {
        fake_chardev.refused = false;
        fake_chardev.room = fake_chardev.room_later;
        if (fake_chardev.notice) {
            notice(session, fake_chardev.notice);
            n++;
        }
    }
    if (fake_chardev.next) {
        g_string_append(fake_chardev.output, fake_chardev.next);
        fake_chardev.next = NULL;
        notice(session, QOSIM_CHARDEV_OUTPUT);
        n++;
    }
    return n;
}

/* A call on chardev @id. */
static qosim_result begin(const char *id)
{
    if (strcmp(id, "c0") != 0) {
        return QOSIM_ERR_NOT_FOUND;
    }
    return ++fake_chardev.calls == fake_chardev.fails_at ? QOSIM_ERR_DISCONNECTED : fake.result;
}

qosim_result qosim_chardev_add(qosim_session *session G_GNUC_UNUSED, const char *backend,
                               const char *id, const char *const *options, char **filename)
{
    g_autofree char *joined = g_strjoinv(" ", (char **)options);

    g_free(fake_chardev.added);
    fake_chardev.added = g_strdup_printf("%s id=%s [%s]", backend, id, joined);
    *filename = g_strdup("pty:/dev/pts/9");
    return fake.result;
}

qosim_result qosim_chardev_remove(qosim_session *session G_GNUC_UNUSED, const char *id)
{
    g_free(fake_chardev.removed);
    fake_chardev.removed = g_strdup(id);
    return fake.result;
}

qosim_result qosim_chardev_list(qosim_session *session G_GNUC_UNUSED, qosim_chardev **list,
                                size_t *n)
{
    if (fake.result != QOSIM_OK) {
        return fake.result;
    }
    *n = 1;
    *list = g_new0(qosim_chardev, 1);
    **list = (qosim_chardev){ .id = g_strdup("c0"),
                              .backend = g_strdup(fake_chardev.backend),
                              .filename = g_strdup(fake_chardev.backend),
                              .frontend_open = true,
                              .host_open = fake_chardev.host_open,
                              .used = true,
                              .pending = fake_chardev.output->len };
    return fake.result;
}

void qosim_free_chardevs(qosim_chardev *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(list[i].id);
        g_free(list[i].backend);
        g_free(list[i].filename);
    }
    g_free(list);
}

qosim_result qosim_chardev_write(qosim_session *session G_GNUC_UNUSED, const char *id,
                                 const void *data, size_t length, size_t *accepted)
{
    qosim_result result = begin(id);

    *accepted = 0;
    if (result == QOSIM_OK) {
        *accepted = MIN(length, fake_chardev.room);
        g_string_append_len(fake_chardev.taken, data, (gssize)*accepted);
        fake_chardev.room -= fake_chardev.room == SIZE_MAX ? 0 : *accepted;
        fake_chardev.refused = *accepted < length;
    }
    return result;
}

qosim_result qosim_chardev_read(qosim_session *session, const char *id, void *data, size_t size,
                                size_t *length, uint64_t *pending)
{
    qosim_result result = begin(id);

    *length = 0;
    *pending = 0;
    if (result != QOSIM_OK) {
        return result;
    }
    *length = MIN(size, fake_chardev.output->len);
    if (fake_chardev.read_max) {
        *length = MIN(*length, fake_chardev.read_max);
    }
    memcpy(data, fake_chardev.output->str, *length);
    g_string_erase(fake_chardev.output, 0, (gssize)*length);
    *pending = fake_chardev.output->len;
    if (fake_chardev.late) {
        g_string_append(fake_chardev.output, fake_chardev.late);
        fake_chardev.late = NULL;
        notice(session, QOSIM_CHARDEV_OUTPUT);
    }
    return QOSIM_OK;
}

qosim_result qosim_chardev_set_open(qosim_session *session G_GNUC_UNUSED, const char *id, bool open)
{
    g_string_append(fake_chardev.opened, open ? "open " : "close ");
    return strcmp(id, "c0") == 0 ? fake.result : QOSIM_ERR_NOT_FOUND;
}
