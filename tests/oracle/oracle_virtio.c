/*
 * A guest that does what it likes with the virtio-serial device of the machine virt: on QEMU and on ours, in sessions of a few
 * hundred operations, each on machines of its own with options and ports drawn anew.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "tests/oracle/both.h"
#include "tests/oracle/ours.h"
#include "tests/oracle/virt_guest.h"
#include "tests/oracle/virt_hosts.h"
#include "tests/oracle/virt_qmp.h"

#define SESSION_OPS 1500u
#define KINDS_MAX 32u

/* wfi; j . - 4: what QEMU's processor does, since chardevs give nothing to a machine that is stopped. */
static const uint8_t firmware[] = { 0x73, 0x00, 0x50, 0x10, 0x6f, 0xf0, 0xdf, 0xff };

static gint64 option_count = 5000;
static char *option_seed;
static char *option_plant;
static gint64 option_plant_after = 200;
static gboolean option_trace;
static char *option_url = (char *)"ipc";
static char *option_qemu;
static char *option_bin;

static const GOptionEntry entries[] = {
    { "count", 'n', 0, G_OPTION_ARG_INT64, &option_count,
      "number of operations at least (default 5000)", "N" },
    { "seed", 's', 0, G_OPTION_ARG_STRING, &option_seed,
      "seed of the first session (default: the time); the next has the next", "N" },
    { "trace", 't', 0, G_OPTION_ARG_NONE, &option_trace, "print each operation and its answer",
      NULL },
    { "plant", 0, 0, G_OPTION_ARG_STRING, &option_plant,
      "make one difference on our side, to see that it is found: register, used-length, control, "
      "memory, interrupt, byte, error or mistake",
      "WHAT" },
    { "plant-after", 0, 0, G_OPTION_ARG_INT64, &option_plant_after,
      "the first so many operations of a session are as they are (default 200)", "N" },
    { "url", 'u', 0, G_OPTION_ARG_STRING, &option_url,
      "what carries ours: ipc (default), tcp, inproc or socket", "KIND" },
    { "qemu", 0, 0, G_OPTION_ARG_STRING, &option_qemu, "the emulator (default qemu-system-riscv64)",
      "PROGRAM" },
    { "bin", 0, 0, G_OPTION_ARG_STRING, &option_bin,
      "where qosim is (default: ../bin beside this program)", "DIR" },
    { NULL },
};

static const char *const plant_names[] = {
    [PLANT_NOTHING] = "nothing", [PLANT_REGISTER] = "register", [PLANT_USED_LENGTH] = "used-length",
    [PLANT_CONTROL] = "control", [PLANT_MEMORY] = "memory",     [PLANT_INTERRUPT] = "interrupt",
    [PLANT_BYTE] = "byte",       [PLANT_ERROR] = "error",       [PLANT_MISTAKE] = "mistake",
};

typedef struct Run {
    uint64_t seed;
    Plant plant;
    char *directory;
    VirtHosts *hosts; /* of the session under way; NULL: none */
    uint64_t sessions;
    uint64_t ops;
    uint64_t irq_changes;
    uint64_t bytes_out;
    uint64_t bytes_in;
    uint64_t kinds[KINDS_MAX];
    gint64 start_us;
} Run;

static void G_GNUC_NORETURN die(const char *text)
{
    fprintf(stderr, "oracle_virtio: %s\n", text);
    exit(BOTH_TROUBLE);
}

/* --- A session's machines --- */

/* What both sides get: a device or two, and ports on them. */
typedef struct Config {
    GPtrArray *words;
    GPtrArray *ports; /* char *: their ids */
    unsigned device;  /* the one that is driven */
    unsigned max_ports;
    bool packed;
} Config;

static void add(Config *config, char *word)
{
    g_ptr_array_add(config->words, word);
}

static void add_device(Config *config, char *text)
{
    add(config, g_strdup("-device"));
    add(config, text);
}

static const char *on_off(GRand *rand, int of)
{
    return g_rand_int_range(rand, 0, of) ? "on" : "off";
}

