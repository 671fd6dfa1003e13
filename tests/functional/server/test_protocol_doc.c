/* The exchange that docs/protocol.md shows, played against a real server: the same bytes but for what is random. */
#include <string.h>

#include <glib.h>

#include "proto/codec.h"
#include "tests/lib/daemon.h"
#include "tests/lib/raw_client.h"

/* The frames of the page: lines that begin with "> " or "< ", and the indented ones behind them. */
typedef struct Shown {
    char direction;
    GByteArray *bytes;
} Shown;

static void clear_shown(void *data)
{
    g_byte_array_unref(((Shown *)data)->bytes);
}

static void add_hex(GByteArray *bytes, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word; word++) {
        guint64 value;
        guint8 byte;

        if (**word == '\0') {
            continue;
        }
        g_assert_true(g_ascii_string_to_unsigned(*word, 16, 0, 255, &value, NULL));
        byte = (guint8)value;
        g_byte_array_append(bytes, &byte, 1);
    }
}

static GArray *read_page(void)
{
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(Shown));
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    bool inside = false;

    g_array_set_clear_func(frames, clear_shown);
    g_assert_true(g_file_get_contents(PROTOCOL_PAGE, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "```")) {
            inside = !inside;
        } else if (inside && (g_str_has_prefix(*line, "> ") || g_str_has_prefix(*line, "< "))) {
            Shown shown = { **line, g_byte_array_new() };

            add_hex(shown.bytes, *line + 2);
            g_array_append_val(frames, shown);
        } else if (inside && frames->len > 0) {
            add_hex(g_array_index(frames, Shown, frames->len - 1).bytes, *line);
        }
    }
    return frames;
}

/* Puts @to in the place of @from wherever that is in @bytes. */
static void substitute(GByteArray *bytes, const void *from, const void *to, size_t len)
{
    uint8_t *at = memmem(bytes->data, bytes->len, from, len);

    if (at) {
        memcpy(at, to, len);
    }
}

static void get_random_parts(const GByteArray *hello, uint8_t *token, uint64_t *instance)
{
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    QsServerFrame frame;

    g_assert_true(qs_decode_server_frame(arena, hello->data, hello->len, &frame, NULL));
    memcpy(token, frame.reply.results[0].hello.session.data, QS_TOKEN_BYTES);
    *instance = GUINT64_TO_LE(frame.reply.results[0].hello.server_instance);
    qs_arena_free(arena);
}

static GByteArray *exchange(RawClient *client, const GByteArray *request)
{
    GByteArray *answer = g_byte_array_new();
    uint8_t *data;
    size_t len;

    raw_client_send_bytes(client, request->data, request->len);
    g_assert_cmpint(
        client->transport->receive(client->endpoint, RAW_CLIENT_TIMEOUT_MS, &data, &len, NULL), ==,
        QS_IO_OK);
    g_byte_array_append(answer, data, (guint)len);
    client->transport->release(client->endpoint, data);
    return answer;
}

static void test_exchange(void)
{
    g_autoptr(GArray) frames = read_page();
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", "tcp");
    g_autoptr(RawClient) client = raw_client_new(daemon->url);
    uint8_t shown_token[QS_TOKEN_BYTES];
    uint8_t token[QS_TOKEN_BYTES];
    uint64_t shown_instance;
    uint64_t instance;

    g_assert_cmpuint(frames->len, ==, 6);
    get_random_parts(g_array_index(frames, Shown, 1).bytes, shown_token, &shown_instance);
    for (guint i = 0; i < frames->len; i += 2) {
        const Shown *request = &g_array_index(frames, Shown, i);
        const Shown *shown = &g_array_index(frames, Shown, i + 1);
        g_autoptr(GByteArray) answer = NULL;

        g_assert_cmpint(request->direction, ==, '>');
        g_assert_cmpint(shown->direction, ==, '<');
        if (i > 0) {
            substitute(request->bytes, shown_token, token, sizeof(token));
        }
        answer = exchange(client, request->bytes);
        if (i == 0) {
            get_random_parts(answer, token, &instance);
            substitute(answer, token, shown_token, sizeof(token));
            substitute(answer, &instance, &shown_instance, sizeof(instance));
        }
        g_assert_cmpmem(answer->data, answer->len, shown->bytes->data, shown->bytes->len);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/docs/protocol/shown-exchange-is-what-a-server-says", test_exchange);
    return g_test_run();
}
