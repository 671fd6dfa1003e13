/*
 * qosim-bench profile: where the time of one register read goes.
 *
 * The steps are measured by themselves, in this process, with the code that ships: the codec on the frames of a register read, and
 * an embedded server on frames with no operation, with a read of RAM (which ends in a memcpy), and with a read of the register.
 * What a whole round trip over a transport takes beyond all steps is the way there and back: system calls, copies,
 * and the time until the other side runs.
 */
#include <stdio.h>
#include <string.h>

#include "cosim/bench/target.h"
#include "proto/arena.h"
#include "proto/codec.h"
#include "server/embed.h"

/* RAM of the sifive_e machine. */
#define RAM_ADDRESS UINT64_C(0x80000000)

extern const QsEmbedOps qosim_embed_ops_v1;

/* A frame each way, as values and as bytes. */
typedef struct Exchange {
    QsOperation operation;
    QsClientFrame request;
    QsServerFrame reply; /* lives in @arena */
    QsArena *arena;
    uint8_t *request_bytes;
    size_t request_len;
    uint8_t *reply_bytes;
    size_t reply_len;
} Exchange;

/* The steps, in the order of a round trip; some are the difference of two loops. */
typedef enum StepLoop {
    STEP_ENCODE_REQUEST,
    STEP_DECODE_REQUEST,
    STEP_NO_OPERATION,
    STEP_READ_RAM,
    STEP_READ_REGISTER,
    STEP_ENCODE_REPLY,
    STEP_DECODE_REPLY,
    STEP_LOOPS,
} StepLoop;

static const char *const step_names[STEP_LOOPS] = {
    "encode_request", "decode_request", "no_operation", "read_ram",
    "read_register",  "encode_reply",   "decode_reply",
};

typedef struct Profile {
    BenchOptions options;
    const QsEmbedOps *ops;
    QsEmbed *embed;
    uint8_t token[QS_TOKEN_BYTES];
    uint64_t last_id;
    QsArena *arena; /* of the loop in work */
    Exchange exchange;
    GPtrArray *targets; /* of BenchTarget */
    GArray *loops;      /* of BenchLoop: the steps, then the targets */
    guint n_missing;
} Profile;