/* The device that is driven, with options of all kinds. */
static char *draw_device(Config *config, GRand *rand, bool legacy)
{
    static const unsigned max_ports[] = { 1, 2, 5, 31, 31, 31, 32, 64 };
    const char *packed = !legacy && g_rand_boolean(rand) ? "on" : "off";
    const char *event_idx = on_off(rand, 4);
    const char *indirect = on_off(rand, 4);
    const char *emergency = on_off(rand, 8);
    const char *on_empty = on_off(rand, 2);
    const char *any_layout = on_off(rand, 8);
    const char *queue_reset = on_off(rand, 8);
    const char *iommu = g_rand_int_range(rand, 0, 8) == 0 ? "on" : "off";

    config->packed = strcmp(packed, "on") == 0;
    config->max_ports = max_ports[g_rand_int_range(rand, 0, G_N_ELEMENTS(max_ports))];
    return g_strdup_printf("virtio-serial-device,id=vser%u,max_ports=%u,packed=%s,event_idx=%s,"
                           "indirect_desc=%s,emergency-write=%s,notify_on_empty=%s,any_layout=%s,"
                           "queue_reset=%s,iommu_platform=%s",
                           config->device, config->max_ports, packed, event_idx, indirect,
                           emergency, on_empty, any_layout, queue_reset, iommu);
}

static void draw_devices(Config *config, GRand *rand)
{
    bool legacy = g_rand_int_range(rand, 0, 3) == 0;
    char *devices[2];

    if (!legacy) {
        add(config, g_strdup("-global"));
        add(config, g_strdup("virtio-mmio.force-legacy=false"));
    }
    config->device = g_rand_int_range(rand, 0, 4) == 0;
    devices[config->device] = draw_device(config, rand, legacy);
    devices[!config->device] =
        g_strdup_printf("virtio-serial-device,id=vser%u,max_ports=3", !config->device);
    add_device(config, devices[0]);
    add_device(config, devices[1]);
}

/* Up to four ports at the start, mostly at pipes and sockets; numbers rise, so that none is taken twice. */
static void draw_ports(Config *config, GRand *rand)
{
    static const unsigned chardevs[] = { 2, 0, 3, 1, 4, 2, 5, 6, 7, 0, 3 };
    unsigned n = (unsigned)g_rand_int_range(rand, 0, 5);
    unsigned first = (unsigned)g_rand_int_range(rand, 0, 2) * 4;

    n = MIN(n, config->max_ports - 1);
    if (g_rand_boolean(rand)) {
        add_device(config, g_strdup_printf("virtconsole,id=p0,bus=vser%u.0,chardev=c%u",
                                           config->device, chardevs[first]));
        g_ptr_array_add(config->ports, g_strdup("p0"));
    }
    for (unsigned i = 0; i < n; i++) {
        const char *type = g_rand_int_range(rand, 0, 4) ? "virtserialport" : "virtconsole";
        g_autofree char *name =
            g_rand_boolean(rand) ? g_strdup_printf(",name=org.%u", i) : g_strdup("");

        add_device(config, g_strdup_printf("%s,id=i%u,bus=vser%u.0,nr=%u,chardev=c%u%s", type, i,
                                           config->device, i + 1, chardevs[first + i + 1], name));
        g_ptr_array_add(config->ports, g_strdup_printf("i%u", i));
    }
}

static void draw_config(Config *config, GRand *rand)
{
    config->words = g_ptr_array_new_with_free_func(g_free);
    config->ports = g_ptr_array_new_with_free_func(g_free);
    draw_devices(config, rand);
    draw_ports(config, rand);
}

static void config_clear(Config *config)
{
    g_ptr_array_unref(config->words);
    g_ptr_array_unref(config->ports);
}

static GPtrArray *machine_words(const Config *config, const VirtHosts *hosts, Side side)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(words, g_strdup("-M"));
    g_ptr_array_add(words, g_strdup("virt"));
    virt_hosts_words(hosts, side, words);
    for (guint i = 0; i < config->words->len; i++) {
        g_ptr_array_add(words, g_strdup(g_ptr_array_index(config->words, i)));
    }
    return words;
}

