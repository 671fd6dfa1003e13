#include "server/options.h"

#include <string.h>

#include "proto/message.h"
#include "proto/spin.h"
#include "qom/error.h"
#include "qom/json.h"
#include "qom/keyval.h"
#include "qom/user_creatable.h"
#include "qom/value.h"
#include "server/device_opts.h"
#include "server/dma.h"
#include "server/options_help.h"
#include "server/kept_frames.h"
#include "server/readconfig.h"
#include "server/server.h"
#include "server/suggest.h"

typedef struct Option Option;

/* Takes the option's argument (NULL when it has none). @origin is the option as it was written, for messages. */
typedef bool OptionTake(ServerOptions *options, const char *origin, const char *argument,
                        GError **error);

struct Option {
    const char *name;
    const char *argument; /* what to call it in the help; NULL: none */
    OptionTake *take;
    unsigned uses;
    const char *help; /* NULL: another spelling of the option above */
};

static bool take_help(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                      const char *argument G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    options->print = options_usage();
    return true;
}

static bool take_version(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                         const char *argument G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    options->print = g_strdup_printf("Qosim server version %s, protocol version %u\n",
                                     QOSIM_VERSION, QS_PROTOCOL_VERSION);
    return true;
}

static bool take_machine(ServerOptions *options, const char *origin, const char *argument,
                         GError **error)
{
    bool help = false;
    g_autoptr(GVariant) properties = keyval_parse(argument, "type", &help, error);

    if (!properties) {
        return false;
    }
    if (help) {
        options->print = options_help_machines();
        return true;
    }
    machine_config_set_machine(options->machine, origin, properties);
    return true;
}

static bool take_name(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                      const char *argument, GError **error)
{
    if (!id_check("name", argument, error)) {
        return false;
    }
    g_free(options->name);
    options->name = g_strdup(argument);
    return true;
}

static bool take_device(ServerOptions *options, const char *origin, const char *argument,
                        GError **error)
{
    bool help;
    g_autoptr(GVariant) map = device_opts_parse(argument, &help, error);

    if (!map) {
        return false;
    }
    if (help) {
        options->print = options_help_device(map, error);
        return options->print != NULL;
    }
    machine_config_add_device(options->machine, origin, map);
    return true;
}

static bool take_chardev(ServerOptions *options, const char *origin, const char *argument,
                         GError **error)
{
    bool help;
    g_autoptr(GVariant) map = chardev_opts_parse(argument, &help, error);

    if (!map) {
        return false;
    }
    if (help) {
        options->print = options_help_chardev(map, error);
        return options->print != NULL;
    }
    machine_config_add_chardev(options->machine, origin, map);
    return true;
}

/* -m SIZE, or size=SIZE, is the machine's ram-size; a bare number counts MiB. */
static bool take_memory(ServerOptions *options, const char *origin, const char *argument,
                        GError **error)
{
    g_auto(GVariantDict) machine = G_VARIANT_DICT_INIT(NULL);
    g_autoptr(GVariant) given = keyval_parse(argument, "size", NULL, error);
    g_autoptr(GVariant) size = given ? g_variant_lookup_value(given, "size", NULL) : NULL;
    g_autoptr(GVariant) map = NULL;
    g_autofree char *text = NULL;
    g_autofree char *bytes = NULL;

    if (!given) {
        return false;
    }
    if (!size || g_variant_n_children(given) > 1) {
        return qom_error_set(error, "a size is expected, such as 128M or size=1G");
    }
    text = qom_value_print(size);
    bytes = g_strconcat(text, text[strspn(text, "0123456789")] == '\0' ? "M" : "", NULL);
    g_variant_dict_insert_value(&machine, "ram-size", qom_value_new_text(bytes));
    map = g_variant_ref_sink(g_variant_dict_end(&machine));
    machine_config_set_machine(options->machine, origin, map);
    return true;
}

static GVariant *parse_object(const char *text, GError **error)
{
    g_autoptr(GVariant) map = NULL;

    if (text[0] != '{') {
        return keyval_parse(text, "qom-type", NULL, error);
    }
    map = qom_json_parse(text, error);
    if (map && !g_variant_is_of_type(map, G_VARIANT_TYPE_VARDICT)) {
        qom_error_set(error, "a JSON object is expected");
        return NULL;
    }
    return g_steal_pointer(&map);
}

