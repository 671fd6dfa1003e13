#include "cosim/cli/qtest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cosim/cli/number.h"
#include "cosim/cli/qtest_words.h"

/* Shortest data argument: QEMU wants something after the "0x" (and of base64 at least as much). */
#define DATA_ARGUMENT_MIN 3u
#define PORT_MAX 0xffffu

/* How much of a peer's own text an error repeats. */
#define ECHO_MAX 1024

typedef struct QtestCommand {
    const char *name;
    void (*run)(Qtest *qtest, char **words, unsigned parameter);
    unsigned parameter;
    unsigned arguments; /* at least so many */
} QtestCommand;

static void reply(Qtest *qtest, const char *text)
{
    g_string_append(qtest->out, text);
    g_string_append_c(qtest->out, '\n');
}

/* "ERR text": for what QEMU answers with an abort. @format's text must be one line. */
static void G_GNUC_PRINTF(2, 3) reply_error(Qtest *qtest, const char *format, ...)
{
    va_list args;

    g_string_append(qtest->out, "ERR ");
    va_start(args, format);
    g_string_append_vprintf(qtest->out, format, args);
    va_end(args);
    g_string_append_c(qtest->out, '\n');
}

static void bad_number(Qtest *qtest, char **words, unsigned index)
{
    reply_error(qtest, "%s: argument %u is not a number: '%.*s'", words[0], index, ECHO_MAX,
                words[index]);
}

/* Answers for a call that failed: the session's text, as one line. */
static void reply_failed(Qtest *qtest, qosim_result result)
{
    g_autofree char *text = g_strdelimit(g_strdup(qosim_last_error(qtest->session)), "\r\n", ' ');

    qtest->lost |= result == QOSIM_ERR_DISCONNECTED || result == QOSIM_ERR_PROTOCOL;
    reply_error(qtest, "%s", text[0] ? text : "the call failed");
}

static void reply_result(Qtest *qtest, qosim_result result)
{
    if (result == QOSIM_OK) {
        reply(qtest, "OK");
    } else {
        reply_failed(qtest, result);
    }
}

/* Takes words[index] as a number, answering for it when it is none. */
static bool take_number(Qtest *qtest, char **words, unsigned index, uint64_t *value)
{
    if (qtest_u64(words[index], value)) {
        return true;
    }
    bad_number(qtest, words, index);
    return false;
}

static bool take_int(Qtest *qtest, char **words, unsigned index, int *value)
{
    if (cli_int(words[index], value)) {
        return true;
    }
    bad_number(qtest, words, index);
    return false;
}

/* ADDR and SIZE of a block command; a size that is out of bounds is answered here. */
static bool take_block(Qtest *qtest, char **words, uint64_t *address, size_t *size)
{
    uint64_t wanted;

    if (!take_number(qtest, words, 1, address) || !take_number(qtest, words, 2, &wanted)) {
        return false;
    }
    if (wanted > QTEST_BLOCK_MAX) {
        reply_error(qtest, "%s: size %" PRIu64 " is above the limit of %zu bytes", words[0], wanted,
                    QTEST_BLOCK_MAX);
        return false;
    }
    *size = (size_t)wanted;
    g_byte_array_set_size(qtest->block, (guint)*size);
    return true;
}

static void run_read(Qtest *qtest, char **words, unsigned size)
{
    uint64_t address;
    uint64_t data = 0;
    qosim_bus bus = QOSIM_BUS_OK;
    qosim_result result;

    if (!take_number(qtest, words, 1, &address)) {
        return;
    }
    result = qosim_dma_read(qtest->session, address, size, &data, &bus);
    if (result != QOSIM_OK) {
        reply_failed(qtest, result);
        return;
    }
    /* Where nothing answers, what was read so far counts and the rest is 0: qtest knows no bus errors. */
    g_string_append_printf(qtest->out, "OK 0x%016" PRIx64 "\n", data);
}

static void run_write(Qtest *qtest, char **words, unsigned size)
{
    uint64_t address;
    uint64_t data;
    qosim_bus bus;

    if (!take_number(qtest, words, 1, &address) || !take_number(qtest, words, 2, &data)) {
        return;
    }
    if (size < sizeof(data)) {
        data &= (UINT64_C(1) << (8 * size)) - 1;
    }
    reply_result(qtest, qosim_dma_write(qtest->session, address, size, data, &bus));
}