static void start_qemu(Both *both, const Config *config, const VirtHosts *hosts)
{
    g_autoptr(GPtrArray) words = machine_words(config, hosts, SIDE_QEMU);
    g_autofree char *path = g_strdup_printf("%s/firmware", both->directory);
    g_autofree char *plic = NULL;
    g_autofree char *line = NULL;
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(words, g_strdup("-bios"));
    g_ptr_array_add(words, g_strdup(path));
    g_ptr_array_add(words, g_strdup("-d"));
    g_ptr_array_add(words, g_strdup("guest_errors"));
    g_ptr_array_add(words, NULL);
    both->peers[SIDE_QEMU] =
        peer_start_qemu("qemu", option_qemu ? option_qemu : "qemu-system-riscv64",
                        (const char *const *)words->pdata, both->directory, &error);
    both_check(both, error);
    plic = peer_qmp_find_child(both->peers[SIDE_QEMU], "/machine/unattached", "riscv.sifive.plic",
                               &error);
    both_check(both, error);
    line = g_strdup_printf("irq_intercept_in %s", plic);
    g_free(peer_ask(both->peers[SIDE_QEMU], line, &error));
    both_check(both, error);
}

/* A machine inside the program that answers qtest lines has to be told to let others in. */
static void start_ours(Both *both, const Config *config, const VirtHosts *hosts)
{
    bool daemon = strcmp(option_url, "ipc") == 0 || strcmp(option_url, "tcp") == 0;
    g_autoptr(GPtrArray) words = machine_words(config, hosts, SIDE_OURS);
    g_autofree char *url = g_strdup_printf("ipc://%s/o.rpc", both->directory);
    g_autoptr(GError) error = NULL;

    if (!daemon) {
        g_ptr_array_add(words, g_strdup("--listen"));
        g_ptr_array_add(words, g_strdup(url));
    }
    g_ptr_array_add(words, NULL);
    both->ours = ours_new("qosim", option_bin, option_url, both->directory,
                          (const char *const *)words->pdata, &error);
    both_check(both, error);
    both->peers[SIDE_OURS] = ours_connect(both->ours, &error);
    both_check(both, error);
    /* It has answered, so its server listens. */
    g_free(peer_ask(both->peers[SIDE_OURS], "irq_intercept_in /machine/plic", &error));
    both_check(both, error);
    if (qosim_open(daemon ? ours_url(both->ours) : url, NULL, &both->session) != QOSIM_OK) {
        both_trouble(both, "%s", qosim_open_error());
    }
    qosim_set_event_handler(both->session, both_take_event, both);
}

/* --- A session --- */

static void play(Run *run, Both *both, VirtHosts *hosts, const Config *config, GRand *rand,
                 uint64_t ops)
{
    VirtGuest guest;

    virt_guest_init(&guest, both, hosts, rand, config->device, config->max_ports, config->packed);
    for (guint i = 0; i < config->ports->len; i++) {
        virt_guest_add_port(&guest, g_ptr_array_index(config->ports, i), true);
    }
    while (both->ops < ops) {
        run->kinds[virt_guest_step(&guest)]++;
    }
    virt_guest_compare_all(&guest);
    virt_guest_clear(&guest);
}

static void trace_config(const Config *config)
{
    for (guint i = 0; option_trace && i < config->words->len; i++) {
        printf("%s%s", (const char *)g_ptr_array_index(config->words, i),
               i + 1 < config->words->len ? " " : "\n");
    }
}

/* After a difference the machines are gone already, but their sockets are there. */
static void clean_up(void *opaque)
{
    Run *run = opaque;
    g_autofree char *path = g_strdup_printf("%s/firmware", run->directory);
    g_autofree char *rpc = g_strdup_printf("%s/o.rpc", run->directory);

    if (run->hosts) {
        virt_hosts_clear(run->hosts);
    }
    g_unlink(path);
    g_unlink(rpc);
    g_rmdir(run->directory);
}