static bool take_object(ServerOptions *options, const char *origin, const char *argument,
                        GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(GVariant) map = NULL;

    options->print = user_creatable_help(argument, &local);
    if (options->print) {
        return true;
    }
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return false;
    }
    map = parse_object(argument, error);
    if (!map) {
        return false;
    }
    machine_config_add_object(options->machine, origin, map);
    return true;
}

static bool take_global(ServerOptions *options, const char *origin, const char *argument,
                        GError **error G_GNUC_UNUSED)
{
    machine_config_add_global_text(options->machine, origin, argument);
    return true;
}

static bool take_readconfig(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                            const char *argument, GError **error)
{
    return readconfig_load(argument, options->machine, error);
}

static bool take_nodefaults(ServerOptions *options G_GNUC_UNUSED, const char *origin G_GNUC_UNUSED,
                            const char *argument G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    /* Nothing is made that the machine type or the user did not ask for, with this option or without. */
    return true;
}

static bool take_transport(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                           const char *argument, GError **error)
{
    options->by_nanomsg = strcmp(argument, "nanomsg") == 0;
    return options->by_nanomsg || strcmp(argument, "direct") == 0 ||
           qom_error_set(error, "there are 'direct' and 'nanomsg', not '%s'", argument);
}

static bool take_listen(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                        const char *argument, GError **error G_GNUC_UNUSED)
{
    g_ptr_array_add(options->listen, g_strdup(argument));
    return true;
}

static bool take_allow_remote(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                              const char *argument G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    options->allow_remote = true;
    return true;
}

static bool take_auth_file(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                           const char *argument, GError **error G_GNUC_UNUSED)
{
    g_free(options->auth_file);
    options->auth_file = g_strdup(argument);
    return true;
}

static bool take_dma_timeout(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                             const char *argument, GError **error)
{
    guint64 ms;

    if (!g_ascii_string_to_unsigned(argument, 10, 1, DMA_TIMEOUT_MAX_MS, &ms, NULL)) {
        return qom_error_set(error, "a number of milliseconds from 1 to %d is expected",
                             DMA_TIMEOUT_MAX_MS);
    }
    options->dma_timeout_ms = (int)ms;
    return true;
}

static bool take_spin(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                      const char *argument, GError **error)
{
    guint64 us;

    if (!g_ascii_string_to_unsigned(argument, 10, 0, SPIN_MAX_US, &us, NULL)) {
        return qom_error_set(error, "a number of microseconds from 0 to %u is expected",
                             SPIN_MAX_US);
    }
    options->spin_us = (unsigned)us;
    return true;
}

static bool take_session_grace(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                               const char *argument, GError **error)
{
    char *end;
    double seconds = g_ascii_strtod(argument, &end);

    if (end == argument || *end != '\0' || !(seconds >= 0 && seconds <= SERVER_GRACE_MAX_S)) {
        return qom_error_set(error, "a number of seconds from 0 to %d is expected",
                             SERVER_GRACE_MAX_S);
    }
    options->session_grace_ms = (int64_t)(seconds * 1000);
    return true;
}

static bool take_kept_replies(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                              const char *argument, GError **error)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(argument, 10, 1, KEPT_REPLIES_MAX, &n, NULL)) {
        return qom_error_set(error, "a number from 1 to %u is expected", KEPT_REPLIES_MAX);
    }
    options->kept_replies = (uint32_t)n;
    return true;
}

static bool take_kept_bytes(ServerOptions *options, const char *origin G_GNUC_UNUSED,
                            const char *argument, GError **error)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(argument, 10, 1, KEPT_BYTES_MAX, &n, NULL)) {
        return qom_error_set(error, "a number of bytes from 1 to %zu is expected", KEPT_BYTES_MAX);
    }
    options->kept_bytes = (size_t)n;
    return true;
}

#define USE_ALL (OPTIONS_DAEMON | OPTIONS_EMBED | OPTIONS_CREATE)

