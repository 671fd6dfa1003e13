#include "commands.h"

#include <stddef.h>

#include "plic.h"
#include "soc.h"
#include "trap.h"
#include "virtio_console.h"

#define GPIO_PINS 32u
#define PEEK_MAX 64u

typedef struct Command {
    const char *name;
    const char *arguments;
    const char *summary;
    unsigned min_words, max_words; /* after the name */
    void (*run)(Shell *shell, char **words, unsigned n);
    bool raw; /* the rest of the line is one word, as it is */
} Command;

static const Command commands[];
static bool exit_wanted;

bool commands_want_exit(void)
{
    return exit_wanted;
}

static void run_help(Shell *shell, char **words, unsigned n)
{
    (void)words;
    (void)n;
    for (const Command *c = commands; c->name; c++) {
        shell_print(shell, "%s%s%s: %s\r\n", c->name, c->arguments[0] ? " " : "", c->arguments,
                    c->summary);
    }
}

static void run_echo(Shell *shell, char **words, unsigned n)
{
    shell_print(shell, "%s\r\n", n > 0 ? words[0] : "");
}

/* Reads a number of at most @max, or says what is wrong with it. */
static bool take_number(Shell *shell, const char *word, uint32_t max, uint32_t *value)
{
    if (!parse_number(word, value)) {
        shell_print(shell, "'%s' is not a number of 32 bits\r\n", word);
        return false;
    }
    if (*value > max) {
        shell_print(shell, "%s is too much; the highest is %u\r\n", word, (unsigned)max);
        return false;
    }
    return true;
}

static bool take_address(Shell *shell, const char *word, uint32_t *address)
{
    if (!take_number(shell, word, UINT32_MAX, address)) {
        return false;
    }
    if (*address % 4 != 0) {
        shell_print(shell, "0x%08x is not a multiple of 4\r\n", (unsigned)*address);
        return false;
    }
    return true;
}

/* --- gpio --- */

static void show_pin(Shell *shell, unsigned pin)
{
    const uint32_t bit = 1u << pin;

    shell_print(shell, "pin %u: %s, %u\r\n", pin,
                read32(GPIO_OUTPUT_EN) & bit  ? "output"
                : read32(GPIO_INPUT_EN) & bit ? "input"
                                              : "off",
                (read32(GPIO_VALUE) & bit) != 0);
}

static void drive_pin(Shell *shell, unsigned pin, uint32_t level)
{
    const uint32_t bit = 1u << pin;
    const uint32_t port = read32(GPIO_PORT);

    if (!(read32(GPIO_OUTPUT_EN) & bit)) {
        shell_print(shell, "pin %u is not an output\r\n", pin);
        return;
    }
    write32(GPIO_PORT, level ? port | bit : port & ~bit);
    show_pin(shell, pin);
}

static void run_gpio(Shell *shell, char **words, unsigned n)
{
    uint32_t levels, pin, level;

    if (!try_read32(GPIO_VALUE, &levels)) {
        shell_print(shell, "there is no GPIO at 0x%08x\r\n", GPIO);
        return;
    }
    if (n == 0) {
        shell_print(shell, "levels 0x%08x, inputs 0x%08x, outputs 0x%08x driven to 0x%08x\r\n",
                    (unsigned)levels, (unsigned)read32(GPIO_INPUT_EN),
                    (unsigned)read32(GPIO_OUTPUT_EN), (unsigned)read32(GPIO_PORT));
        return;
    }
    if (!take_number(shell, words[0], GPIO_PINS - 1, &pin)) {
        return;
    }
    if (n == 1) {
        show_pin(shell, pin);
    } else if (take_number(shell, words[1], 1, &level)) {
        drive_pin(shell, pin, level);
    }
}

/* --- peek, poke --- */

static void run_peek(Shell *shell, char **words, unsigned n)
{
    uint32_t address, value;
    uint32_t count = 1;

    if (!take_address(shell, words[0], &address) ||
        (n > 1 && !take_number(shell, words[1], PEEK_MAX, &count))) {
        return;
    }
    for (uint32_t i = 0; i < count; i++, address += 4) {
        if (!try_read32(address, &value)) {
            shell_print(shell, "0x%08x: nothing there can be read (access fault)\r\n",
                        (unsigned)address);
            return;
        }
        shell_print(shell, "0x%08x: 0x%08x\r\n", (unsigned)address, (unsigned)value);
    }
}