/* There is no port I/O space: all ones within its 64 KiB, as QEMU answers on RISC-V, and zeros for what sticks out. */
static void run_port_read(Qtest *qtest, char **words, unsigned size)
{
    uint64_t port;
    uint32_t value = 0;

    if (!take_number(qtest, words, 1, &port)) {
        return;
    }
    if (port > PORT_MAX) {
        reply_error(qtest, "%s: there are ports 0 to 0x%x", words[0], PORT_MAX);
        return;
    }
    for (unsigned i = 0; i < size && port + i <= PORT_MAX; i++) {
        value |= UINT32_C(0xff) << (8 * i);
    }
    g_string_append_printf(qtest->out, "OK 0x%04" PRIx32 "\n", value);
}

static void run_port_write(Qtest *qtest, char **words, unsigned size G_GNUC_UNUSED)
{
    uint64_t port;
    uint64_t value;

    if (!take_number(qtest, words, 1, &port) || !take_number(qtest, words, 2, &value)) {
        return;
    }
    if (port > PORT_MAX) {
        reply_error(qtest, "%s: there are ports 0 to 0x%x", words[0], PORT_MAX);
        return;
    }
    reply(qtest, "OK");
}

/* Reads into the block; parts that nothing answers for are 0. */
static bool read_block(Qtest *qtest, char **words, size_t *size)
{
    uint64_t address;
    qosim_bus bus;
    qosim_result result = QOSIM_OK;

    if (!take_block(qtest, words, &address, size)) {
        return false;
    }
    if (*size > 0) {
        memset(qtest->block->data, 0, *size);
        result = qosim_read_block(qtest->session, address, qtest->block->data, *size, &bus);
    }
    if (result != QOSIM_OK) {
        reply_failed(qtest, result);
    }
    return result == QOSIM_OK;
}

static void run_block_read(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    size_t size;
    gsize start;
    uint64_t wanted;

    if (qtest_u64(words[2], &wanted) && wanted == 0) {
        reply_error(qtest, "read: size 0");
        return;
    }
    if (!read_block(qtest, words, &size)) {
        return;
    }
    g_string_append(qtest->out, "OK 0x");
    start = qtest->out->len;
    g_string_set_size(qtest->out, start + 2 * size);
    qtest_hex_encode(qtest->block->data, size, qtest->out->str + start);
    g_string_append_c(qtest->out, '\n');
}

static void run_b64_read(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    g_autofree char *text = NULL;
    size_t size;

    if (!read_block(qtest, words, &size)) {
        return;
    }
    text = g_base64_encode(size > 0 ? qtest->block->data : (const guchar *)"", size);
    g_string_append(qtest->out, "OK ");
    reply(qtest, text);
}

static void write_block(Qtest *qtest, uint64_t address, const uint8_t *data, size_t size)
{
    qosim_bus bus;

    reply_result(qtest, size == 0 ? QOSIM_OK
                                  : qosim_write_block(qtest->session, address, data, size, &bus));
}

static bool data_argument_is_short(Qtest *qtest, const char *word)
{
    if (strlen(word) >= DATA_ARGUMENT_MIN) {
        return false;
    }
    reply(qtest, "ERR invalid argument size");
    return true;
}

static void run_block_write(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    uint64_t address;
    size_t size;

    if (!take_block(qtest, words, &address, &size) || data_argument_is_short(qtest, words[3])) {
        return;
    }
    if (words[3][0] != '0' || words[3][1] != 'x' ||
        !qtest_hex_decode(words[3], qtest->block->data, size)) {
        reply_error(qtest, "write: data must be 0x and hexadecimal digits");
        return;
    }
    write_block(qtest, address, qtest->block->data, size);
}

static void run_b64_write(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    uint64_t address;
    size_t size;
    gsize found;

    if (!take_block(qtest, words, &address, &size) || data_argument_is_short(qtest, words[3])) {
        return;
    }
    if (!qtest_is_base64(words[3])) {
        reply_error(qtest, "b64write: data is not base64");
        return;
    }
    g_base64_decode_inplace(words[3], &found);
    write_block(qtest, address, (const uint8_t *)words[3], MIN(size, found));
}

static void run_memset(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    uint64_t address;
    uint64_t value;
    size_t size;
    qosim_bus bus;

    if (!take_block(qtest, words, &address, &size) || !take_number(qtest, words, 3, &value)) {
        return;
    }
    reply_result(qtest,
                 size == 0 ? QOSIM_OK
                           : qosim_fill_block(qtest->session, address, size, (uint8_t)value, &bus));
}