static const Option option_table[] = {
    { "-h", NULL, take_help, OPTIONS_DAEMON, "print this help and exit" },
    { "-help", NULL, take_help, OPTIONS_DAEMON, NULL },
    { "-version", NULL, take_version, OPTIONS_DAEMON, "print the version and exit" },
    { "-machine", "TYPE[,PROP=VALUE...]", take_machine, USE_ALL,
      "machine type and its properties ('-machine help' lists the types)" },
    { "-M", "TYPE[,PROP=VALUE...]", take_machine, USE_ALL, NULL },
    { "-m", "SIZE", take_memory, USE_ALL, "the machine's ram-size; a bare number counts MiB" },
    { "-name", "NAME", take_name, OPTIONS_DAEMON | OPTIONS_EMBED,
      "name of the machine, which clients attach to (default: its type)" },
    { "-device", "TYPE[,PROP=VALUE...]", take_device, USE_ALL,
      "add a device ('-device help' lists the types, '-device TYPE,help' the properties)" },
    { "-chardev", "TYPE,id=ID[,OPTION=VALUE...]", take_chardev, USE_ALL,
      "add a character device ('-chardev help' lists the types)" },
    { "-object", "TYPE,id=ID[,PROP=VALUE...]", take_object, USE_ALL,
      "create an object ('-object help' lists the types)" },
    { "-global", "TYPE.PROP=VALUE", take_global, USE_ALL,
      "set a property of every device of a type" },
    { "-readconfig", "FILE", take_readconfig, OPTIONS_DAEMON | OPTIONS_EMBED,
      "read more options from FILE" },
    { "-nodefaults", NULL, take_nodefaults, USE_ALL, "accepted: there are no default devices" },
    { "--listen", "URL", take_listen, OPTIONS_DAEMON | OPTIONS_EMBED,
      "serve clients at URL (ipc://PATH, tcp://HOST:PORT, ws://HOST:PORT); may be repeated" },
    { "--transport", "NAME", take_transport, OPTIONS_DAEMON | OPTIONS_EMBED,
      "what carries ipc://, tcp:// and ws://: direct (plain sockets and shared memory, the "
      "default) or "
      "nanomsg" },
    { "--allow-remote", NULL, take_allow_remote, OPTIONS_DAEMON | OPTIONS_EMBED,
      "serve tcp:// to other hosts as well; needs --auth-file" },
    { "--auth-file", "FILE", take_auth_file, OPTIONS_DAEMON | OPTIONS_EMBED,
      "seal tcp:// connections by the key in FILE, which clients must have too" },
    { "--spin-us", "US", take_spin, OPTIONS_DAEMON,
      "spin for frames for up to US microseconds before sleeping (default: 50)" },
    { "--dma-timeout", "MS", take_dma_timeout, OPTIONS_DAEMON | OPTIONS_EMBED,
      "how long a driver may take to answer a DMA request (default: 5000)" },
    { "--session-grace", "SECONDS", take_session_grace, OPTIONS_DAEMON | OPTIONS_EMBED,
      "how long a session outlives its connection (default: 60)" },
    { "--kept-replies", "N", take_kept_replies, OPTIONS_DAEMON | OPTIONS_EMBED,
      "how many replies a session keeps for requests that arrive again (default: 64)" },
    { "--kept-bytes", "BYTES", take_kept_bytes, OPTIONS_DAEMON | OPTIONS_EMBED,
      "how many bytes these may have together (default: 4194304)" },
};

static const char *bare(const char *word)
{
    return word + (word[1] == '-' && word[2] != '\0' ? 2 : 1);
}

static const Option *find_option(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(option_table); i++) {
        if (strcmp(bare(option_table[i].name), name) == 0) {
            return &option_table[i];
        }
    }
    return NULL;
}