static void run_poke(Shell *shell, char **words, unsigned n)
{
    uint32_t address, value;

    (void)n;
    if (!take_address(shell, words[0], &address) ||
        !take_number(shell, words[1], UINT32_MAX, &value)) {
        return;
    }
    if (!try_write32(address, value)) {
        shell_print(shell, "0x%08x: nothing there can be written (access fault)\r\n",
                    (unsigned)address);
    }
}

/* --- The rest --- */

static void run_irq(Shell *shell, char **words, unsigned n)
{
    (void)words;
    (void)n;
    for (unsigned source = 1; source < PLIC_SOURCES; source++) {
        if (plic_count(source) > 0) {
            shell_print(shell, "source %u: %u interrupts\r\n", source,
                        (unsigned)plic_count(source));
        }
    }
}

static void run_ports(Shell *shell, char **words, unsigned n)
{
    const VirtioConsole *c = ((ConsolePort *)shell->opaque)->console;

    (void)words;
    (void)n;
    if (c->columns) {
        shell_print(shell, "terminal of %u columns, %u rows\r\n", c->columns, c->rows);
    }
    for (unsigned i = 0; i < CONSOLE_PORTS; i++) {
        const ConsolePort *port = &c->ports[i];

        if (!port->present) {
            continue;
        }
        shell_print(shell, "port %u: %s%s%s, host %s, %u bytes in, %u out", i,
                    port->service ? port->service->name : "not open", port->name[0] ? " " : "",
                    port->name, port->host_open ? "open" : "closed", (unsigned)port->bytes_in,
                    (unsigned)port->bytes_out);
        if (port->lost || port->dropped) {
            shell_print(shell, ", %u buffers lost, %u bytes dropped", port->lost,
                        (unsigned)port->dropped);
        }
        shell_print(shell, "\r\n");
    }
    if (c->restarts) {
        shell_print(shell, "started anew %u times\r\n", c->restarts);
    }
}

static void run_exit(Shell *shell, char **words, unsigned n)
{
    (void)words;
    (void)n;
    shell_print(shell, "bye\r\n");
    shell->ended = true;
    exit_wanted = true;
}

static const Command commands[] = {
    { "help", "", "lists the commands", 0, 0, run_help, false },
    { "echo", "TEXT", "prints TEXT", 0, 1, run_echo, true },
    { "gpio", "[PIN [0|1]]", "shows all pins or one, or drives an output", 0, 2, run_gpio, false },
    { "peek", "ADDRESS [COUNT]", "reads words of 32 bits", 1, 2, run_peek, false },
    { "poke", "ADDRESS VALUE", "writes a word of 32 bits", 2, 2, run_poke, false },
    { "irq", "", "counts interrupts by source", 0, 0, run_irq, false },
    { "ports", "", "lists the ports of the console device", 0, 0, run_ports, false },
    { "exit", "", "ends the simulation", 0, 0, run_exit, false },
    { NULL, NULL, NULL, 0, 0, NULL, false },
};

/* The word at the beginning of @line, ended; *@rest is what follows it. */
static char *first_word(char *line, char **rest)
{
    char *word;

    while (*line == ' ') {
        line++;
    }
    word = line;
    while (*line && *line != ' ') {
        line++;
    }
    if (*line) {
        *line++ = '\0';
    }
    *rest = line;
    return word;
}

void commands_run(Shell *shell, char *line)
{
    char *words[SHELL_WORDS];
    char *rest;
    const char *name = first_word(line, &rest);
    const Command *c = commands;
    unsigned n;

    if (!name[0]) {
        return;
    }
    while (c->name && !same_text(c->name, name)) {
        c++;
    }
    if (!c->name) {
        shell_print(shell, "there is no command '%s'; 'help' lists them\r\n", name);
        return;
    }
    if (c->raw) {
        words[0] = rest;
        n = rest[0] != '\0';
    } else {
        n = shell_split(rest, words);
    }
    if (n < c->min_words || n > c->max_words) {
        shell_print(shell, "usage: %s %s\r\n", c->name, c->arguments);
        return;
    }
    c->run(shell, words, n);
}