static void run_endianness(Qtest *qtest, char **words G_GNUC_UNUSED,
                           unsigned parameter G_GNUC_UNUSED)
{
    reply(qtest, "OK little");
}

static void reply_time(Qtest *qtest, qosim_result result, uint64_t now)
{
    if (result != QOSIM_OK) {
        reply_failed(qtest, result);
        return;
    }
    g_string_append_printf(qtest->out, "OK %" PRIu64 "\n", now);
}

static void run_clock_step(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    uint64_t ns;
    uint64_t now = 0;
    qosim_result result;

    if (!words[1]) {
        if (qosim_next_deadline(qtest->session) == UINT64_MAX) {
            reply(qtest, "FAIL cannot advance clock to the next deadline because there is no "
                         "pending deadline");
            return;
        }
        result = qosim_advance_to_deadline(qtest->session, &now);
        reply_time(qtest, result, now);
        return;
    }
    if (!take_number(qtest, words, 1, &ns)) {
        return;
    }
    if (ns > (uint64_t)INT64_MAX - qosim_now(qtest->session)) {
        reply_error(qtest, "clock_step: beyond the end of time");
        return;
    }
    result = qosim_advance_by(qtest->session, ns, &now);
    reply_time(qtest, result, now);
}

static void run_clock_set(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    uint64_t ns;
    uint64_t now = qosim_now(qtest->session);
    qosim_result result = QOSIM_OK;

    if (!take_number(qtest, words, 1, &ns)) {
        return;
    }
    if (ns > INT64_MAX) {
        reply_error(qtest, "clock_set: beyond the end of time");
        return;
    }
    /* Time does not go back; QEMU then answers with what it is. */
    if (ns > now) {
        result = qosim_advance(qtest->session, ns, &now);
    }
    reply_time(qtest, result, now);
}

static bool is_device(Qtest *qtest, const char *path)
{
    char *value = NULL;
    bool found = qosim_qom_get(qtest->session, path, "realized", &value) == QOSIM_OK;

    qosim_free(value);
    return found;
}

/* Of a device that is there, QEMU would abort; @result's text tells what is wrong with the line. */
static void reply_line_failed(Qtest *qtest, const char *path, qosim_result result)
{
    g_autofree char *text = g_strdelimit(g_strdup(qosim_last_error(qtest->session)), "\r\n", ' ');

    if (result != QOSIM_ERR_NOT_FOUND && result != QOSIM_ERR_GENERIC &&
        result != QOSIM_ERR_INVALID_ARGUMENT) {
        reply_failed(qtest, result);
    } else if (is_device(qtest, path)) {
        reply_error(qtest, "%s", text);
    } else {
        reply(qtest, "FAIL Unknown device");
    }
}

static void run_set_irq_in(Qtest *qtest, char **words, unsigned parameter G_GNUC_UNUSED)
{
    int index;
    int level;
    qosim_result result;

    if (!take_int(qtest, words, 3, &index) || !take_int(qtest, words, 4, &level)) {
        return;
    }
    if (index < 0) {
        reply_error(qtest, "set_irq_in: line %d does not exist", index);
        return;
    }
    result = qosim_set_line(qtest->session, words[1],
                            strcmp(words[2], "unnamed-gpio-in") == 0 ? NULL : words[2],
                            (uint32_t)index, level);
    if (result != QOSIM_OK) {
        reply_line_failed(qtest, words[1], result);
        return;
    }
    reply(qtest, "OK");
}

static void on_event(void *opaque, const qosim_event *event)
{
    Qtest *qtest = opaque;

    if (event->kind != QOSIM_EVENT_LINE || !qtest->watching || event->watch != qtest->watch ||
        event->line >= QTEST_IRQ_MAX || qtest->levels[event->line] == event->level) {
        return;
    }
    qtest->levels[event->line] = event->level;
    g_string_append_printf(qtest->out, "IRQ %s %" PRIu32 "\n", event->level ? "raise" : "lower",
                           event->line);
}

/* A second command for the device that is intercepted changes nothing, even if it asks for the other direction. */
static void intercept_again(Qtest *qtest, const char *path, uint32_t watch)
{
    bool same = watch == qtest->watch || strcmp(path, qtest->watched) == 0;

    if (watch != qtest->watch && watch != QOSIM_WATCH_IRQ) {
        qosim_unwatch_lines(qtest->session, watch);
    }
    reply(qtest, same ? "OK" : "FAIL IRQ intercept already enabled");
}