static bool invalid_option(const char *word, GError **error)
{
    const char *names[G_N_ELEMENTS(option_table) + 1] = { NULL };
    const char *equals = strchr(word, '=');
    const char *nearest;

    if (equals) {
        g_autofree char *head = g_strndup(word, (size_t)(equals - word));
        const Option *option = find_option(bare(head));

        if (option) {
            return qom_error_set(error, "invalid option '%s'; write '%s %s'", word, option->name,
                                 option->argument ? equals + 1 : "");
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(option_table); i++) {
        names[i] = bare(option_table[i].name);
    }
    nearest = suggest_nearest(bare(word), names);
    if (!nearest) {
        return qom_error_set(error, "invalid option '%s'", word);
    }
    return qom_error_set(error, "invalid option '%s'; did you mean '%s'?", word,
                         find_option(nearest)->name);
}

/* Takes the option at argv[*i] with its argument, if it has one, and leaves *i at the last word used. */
static bool take_option(ServerOptions *options, const char *const *argv, size_t *i, OptionsUse use,
                        GError **error)
{
    const char *word = argv[*i];
    const Option *option = find_option(bare(word));
    const char *argument = NULL;
    g_autofree char *origin = NULL;

    if (!option) {
        return invalid_option(word, error);
    }
    if (!(option->uses & use)) {
        return qom_error_set(error, "option '%s' is not available here", word);
    }
    if (option->argument) {
        argument = argv[*i + 1];
        if (!argument) {
            return qom_error_set(error, "option '%s' needs an argument: %s %s", word, option->name,
                                 option->argument);
        }
        ++*i;
    }
    origin = g_strdup_printf("%s %s", word, argument ? argument : "");
    if (!option->take(options, origin, argument, error)) {
        if (option->take != take_readconfig) {
            g_prefix_error(error, "%s: ", origin);
        }
        return false;
    }
    return true;
}

/* A remote client's machine touches nothing of the host. */
static bool check_created(const MachineConfig *config, GError **error)
{
    g_autofree char *reach = machine_config_reach(config);

    if (machine_config_sets(config, "ram-path")) {
        return qom_error_set(error, "machine property 'ram-path' is not available here");
    }
    return !reach || qom_error_set(error, "%s is not available here", reach);
}

static bool parse_words(ServerOptions *options, const char *const *argv, OptionsUse use,
                        GError **error)
{
    for (size_t i = 0; argv[i] && !options->print; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!take_option(options, argv, &i, use, error)) {
                return false;
            }
        } else if (i == 0 && !(use & OPTIONS_DAEMON)) {
            if (!take_machine(options, argv[i], argv[i], error)) {
                return false;
            }
        } else {
            return qom_error_set(error, "unexpected argument '%s'", argv[i]);
        }
    }
    if (use == OPTIONS_CREATE && !check_created(options->machine, error)) {
        return false;
    }
    machine_config_set_may_wait(options->machine, use & OPTIONS_DAEMON);
    if (options->print && !(use & OPTIONS_DAEMON)) {
        return qom_error_set(error, "help is not available here; ask qosimd for it");
    }
    return true;
}

static ServerOptions *options_new(void)
{
    ServerOptions *options = g_new0(ServerOptions, 1);

    options->machine = machine_config_new();
    options->listen = g_ptr_array_new_with_free_func(g_free);
    options->dma_timeout_ms = DMA_TIMEOUT_MS;
    options->spin_us = SPIN_DEFAULT_US;
    options->session_grace_ms = INT64_C(1000) * SERVER_GRACE_S;
    options->kept_replies = KEPT_REPLIES;
    options->kept_bytes = KEPT_BYTES;
    return options;
}

void options_free(ServerOptions *options)
{
    if (!options) {
        return;
    }
    machine_config_free(options->machine);
    g_free(options->name);
    g_ptr_array_unref(options->listen);
    g_free(options->auth_file);
    g_free(options->print);
    g_free(options);
}

ServerOptions *options_parse(const char *const *argv, OptionsUse use, GError **error)
{
    ServerOptions *options = options_new();

    if (!parse_words(options, argv, use, error)) {
        g_clear_pointer(&options, options_free);
    }
    return options;
}

ServerOptions *options_parse_line(const char *line, OptionsUse use, GError **error)
{
    static const char *const no_words[] = { NULL };
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) local = NULL;

    if (g_shell_parse_argv(line, NULL, &words, &local)) {
        return options_parse((const char *const *)words, use, error);
    }
    if (g_error_matches(local, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING)) {
        return options_parse(no_words, use, error);
    }
    qom_error_set(error, "cannot split the options into words: %s", local->message);
    return NULL;
}

char *options_usage(void)
{
    GString *text = g_string_new("Usage: qosimd -M TYPE [options]\n\n"
                                 "Hosts device models and serves them to simulators and tests.\n"
                                 "One dash or two before an option make no difference.\n\n");

    for (size_t i = 0; i < G_N_ELEMENTS(option_table); i++) {
        const Option *option = &option_table[i];
        bool alias_follows = i + 1 < G_N_ELEMENTS(option_table) && option_table[i + 1].help == NULL;

        if (!option->help) {
            continue;
        }
        g_string_append(text, option->name);
        if (alias_follows) {
            g_string_append_printf(text, ", %s", option_table[i + 1].name);
        }
        g_string_append_printf(text, "%s%s\n        %s\n", option->argument ? " " : "",
                               option->argument ? option->argument : "", option->help);
    }
    g_string_append(text, "\nWithout --listen, clients are served at\n"
                          "  ipc://$XDG_RUNTIME_DIR/qosim/qosim.sock, or\n"
                          "  ipc:///tmp/qosim-<user id>/qosim.sock when XDG_RUNTIME_DIR is unset.\n"
                          "SIGTERM and SIGINT end the server.\n");
    return g_string_free(text, FALSE);
}
