#include "cosim/iss/options.h"

#include <stdio.h>

#define DEFAULT_URL "inproc:sifive_e"
#define DEFAULT_RAM (256u << 10)
#define MAX_RAM (UINT64_C(1) << 30)
#define DEFAULT_INSN_NS 10 /* 100 MIPS, the demo SoC's clock */

/* As they are on the command line. */
typedef struct Texts {
    char *isa;
    char *ram;
    char *idle;
    char *max_insns;
    char *quantum;
    char *insn_ns;
    int console_irq;
    int gdb_port;
    int timeout_ms;
    gboolean version;
    gboolean observe;
    gboolean posted;
    gboolean quiet;
} Texts;

static void texts_clear(Texts *texts)
{
    g_free(texts->isa);
    g_free(texts->ram);
    g_free(texts->idle);
    g_free(texts->max_insns);
    g_free(texts->quantum);
    g_free(texts->insn_ns);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Texts, texts_clear)

static bool wrong(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool wrong(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(error,
                      g_error_new_valist(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, args));
    va_end(args);
    return false;
}

static bool parse_isa(const char *text, bool *rv64, GError **error)
{
    if (!text || g_str_equal(text, "rv32imac")) {
        *rv64 = false;
    } else if (g_str_equal(text, "rv64imac")) {
        *rv64 = true;
    } else {
        return wrong(error, "--isa %s: there are rv32imac and rv64imac", text);
    }
    return true;
}

static bool parse_idle(const char *text, const IssOptions *options, bool *skip, GError **error)
{
    if (!text) {
        *skip = options->script != NULL;
    } else if (g_str_equal(text, "real") || g_str_equal(text, "skip")) {
        *skip = g_str_equal(text, "skip");
    } else {
        return wrong(error, "--idle %s: there are real and skip", text);
    }
    return true;
}

static bool parse_number(const char *option, const char *text, uint64_t least, uint64_t *number,
                         GError **error)
{
    guint64 value;

    if (!text) {
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, least, G_MAXUINT64, &value, NULL)) {
        return wrong(error, "%s %s: want a number from %" G_GUINT64_FORMAT " on", option, text,
                     least);
    }
    *number = value;
    return true;
}

/* "256K", "16M", or "machine". */
static bool parse_ram(const char *text, uint64_t *size, GError **error)
{
    char *end = NULL;
    unsigned shift = 0;

    if (!text) {
        return true;
    }
    if (g_str_equal(text, "machine")) {
        *size = 0;
        return true;
    }
    *size = g_ascii_strtoull(text, &end, 10);
    if (*end == 'K' || *end == 'M') {
        shift = *end == 'K' ? 10 : 20;
        end++;
    }
    if (!g_ascii_isdigit(*text) || *end || *size == 0 || *size > MAX_RAM >> shift ||
        (*size << shift) % 4096) {
        return wrong(error,
                     "--ram %s: want 'machine', or a size in bytes, K or M, a multiple of 4K up "
                     "to 1024M",
                     text);
    }
    *size <<= shift;
    return true;
}

static bool take_texts(const Texts *texts, IssOptions *options, GError **error)
{
    options->observe = texts->observe;
    options->posted = texts->posted;
    options->quiet = texts->quiet;
    options->console_irq = (unsigned)texts->console_irq;
    options->gdb_port = (unsigned)texts->gdb_port;
    options->timeout_ms = texts->timeout_ms;
    options->ram_size = DEFAULT_RAM;
    options->max_insns = UINT64_MAX;
    options->insn_ns = DEFAULT_INSN_NS;
    if (!options->url) {
        options->url = g_strdup(DEFAULT_URL);
    }
    if (!options->firmware) {
        return wrong(error, "no firmware: give --firmware FILE (see --help)");
    }
    if (texts->console_irq < 0 || texts->console_irq > 63) {
        return wrong(error, "--console-irq %d: sources are 1 to 63", texts->console_irq);
    }
    if (texts->gdb_port < 0 || texts->gdb_port > 65535) {
        return wrong(error, "--gdb %d: not a port", texts->gdb_port);
    }
    if (texts->timeout_ms < 0) {
        return wrong(error, "--timeout %d: want milliseconds", texts->timeout_ms);
    }
    return parse_isa(texts->isa, &options->rv64, error) &&
           parse_idle(texts->idle, options, &options->skip_idle, error) &&
           parse_ram(texts->ram, &options->ram_size, error) &&
           parse_number("--max-insns", texts->max_insns, 1, &options->max_insns, error) &&
           parse_number("--quantum", texts->quantum, 1, &options->quantum, error) &&
           parse_number("--insn-ns", texts->insn_ns, 1, &options->insn_ns, error);
}