static void profile_clear(Profile *p)
{
    for (guint i = 0; p->loops && i < p->loops->len; i++) {
        bench_loop_clear(&g_array_index(p->loops, BenchLoop, i));
    }
    g_clear_pointer(&p->loops, g_array_unref);
    g_clear_pointer(&p->targets, g_ptr_array_unref);
    if (p->embed) {
        p->ops->close(p->embed);
    }
    qs_arena_free(p->arena);
    qs_arena_free(p->exchange.arena);
    bench_options_clear(&p->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

/* Carries out a frame with @n operations; false when that is not answered well. */
static bool request(Profile *p, const QsOperation *operations, size_t n, QsServerFrame *answer)
{
    QsClientFrame frame = { .session = { p->token, sizeof(p->token) },
                            .request_id = ++p->last_id,
                            .operations = operations,
                            .n_operations = n };

    if (operations && operations->kind == QS_OP_HELLO) {
        frame.session.len = 0;
    }
    qs_arena_reset(p->arena);
    return p->ops->request(p->embed, NULL, p->arena, &frame, answer) &&
           answer->reply.status.code == QS_STATUS_OK && answer->reply.n_results == n &&
           (n == 0 || answer->reply.results[0].status.code == QS_STATUS_OK);
}

static bool run_requests(Profile *p, const QsOperation *operations, size_t count, uint64_t n,
                         GError **error)
{
    QsServerFrame answer;

    for (uint64_t i = 0; i < n; i++) {
        if (!request(p, operations, count, &answer)) {
            return bench_fail(error, "the embedded server refuses");
        }
    }
    return true;
}

static bool run_no_operation(void *opaque, uint64_t n, GError **error)
{
    return run_requests(opaque, NULL, 0, n, error);
}

static QsOperation read_of(uint64_t address)
{
    return (QsOperation){ .kind = QS_OP_MMIO_READ,
                          .mmio = { .address = address, .size = 4, .path = QS_PATH_CPU } };
}

static bool run_read_ram(void *opaque, uint64_t n, GError **error)
{
    QsOperation operation = read_of(RAM_ADDRESS);

    return run_requests(opaque, &operation, 1, n, error);
}

static bool run_read_register(void *opaque, uint64_t n, GError **error)
{
    QsOperation operation = read_of(TARGET_READ_ADDRESS);

    return run_requests(opaque, &operation, 1, n, error);
}

static bool run_encode_request(void *opaque, uint64_t n, GError **error)
{
    Profile *p = opaque;
    uint8_t *data;
    size_t len;

    for (uint64_t i = 0; i < n; i++) {
        qs_arena_reset(p->arena);
        if (!qs_encode_client_frame(p->arena, &p->exchange.request, &data, &len, NULL)) {
            return bench_fail(error, "the request cannot be encoded");
        }
    }
    return true;
}

static bool run_decode_request(void *opaque, uint64_t n, GError **error)
{
    Profile *p = opaque;
    QsClientFrame frame;

    for (uint64_t i = 0; i < n; i++) {
        qs_arena_reset(p->arena);
        if (!qs_decode_client_frame(p->arena, p->exchange.request_bytes, p->exchange.request_len,
                                    &frame, NULL)) {
            return bench_fail(error, "the request cannot be decoded");
        }
    }
    return true;
}

static bool run_encode_reply(void *opaque, uint64_t n, GError **error)
{
    Profile *p = opaque;
    uint8_t *data;
    size_t len;

    for (uint64_t i = 0; i < n; i++) {
        qs_arena_reset(p->arena);
        if (!qs_encode_server_frame(p->arena, &p->exchange.reply, &data, &len, NULL)) {
            return bench_fail(error, "the reply cannot be encoded");
        }
    }
    return true;
}

static bool run_decode_reply(void *opaque, uint64_t n, GError **error)
{
    Profile *p = opaque;
    QsServerFrame frame;

    for (uint64_t i = 0; i < n; i++) {
        qs_arena_reset(p->arena);
        if (!qs_decode_server_frame(p->arena, p->exchange.reply_bytes, p->exchange.reply_len,
                                    &frame, NULL)) {
            return bench_fail(error, "the reply cannot be decoded");
        }
    }
    return true;
}

static bool (*const step_runs[STEP_LOOPS])(void *, uint64_t, GError **) = {
    [STEP_ENCODE_REQUEST] = run_encode_request, [STEP_DECODE_REQUEST] = run_decode_request,
    [STEP_NO_OPERATION] = run_no_operation,     [STEP_READ_RAM] = run_read_ram,
    [STEP_READ_REGISTER] = run_read_register,   [STEP_ENCODE_REPLY] = run_encode_reply,
    [STEP_DECODE_REPLY] = run_decode_reply,
};

static bool say_hello(Profile *p)
{
    QsOperation hello = { .kind = QS_OP_HELLO,
                          .hello = { .version = QS_PROTOCOL_VERSION,
                                     .role = QS_ROLE_OBSERVER,
                                     .client = "qosim-bench" } };
    QsServerFrame answer;

    if (!request(p, &hello, 1, &answer) ||
        answer.reply.results[0].hello.session.len != sizeof(p->token)) {
        return false;
    }
    memcpy(p->token, answer.reply.results[0].hello.session.data, sizeof(p->token));
    return true;
}

/* The frames of one register read, from a real one. */
static bool make_exchange(Profile *p, GError **error)
{
    Exchange *x = &p->exchange;
    QsServerFrame answer;
    QsError reason;

    x->arena = qs_arena_new(QS_ARENA_BYTES);
    x->operation = read_of(TARGET_READ_ADDRESS);
    x->request = (QsClientFrame){ .session = { p->token, sizeof(p->token) },
                                  .request_id = 1000000,
                                  .operations = &x->operation,
                                  .n_operations = 1 };
    if (!x->arena || !request(p, &x->operation, 1, &answer)) {
        return bench_fail(error, "the embedded server refuses a register read");
    }
    answer.reply.request_id = x->request.request_id;
    answer.sequence = x->request.request_id;
    if (!qs_encode_client_frame(x->arena, &x->request, &x->request_bytes, &x->request_len,
                                &reason) ||
        !qs_encode_server_frame(x->arena, &answer, &x->reply_bytes, &x->reply_len, &reason) ||
        !qs_decode_server_frame(x->arena, x->reply_bytes, x->reply_len, &x->reply, &reason)) {
        return bench_fail(error, "%s", reason.text);
    }
    return true;
}

static bool add_steps(Profile *p, GError **error)
{
    QsError reason;

    p->ops = &qosim_embed_ops_v1;
    p->arena = qs_arena_new(QS_ARENA_BYTES);
    p->embed = p->ops->open("sifive_e", &reason);
    if (!p->embed) {
        return bench_fail(error, "%s", reason.text);
    }
    if (!p->arena || !say_hello(p)) {
        return bench_fail(error, "the embedded server takes no client");
    }
    if (!make_exchange(p, error)) {
        return false;
    }
    for (StepLoop i = STEP_ENCODE_REQUEST; i < STEP_LOOPS; i++) {
        BenchLoop loop = { .name = step_names[i], .run = step_runs[i], .opaque = p };

        g_array_append_val(p->loops, loop);
    }
    return true;
}

static void add_targets(Profile *p)
{
    for (guint i = 0; i < bench_n_transports; i++) {
        g_autoptr(GError) reason = NULL;
        BenchTarget *target = bench_target_open(&bench_transports[i], &p->options, &reason);

        if (target) {
            BenchLoop loop = bench_target_loop_reads(target);

            loop.is_timed = false;
            g_ptr_array_add(p->targets, target);
            g_array_append_val(p->loops, loop);
        } else {
            printf("# %s: not measured: %s\n", bench_transports[i].name, reason->message);
            p->n_missing++;
        }
    }
}

/* Of the quickest round: differences of medians say nothing where other work comes in between. */
static double mean_of(const Profile *p, guint loop)
{
    return bench_loop_summary(&g_array_index(p->loops, BenchLoop, loop)).best_ns;
}

/* The parts of one round trip, in ns. */
typedef struct Parts {
    double total;
    double encode;
    double wire;
    double decode;
    double session; /* the frame as a whole: look-up, order, the reply's own fields */
    double dispatch;
    double device;
    double library; /* the client's calls */
} Parts;

static Parts parts_of(const Profile *p, guint target)
{
    const BenchTarget *t = g_ptr_array_index(p->targets, target);
    double in_process = mean_of(p, STEP_LOOPS);
    double embed = mean_of(p, STEP_READ_REGISTER);
    Parts parts = { .total = mean_of(p, STEP_LOOPS + target) };

    parts.session = mean_of(p, STEP_NO_OPERATION);
    parts.dispatch = MAX(mean_of(p, STEP_READ_RAM) - parts.session, 0);
    parts.device = MAX(embed - mean_of(p, STEP_READ_RAM), 0);
    parts.library = MAX(in_process - embed, 0);
    if (t->info->listen) {
        parts.encode = mean_of(p, STEP_ENCODE_REQUEST) + mean_of(p, STEP_ENCODE_REPLY);
        parts.decode = mean_of(p, STEP_DECODE_REQUEST) + mean_of(p, STEP_DECODE_REPLY);
        parts.wire = MAX(parts.total - parts.encode - parts.decode - parts.session -
                             parts.dispatch - parts.device - parts.library,
                         0);
    }
    return parts;
}

static void print_parts(const Profile *p)
{
    static const char *const headings[] = { "transport", "total us", "encode", "wire",    "decode",
                                            "session",   "dispatch", "device", "library", NULL };
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < p->targets->len; i++) {
        Parts parts = parts_of(p, i);
        double values[] = { parts.total,   parts.encode,   parts.wire,   parts.decode,
                            parts.session, parts.dispatch, parts.device, parts.library };

        bench_table_add(table, "%s", ((BenchTarget *)g_ptr_array_index(p->targets, i))->info->name);
        for (guint v = 0; v < G_N_ELEMENTS(values); v++) {
            bench_table_add_number(table, values[v] / 1e3);
        }
    }
    bench_table_print(table);
}

static void print_steps(const Profile *p)
{
    static const char *const headings[] = { "step", "ns", "bytes", NULL };
    BenchTable *table = bench_table_new(headings);

    for (guint i = 0; i < STEP_LOOPS; i++) {
        bool of_request = i == STEP_ENCODE_REQUEST || i == STEP_DECODE_REQUEST;
        bool of_reply = i == STEP_ENCODE_REPLY || i == STEP_DECODE_REPLY;

        bench_table_add(table, "%s", step_names[i]);
        bench_table_add_number(table, mean_of(p, i));
        bench_table_add_number(table, of_request ? (double)p->exchange.request_len
                                      : of_reply ? (double)p->exchange.reply_len
                                                 : 0);
    }
    bench_table_print(table);
}

static void write_parts(const Profile *p, BenchJson *json)
{
    bench_json_open(json, "steps", '{');
    for (guint i = 0; i < STEP_LOOPS; i++) {
        bench_json_loop(json, step_names[i], &g_array_index(p->loops, BenchLoop, i));
    }
    bench_json_close(json);
    bench_json_number(json, "request_bytes", (double)p->exchange.request_len);
    bench_json_number(json, "reply_bytes", (double)p->exchange.reply_len);
    bench_json_open(json, "transports", '{');
    for (guint i = 0; i < p->targets->len; i++) {
        Parts parts = parts_of(p, i);

        bench_json_open(json, ((BenchTarget *)g_ptr_array_index(p->targets, i))->info->name, '{');
        bench_json_number(json, "total_ns", parts.total);
        bench_json_number(json, "encode_ns", parts.encode);
        bench_json_number(json, "wire_ns", parts.wire);
        bench_json_number(json, "decode_ns", parts.decode);
        bench_json_number(json, "session_ns", parts.session);
        bench_json_number(json, "dispatch_ns", parts.dispatch);
        bench_json_number(json, "device_ns", parts.device);
        bench_json_number(json, "library_ns", parts.library);
        bench_json_close(json);
    }
    bench_json_close(json);
}

static bool measure(Profile *p, GError **error)
{
    BenchJson *json;

    if (!bench_placement_begin(&p->options, error)) {
        return false;
    }
    bench_print_heading(&bench_profile, &p->options);
    if (!add_steps(p, error)) {
        return false;
    }
    add_targets(p);
    if (!bench_measure((BenchLoop *)(void *)p->loops->data, p->loops->len, &p->options, error)) {
        return false;
    }
    print_parts(p);
    printf("\n");
    print_steps(p);
    json = bench_json_new(&bench_profile, &p->options);
    write_parts(p, json);
    return bench_json_finish(json, &p->options, error);
}

static void free_target(gpointer target)
{
    bench_target_close(target);
}

static BenchExit run_profile(int argc, char **argv)
{
    g_auto(Profile) p = { .embed = NULL };
    g_autoptr(GError) error = NULL;

    if (!bench_options_parse(&bench_profile, NULL, argc, argv, &p.options)) {
        return BENCH_USAGE;
    }
    p.targets = g_ptr_array_new_with_free_func(free_target);
    p.loops = g_array_new(FALSE, FALSE, sizeof(BenchLoop));
    if (!measure(&p, &error)) {
        return bench_complain(&bench_profile, error);
    }
    return p.n_missing ? BENCH_FAILED : BENCH_OK;
}

const BenchCommand bench_profile = {
    .name = "profile",
    .summary = "Where the time of one register read goes: encode, wire, dispatch, device, decode",
    .details =
        "encode and decode: request and reply, both ends together. session: a frame without an "
        "operation in the server. dispatch:\nwhat a read of RAM takes beyond that. device: what a "
        "read of a device's register takes beyond RAM. library: libqosim's\ncalls. wire: what is "
        "left of the round trip: system calls, copies, and the time until the other side runs.",
    .has_rounds = true,
    .run = run_profile,
};