static void run_intercept(Qtest *qtest, char **words, unsigned direction)
{
    uint32_t watch;
    uint32_t lines;
    qosim_result result;

    result =
        qosim_watch_lines(qtest->session, words[1], (qosim_direction)direction, &watch, &lines);
    if (result == QOSIM_ERR_NOT_FOUND || result == QOSIM_ERR_GENERIC ||
        result == QOSIM_ERR_INVALID_ARGUMENT) {
        reply(qtest, "FAIL Unknown device");
    } else if (result != QOSIM_OK) {
        reply_failed(qtest, result);
    } else if (qtest->watching) {
        intercept_again(qtest, words[1], watch);
    } else {
        qtest->watched = g_strdup(words[1]);
        qtest->watch = watch;
        qtest->watching = true;
        reply(qtest, "OK");
    }
}

static void run_module_load(Qtest *qtest, char **words G_GNUC_UNUSED,
                            unsigned parameter G_GNUC_UNUSED)
{
    reply(qtest, "FAIL");
}

/* Ours: QEMU resets by QMP only. */
static void run_system_reset(Qtest *qtest, char **words G_GNUC_UNUSED,
                             unsigned parameter G_GNUC_UNUSED)
{
    reply_result(qtest, qosim_reset(qtest->session));
}

static const QtestCommand commands[] = {
    { "readb", run_read, 1, 1 },
    { "readw", run_read, 2, 1 },
    { "readl", run_read, 4, 1 },
    { "readq", run_read, 8, 1 },
    { "writeb", run_write, 1, 2 },
    { "writew", run_write, 2, 2 },
    { "writel", run_write, 4, 2 },
    { "writeq", run_write, 8, 2 },
    { "read", run_block_read, 0, 2 },
    { "write", run_block_write, 0, 3 },
    { "b64read", run_b64_read, 0, 2 },
    { "b64write", run_b64_write, 0, 3 },
    { "memset", run_memset, 0, 3 },
    { "set_irq_in", run_set_irq_in, 0, 4 },
    { "irq_intercept_in", run_intercept, QOSIM_LINE_IN, 1 },
    { "irq_intercept_out", run_intercept, QOSIM_LINE_OUT, 1 },
    { "endianness", run_endianness, 0, 0 },
    { "clock_step", run_clock_step, 0, 0 },
    { "clock_set", run_clock_set, 0, 1 },
    { "system_reset", run_system_reset, 0, 0 },
    { "inb", run_port_read, 1, 1 },
    { "inw", run_port_read, 2, 1 },
    { "inl", run_port_read, 4, 1 },
    { "outb", run_port_write, 1, 2 },
    { "outw", run_port_write, 2, 2 },
    { "outl", run_port_write, 4, 2 },
    { "module_load", run_module_load, 0, 2 },
};

static const QtestCommand *find_command(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

void qtest_line(Qtest *qtest, char *line, size_t len)
{
    char *words[QTEST_WORDS_MAX];
    const QtestCommand *command;
    unsigned n;

    if (len == 0 || memchr(line, '\0', len)) {
        reply_error(qtest, "%s", len == 0 ? "empty line" : "a line holds a zero byte");
        return;
    }
    n = qtest_split(line, words, QTEST_WORDS_MAX);
    command = find_command(words[0]);
    if (!command) {
        g_string_append_printf(qtest->out, "FAIL Unknown command '%.*s'\n", ECHO_MAX, words[0]);
        return;
    }
    if (n - 1 < command->arguments) {
        reply_error(qtest, "%s: %u arguments are needed, %u given", words[0], command->arguments,
                    n - 1);
        return;
    }
    command->run(qtest, words, command->parameter);
}

void qtest_line_too_long(Qtest *qtest)
{
    reply_error(qtest, "a line is above the limit of %zu bytes", QTEST_LINE_MAX);
}

void qtest_init(Qtest *qtest, qosim_session *session)
{
    *qtest = (Qtest){ .session = session };
    qtest->out = g_string_new(NULL);
    qtest->block = g_byte_array_new();
    qosim_set_event_handler(session, on_event, qtest);
}

void qtest_clear(Qtest *qtest)
{
    qosim_set_event_handler(qtest->session, NULL, NULL);
    g_string_free(qtest->out, TRUE);
    g_byte_array_unref(qtest->block);
    g_free(qtest->watched);
}