static void run_session(Run *run, uint64_t seed, uint64_t ops)
{
    g_autoptr(GRand) rand =
        g_rand_new_with_seed_array((const guint32[]){ (guint32)seed, (guint32)(seed >> 32) }, 2);
    Config config;
    VirtHosts hosts;
    Both both;

    both_init(&both, run->directory, seed);
    both.trace = option_trace;
    both.plant = run->plant;
    both.plant_after = (uint64_t)option_plant_after;
    both.clean_up = clean_up;
    both.clean_up_opaque = run;
    draw_config(&config, rand);
    trace_config(&config);
    virt_hosts_init(&hosts, &both);
    run->hosts = &hosts;
    start_qemu(&both, &config, &hosts);
    start_ours(&both, &config, &hosts);
    play(run, &both, &hosts, &config, rand, ops);
    run->sessions++;
    run->ops += both.ops;
    run->irq_changes += both.irq_changes;
    run->bytes_out += hosts.out;
    run->bytes_in += hosts.in;
    both_clear(&both);
    virt_hosts_clear(&hosts);
    run->hosts = NULL;
    config_clear(&config);
}

/* --- The run --- */

static void print_summary(const Run *run)
{
    double seconds = (double)(g_get_monotonic_time() - run->start_us) / 1e6;

    printf("steps:");
    for (unsigned kind = 0; kind < virt_guest_kinds(); kind++) {
        printf("%s %" PRIu64 " %s", kind > 0 ? "," : "", run->kinds[kind],
               virt_guest_kind_name(kind));
    }
    printf("\nseen: %" PRIu64 " interrupt line changes, %" PRIu64 " bytes from the guest, %" PRIu64
           " bytes to it; %.1f s\n",
           run->irq_changes, run->bytes_out, run->bytes_in, seconds);
    printf("%" PRIu64 " operations in %" PRIu64 " sessions, 0 differences, seed 0x%" PRIx64 "\n",
           run->ops, run->sessions, run->seed);
}

static void show_progress(const Run *run)
{
    if (isatty(STDERR_FILENO) == 1) {
        fprintf(stderr, "\r%" PRIu64 "/%" G_GINT64_FORMAT " operations", run->ops, option_count);
    }
}

/* Everything has to be seen for "no difference" to mean something. */
static bool run_was_rich(const Run *run)
{
    return run->ops < 10000 || (run->irq_changes > 0 && run->bytes_out > 0 && run->bytes_in > 0);
}

static void run_sessions(Run *run)
{
    g_autofree char *path = g_strdup_printf("%s/firmware", run->directory);

    if (!g_file_set_contents(path, (const char *)firmware, sizeof(firmware), NULL)) {
        die("cannot write QEMU's firmware");
    }
    run->start_us = g_get_monotonic_time();
    while (run->ops < (uint64_t)option_count) {
        uint64_t left = (uint64_t)option_count - run->ops;

        run_session(run, run->seed + run->sessions, MIN(left, SESSION_OPS));
        show_progress(run);
    }
    clean_up(run);
}

static Plant find_plant(void)
{
    for (unsigned i = 0; option_plant && i < G_N_ELEMENTS(plant_names); i++) {
        if (strcmp(option_plant, plant_names[i]) == 0) {
            return i;
        }
    }
    if (option_plant) {
        die("no such difference to plant; see --help");
    }
    return PLANT_NOTHING;
}

static void take_options(int argc, char **argv, Run *run)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- compare virtio-serial with QEMU");
    g_autoptr(GError) error = NULL;
    char *end = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        die(error->message);
    }
    run->seed = (uint64_t)g_get_real_time();
    if (option_seed) {
        run->seed = strtoull(option_seed, &end, 0);
    }
    if (argc > 1 || option_count < 1 || option_plant_after < 0 ||
        (end && (*end != '\0' || end == option_seed))) {
        die("wrong arguments; see --help");
    }
    run->plant = find_plant();
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Run run = { 0 };

    signal(SIGPIPE, SIG_IGN);
    take_options(argc, argv, &run);
    run.directory = g_dir_make_tmp("qosim-oracle-XXXXXX", &error);
    if (!run.directory) {
        die(error->message);
    }
    run_sessions(&run);
    print_summary(&run);
    g_free(run.directory);
    if (!run_was_rich(&run)) {
        die("no interrupt, or no byte");
    }
    return BOTH_SAME;
}
