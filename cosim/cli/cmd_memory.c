/* Commands about memory and registers: read, write. */
#include "cosim/cli/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cosim/cli/number.h"

#define COUNT_MAX 65536u
#define BLOCK_MAX ((uint64_t)256 << 20)
#define DUMP_COLUMNS 16u

static CliExit bus_refused(const CliContext *cli, const char *what, uint64_t address, unsigned size,
                           qosim_bus bus)
{
    return cli_refused(cli, "%s of %u bytes at 0x%08" PRIx64 ": %s", what, size, address,
                       cli_bus_text(bus));
}

/* Address and width (default: a word of 4 bytes) of read and write. */
static bool take_access(const CliContext *cli, const CliArgs *args, unsigned width_word,
                        uint64_t *address, unsigned *size)
{
    const char *width = cli_args_word(args, width_word);

    if (!cli_number(cli_args_word(args, 0), address)) {
        cli_usage_error(cli, "'%s': not an address", cli_args_word(args, 0));
        return false;
    }
    *size = width ? cli_width(width) : 4;
    if (*size == 0) {
        cli_usage_error(cli, "'%s': a width is b, w, l, q or 1, 2, 4, 8 bytes (for more: --block)",
                        width);
        return false;
    }
    return true;
}

static CliExit read_one(CliContext *cli, uint64_t address, unsigned size, bool dma,
                        bool with_address)
{
    qosim_bus bus = QOSIM_BUS_OK;
    uint64_t data = 0;
    qosim_result result = dma ? qosim_dma_read(cli->session, address, size, &data, &bus)
                              : qosim_read(cli->session, address, size, &data, &bus);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    if (bus != QOSIM_BUS_OK) {
        return bus_refused(cli, "read", address, size, bus);
    }
    if (with_address) {
        printf("0x%08" PRIx64 "\t", address);
    }
    printf("0x%0*" PRIx64 "\n", (int)(2 * size), data);
    return CLI_OK;
}

static void print_dump(uint64_t address, const uint8_t *data, size_t length)
{
    for (size_t row = 0; row < length; row += DUMP_COLUMNS) {
        printf("0x%08" PRIx64 " ", address + row);
        for (size_t i = row; i < MIN(length, row + DUMP_COLUMNS); i++) {
            printf(" %02x", data[i]);
        }
        printf("\n");
    }
}

static void print_hex(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf("%02x", data[i]);
    }
    printf("\n");
}

static CliExit read_block(CliContext *cli, const CliArgs *args, uint64_t address, uint64_t length)
{
    g_autofree uint8_t *data = g_try_malloc(length);
    qosim_bus bus = QOSIM_BUS_OK;
    qosim_result result;

    if (!data) {
        return cli_refused(cli, "no memory for %" PRIu64 " bytes", length);
    }
    result = qosim_read_block(cli->session, address, data, length, &bus);
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    if (bus != QOSIM_BUS_OK) {
        return cli_refused(cli, "read of %" PRIu64 " bytes at 0x%08" PRIx64 ": %s", length, address,
                           cli_bus_text(bus));
    }
    if (cli_args_has(args, "raw")) {
        fwrite(data, 1, length, stdout);
    } else if (cli_args_has(args, "hex")) {
        print_hex(data, length);
    } else {
        print_dump(address, data, length);
    }
    return CLI_OK;
}