static const char summary[] = "Runs RISC-V firmware on an instruction-set simulator whose "
                              "peripherals are the device models of a\n"
                              "Qosim server, at the addresses where the server's machine has them.";

static const char description[] =
    "URL is inproc:MACHINE [OPTIONS], shm://PATH, ipc://PATH, tcp://HOST:PORT or ws://HOST:PORT.\n"
    "\n"
    "Exit status: the code that the firmware writes to its exit register (above 255: 255); 2 for a "
    "mistake on\n"
    "the command line, bad firmware, or a server that is not there or went away; 3 for --max-insns "
    "reached;\n"
    "4 when the CPU cannot go on; 130 and 143 for SIGINT and SIGTERM.";

static bool parse(int *argc, char ***argv, Texts *texts, IssOptions *options, GError **error)
{
    const GOptionEntry entries[] = {
        { "url", 'u', 0, G_OPTION_ARG_STRING, &options->url, "The server (default " DEFAULT_URL ")",
          "URL" },
        { "machine", 'm', 0, G_OPTION_ARG_STRING, &options->machine,
          "The server's machine of this name (default its first)", "NAME" },
        { "create", 0, 0, G_OPTION_ARG_STRING, &options->create,
          "Make the machine if there is none of that name: type and options", "TEXT" },
        { "firmware", 'f', 0, G_OPTION_ARG_FILENAME, &options->firmware,
          "ELF, or a raw image of the RAM", "FILE" },
        { "isa", 0, 0, G_OPTION_ARG_STRING, &texts->isa, "rv32imac (the default) or rv64imac",
          "ISA" },
        { "ram", 0, 0, G_OPTION_ARG_STRING, &texts->ram,
          "Size of the RAM at 0x80000000 when it is not the machine's (default 256K); 'machine': "
          "it must be the "
          "machine's",
          "SIZE" },
        { "max-insns", 0, 0, G_OPTION_ARG_STRING, &texts->max_insns, "Give up after N instructions",
          "N" },
        { "insn-ns", 0, 0, G_OPTION_ARG_STRING, &texts->insn_ns,
          "Virtual time of an instruction (default 10)", "NS" },
        { "quantum", 0, 0, G_OPTION_ARG_STRING, &texts->quantum,
          "Tell the server the time every N instructions (default: when it has something to do)",
          "N" },
        { "idle", 0, 0, G_OPTION_ARG_STRING, &texts->idle,
          "How a sleeping CPU's time passes: 'real', with the host's clock, or 'skip', at once",
          "HOW" },
        { "script", 0, 0, G_OPTION_ARG_FILENAME, &options->script,
          "Input for the machine at given times; implies --idle skip", "FILE" },
        { "trace", 0, 0, G_OPTION_ARG_FILENAME, &options->trace,
          "Write instructions, traps, accesses and interrupt lines", "FILE" },
        { "gdb", 0, 0, G_OPTION_ARG_INT, &texts->gdb_port,
          "Wait for a debugger on this port of the loopback", "PORT" },
        { "observe", 0, 0, G_OPTION_ARG_NONE, &texts->observe,
          "Let another client drive the machine", NULL },
        { "posted", 0, 0, G_OPTION_ARG_NONE, &texts->posted,
          "Do not wait for stores: for servers that are far away", NULL },
        { "console-irq", 0, 0, G_OPTION_ARG_INT, &texts->console_irq,
          "Interrupt source of the console (default none)", "N" },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &texts->timeout_ms,
          "How long to wait for the server (default 5000)", "MS" },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &texts->quiet, "Only the console and errors", NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &texts->version, "Print the version", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (*argc > 1) {
        return wrong(error, "unexpected argument '%s'; see --help", (*argv)[1]);
    }
    return true;
}

IssParse iss_options_parse(int argc, char **argv, IssOptions *options, GError **error)
{
    g_auto(Texts) texts = { 0 };

    *options = (IssOptions){ 0 };
    if (!parse(&argc, &argv, &texts, options, error)) {
        return ISS_PARSE_WRONG;
    }
    if (texts.version) {
        puts("qosim-iss " QOSIM_VERSION);
        return ISS_PARSE_DONE;
    }
    return take_texts(&texts, options, error) ? ISS_PARSE_RUN : ISS_PARSE_WRONG;
}

void iss_options_clear(IssOptions *options)
{
    g_free(options->url);
    g_free(options->machine);
    g_free(options->create);
    g_free(options->firmware);
    g_free(options->trace);
    g_free(options->script);
}