static CliExit run_read(CliContext *cli, const CliArgs *args)
{
    g_autoptr(GError) error = NULL;
    const char *count_word = cli_args_word(args, 2);
    uint64_t address;
    uint64_t count = 1;
    uint64_t length;
    unsigned size;
    CliExit code = CLI_OK;

    if (!take_access(cli, args, 1, &address, &size)) {
        return CLI_USAGE;
    }
    if (!cli_args_number(args, "block", BLOCK_MAX, 0, &length, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (cli_args_has(args, "block")) {
        return args->n_words > 1 || length == 0
                   ? cli_usage_error(cli, "--block wants a length above 0 and no width")
                   : read_block(cli, args, address, length);
    }
    if (count_word && (!cli_number(count_word, &count) || count == 0 || count > COUNT_MAX)) {
        return cli_usage_error(cli, "'%s': a count is 1 to %u", count_word, COUNT_MAX);
    }
    for (uint64_t i = 0; i < count && code == CLI_OK; i++) {
        code =
            read_one(cli, address + i * size, size, cli_args_has(args, "dma"), count_word != NULL);
    }
    return code;
}

static CliExit bus_outcome(CliContext *cli, qosim_result result, qosim_bus bus, uint64_t address,
                           uint64_t length)
{
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    if (bus != QOSIM_BUS_OK) {
        return cli_refused(cli, "write of %" PRIu64 " bytes at 0x%08" PRIx64 ": %s", length,
                           address, cli_bus_text(bus));
    }
    return CLI_OK;
}

static CliExit write_file(CliContext *cli, uint64_t address, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    qosim_bus bus = QOSIM_BUS_OK;
    gsize length;
    qosim_result result;

    if (!g_file_get_contents(name, &data, &length, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (length == 0 || length > BLOCK_MAX) {
        return cli_usage_error(cli, "'%s' has %zu bytes; 1 to %" PRIu64 " can be written", name,
                               length, BLOCK_MAX);
    }
    result = qosim_write_block(cli->session, address, data, length, &bus);
    return bus_outcome(cli, result, bus, address, length);
}

static CliExit write_value(CliContext *cli, const CliArgs *args, uint64_t address, unsigned size)
{
    const char *text = cli_args_word(args, 1);
    qosim_bus bus = QOSIM_BUS_OK;
    uint64_t top = size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
    uint64_t value;
    qosim_result result;

    if (!cli_register_value(text, &value)) {
        return cli_usage_error(cli, "'%s': not a number", text);
    }
    if (text[0] == '-' && value > UINT64_MAX - (top >> 1) - 1) {
        value &= top;
    }
    if (value > top) {
        return cli_usage_error(cli, "'%s' does not fit into %u bytes", text, size);
    }
    result = cli_args_has(args, "dma") ? qosim_dma_write(cli->session, address, size, value, &bus)
                                       : qosim_write(cli->session, address, size, value, &bus);
    return bus_outcome(cli, result, bus, address, size);
}

static CliExit fill(CliContext *cli, const CliArgs *args, uint64_t address, uint64_t length)
{
    qosim_bus bus = QOSIM_BUS_OK;
    uint64_t value;
    qosim_result result;

    if (!cli_number(cli_args_word(args, 1), &value) || value > UINT8_MAX) {
        return cli_usage_error(cli, "'%s': not a byte", cli_args_word(args, 1));
    }
    result = qosim_fill_block(cli->session, address, length, (uint8_t)value, &bus);
    return bus_outcome(cli, result, bus, address, length);
}

static CliExit run_write(CliContext *cli, const CliArgs *args)
{
    g_autoptr(GError) error = NULL;
    const char *file = cli_args_text(args, "file", NULL);
    uint64_t address;
    uint64_t length;
    unsigned size;

    if (!take_access(cli, args, 2, &address, &size)) {
        return CLI_USAGE;
    }
    if (!cli_args_number(args, "fill", BLOCK_MAX, 0, &length, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (file) {
        return args->n_words > 1 ? cli_usage_error(cli, "with --file no value is wanted")
                                 : write_file(cli, address, file);
    }
    if (args->n_words < 2) {
        return cli_usage_error(cli, "a value is missing");
    }
    if (cli_args_has(args, "fill")) {
        return args->n_words > 2 || length == 0
                   ? cli_usage_error(cli, "--fill wants a length above 0 and no width")
                   : fill(cli, args, address, length);
    }
    return write_value(cli, args, address, size);
}

static const CliOption read_options[] = {
    { "dma", 0, NULL, "as DMA does: cut into pieces that the device takes, unaligned is fine" },
    { "block", 0, "LENGTH", "read LENGTH bytes as one block and dump them" },
    { "hex", 0, NULL, "with --block: print one line of hexadecimal digits" },
    { "raw", 0, NULL, "with --block: print the bytes themselves" },
    { NULL, 0, NULL, NULL },
};

static const CliOption write_options[] = {
    { "dma", 0, NULL, "as DMA does: cut into pieces that the device takes, unaligned is fine" },
    { "file", 0, "FILE", "write the contents of FILE as one block" },
    { "fill", 0, "LENGTH", "write the byte VALUE LENGTH times" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_memory_commands[] = {
    { .name = "read",
      .arguments = "ADDR [b|w|l|q [COUNT]]",
      .summary = "Read a register (default l: 4 bytes), COUNT of them, or a block",
      .details =
          "Prints 0x and two digits per byte; with COUNT, address and value on a line each.\n"
          "A refused access is told on standard error and ends the program with code 1.\n"
          "Example: qosim read 0x10012000\n",
      .options = read_options,
      .min_words = 1,
      .max_words = 3,
      .run = run_read },
    { .name = "write",
      .arguments = "ADDR VALUE [b|w|l|q]",
      .summary = "Write a register (default l: 4 bytes) or a block",
      .details = "Example: qosim write 0x10012008 0xff\n",
      .options = write_options,
      .min_words = 1,
      .max_words = 3,
      .run = run_write },
    { .name = NULL },
};
