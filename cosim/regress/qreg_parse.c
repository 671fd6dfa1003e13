#include "cosim/regress/qreg.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/cli/number.h"
#include "cosim/regress/error.h"

/* Where in the file the parser is, and what the file speaks of. */
typedef struct Parser {
    const char *file;
    unsigned line;
    const RegressDevice *device;
} Parser;

static bool complain(const Parser *parser, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static bool complain(const Parser *parser, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    regress_usage(error, "%s:%u: %s", parser->file, parser->line, text);
    return false;
}

static bool parse_number(const Parser *parser, const char *word, uint64_t max, const char *what,
                         uint64_t *value, GError **error)
{
    if (!cli_number(word, value)) {
        return complain(parser, error, "%s must be a number, not \"%s\"", what, word);
    }
    return *value <= max ||
           complain(parser, error, "%s is at most 0x%" PRIx64 ", not %s", what, max, word);
}

static bool unknown_register(const Parser *parser, const char *name, GError **error)
{
    const char *near = regress_register_near(parser->device, name);

    return near ? complain(parser, error, "no register %s; is it %s?", name, near)
                : complain(parser, error, "no register %s; it is a name of %s or an offset", name,
                           parser->device->name);
}

/* NAME, NAME+BYTES or OFFSET. */
static bool parse_place(const Parser *parser, const char *word, Op *op, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, "+", 2);
    const RegressRegister *reg = regress_register_named(parser->device, parts[0]);
    uint64_t value = 0;

    if (reg) {
        if (parts[1] &&
            !parse_number(parser, parts[1], 3, "what is added to a register", &value, error)) {
            return false;
        }
        op->offset = reg->offset + (uint32_t)value;
        return true;
    }
    if (!g_ascii_isdigit(word[0])) {
        return unknown_register(parser, parts[0], error);
    }
    if (!parse_number(parser, word, parser->device->size - 1, "an offset", &value, error)) {
        return false;
    }
    op->offset = (uint32_t)value;
    return true;
}

static bool parse_size(const Parser *parser, const char *word, Op *op, GError **error)
{
    uint64_t size = 0;

    if (!g_str_has_prefix(word, "size=")) {
        return complain(parser, error, "\"%s\" is too much here", word);
    }
    if (!cli_number(word + strlen("size="), &size) ||
        (size != 1 && size != 2 && size != 4 && size != 8)) {
        return complain(parser, error, "a size is 1, 2, 4 or 8, not %s", word + strlen("size="));
    }
    op->size = (uint8_t)size;
    return true;
}

static bool check_access(const Parser *parser, const Op *op, GError **error)
{
    if (op->offset % op->size != 0) {
        return complain(parser, error, "%u bytes at offset 0x%" PRIx32 " are not aligned", op->size,
                        op->offset);
    }
    if (op->offset + op->size > parser->device->size) {
        return complain(parser, error, "%u bytes at offset 0x%" PRIx32 " are beyond the end",
                        op->size, op->offset);
    }
    return op->value <= op_size_mask(op->size) ||
           complain(parser, error, "0x%" PRIx64 " does not fit into %u byte(s)", op->value,
                    op->size);
}

/* strobes=BITS */
static bool parse_strobes(const Parser *parser, const char *word, Op *op, GError **error)
{
    uint64_t strobes = 0;

    if (op->kind != OP_WRITE || op->size != 4) {
        return complain(parser, error, "strobes are for writes of 4 bytes");
    }
    if (!parse_number(parser, word + strlen("strobes="), 0xf, "strobes", &strobes, error)) {
        return false;
    }
    op->by_strobes = true;
    op->strobes = (uint8_t)strobes;
    return true;
}

/* phase=N */
static bool parse_phase(const Parser *parser, const char *word, Op *op, GError **error)
{
    uint64_t phase = 0;

    if (!parse_number(parser, word + strlen("phase="), OP_PHASES - 1, "a phase", &phase, error)) {
        return false;
    }
    op->phase = (uint8_t)phase;
    return true;
}

/* [size=N | strobes=BITS] [phase=N], the words from @first on */
static bool parse_how(const Parser *parser, char *const *words, unsigned first, unsigned n, Op *op,
                      GError **error)
{
    bool sized = false;
    bool ok = true;

    for (unsigned i = first; i < n && ok; i++) {
        if (g_str_has_prefix(words[i], "phase=")) {
            ok = parse_phase(parser, words[i], op, error);
        } else if (sized) {
            ok = complain(parser, error, "\"%s\" is too much here", words[i]);
        } else if (g_str_has_prefix(words[i], "strobes=")) {
            ok = parse_strobes(parser, words[i], op, error);
            sized = true;
        } else {
            ok = parse_size(parser, words[i], op, error);
            sized = true;
        }
    }
    return ok;
}

/* read PLACE and write PLACE VALUE, with how they are done */
static bool parse_access(const Parser *parser, char *const *words, unsigned n, Op *op,
                         GError **error)
{
    unsigned least = op->kind == OP_WRITE ? 3 : 2;

    if (n < least) {
        return complain(parser, error, "%s",
                        op->kind == OP_WRITE ? "write wants PLACE VALUE" : "read wants PLACE");
    }
    op->size = 4;
    return parse_place(parser, words[1], op, error) &&
           (op->kind != OP_WRITE ||
            parse_number(parser, words[2], UINT64_MAX, "a value", &op->value, error)) &&
           parse_how(parser, words, least, n, op, error) && check_access(parser, op, error);
}

/* [phase=N] [unsettled], the words from @first on */
static bool parse_when(const Parser *parser, char *const *words, unsigned first, unsigned n, Op *op,
                       GError **error)
{
    for (unsigned i = first; i < n; i++) {
        if (strcmp(words[i], "unsettled") == 0 && op_may_be_unsettled(op)) {
            op->unsettled = true;
        } else if (g_str_has_prefix(words[i], "phase=") && op->kind != OP_ADVANCE) {
            if (!parse_phase(parser, words[i], op, error)) {
                return false;
            }
        } else {
            return complain(parser, error, "\"%s\" is too much here", words[i]);
        }
    }
    return true;
}

/* N high|low|released, the two words from @words on */
static bool parse_level(const Parser *parser, char *const *words, Op *op, GError **error)
{
    static const struct {
        const char *word;
        int8_t level;
    } levels[] = {
        { "high", 1 }, { "1", 1 }, { "low", 0 }, { "0", 0 }, { "released", OP_RELEASED }
    };
    size_t n_levels = G_N_ELEMENTS(levels) - (op->kind == OP_INPUT ? 1 : 0);
    uint64_t line = 0;

    if (!parse_number(parser, words[0], parser->device->n_lines - 1, "a line's number", &line,
                      error)) {
        return false;
    }
    op->line = (uint8_t)line;
    for (size_t i = 0; i < n_levels; i++) {
        if (strcmp(words[1], levels[i].word) == 0) {
            op->level = levels[i].level;
            return true;
        }
    }
    return op->kind == OP_INPUT
               ? complain(parser, error, "an input is high or low, not \"%s\"", words[1])
               : complain(parser, error, "a line is high, low or released, not \"%s\"", words[1]);
}

/* line N high|low|released [phase=N] [unsettled] */
static bool parse_line_op(const Parser *parser, char *const *words, unsigned n, Op *op,
                          GError **error)
{
    if (n < 3) {
        return complain(parser, error, "line wants N high|low|released");
    }
    return parse_level(parser, &words[1], op, error) && parse_when(parser, words, 3, n, op, error);
}

static bool unknown_list(const Parser *parser, const char *name, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (size_t i = 0; i < parser->device->n_inputs; i++) {
        g_string_append_printf(all, "%s%s", i > 0 ? ", " : "", parser->device->inputs[i]);
    }
    return complain(parser, error, "no list of inputs %s; there are %s", name,
                    all->len > 0 ? all->str : "none");
}

/* input LIST N high|low [phase=N] [unsettled] */
static bool parse_input_op(const Parser *parser, char *const *words, unsigned n, Op *op,
                           GError **error)
{
    const RegressDevice *device = parser->device;
    size_t list = 0;

    if (n < 4) {
        return complain(parser, error, "input wants LIST N high|low");
    }
    while (list < device->n_inputs && strcmp(words[1], device->inputs[list]) != 0) {
        list++;
    }
    if (list == device->n_inputs) {
        return unknown_list(parser, words[1], error);
    }
    op->list = (uint8_t)list;
    return parse_level(parser, &words[2], op, error) && parse_when(parser, words, 4, n, op, error);
}

/* advance NS [unsettled] */
static bool parse_advance(const Parser *parser, char *const *words, unsigned n, Op *op,
                          GError **error)
{
    if (n < 2) {
        return complain(parser, error, "advance wants NS");
    }
    return parse_number(parser, words[1], INT64_MAX, "a time in ns", &op->value, error) &&
           parse_when(parser, words, 2, n, op, error);
}

static bool parse_op(const Parser *parser, char *const *words, unsigned n, Op *op, GError **error)
{
    static const char *const names[OP_KINDS] = { "read",  "write", "line",
                                                 "input", "reset", "advance" };
    unsigned kind = 0;

    while (kind < OP_KINDS && strcmp(words[0], names[kind]) != 0) {
        kind++;
    }
    *op = (Op){ .kind = (uint8_t)kind };
    switch (kind) {
    case OP_READ:
    case OP_WRITE:
        return parse_access(parser, words, n, op, error);
    case OP_LINE:
        return parse_line_op(parser, words, n, op, error);
    case OP_INPUT:
        return parse_input_op(parser, words, n, op, error);
    case OP_RESET:
        return parse_when(parser, words, 1, n, op, error);
    case OP_ADVANCE:
        return parse_advance(parser, words, n, op, error);
    default:
        return complain(parser, error,
                        "no operation %s; it is read, write, line, input, reset or advance",
                        words[0]);
    }
}

static bool parse_bus(const char *word, Step *step)
{
    for (int bus = QOSIM_BUS_OK; bus <= OP_BUS_VIOLATION; bus++) {
        if (g_strcmp0(word, qreg_bus_name(bus)) == 0) {
            step->outcome.bus = bus;
            step->known |= OBSERVED_BUS;
            return true;
        }
    }
    return false;
}

static bool parse_levels(const Parser *parser, const char *word, Step *step, bool *taken,
                         GError **error)
{
    const struct {
        const char *prefix;
        uint32_t *levels;
        Observed what;
    } members[] = {
        { "irq=", &step->outcome.levels.irq, OBSERVED_IRQ },
        { "out=", &step->outcome.levels.out, OBSERVED_OUT },
        { "driven=", &step->outcome.levels.driven, OBSERVED_DRIVEN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        uint64_t value = 0;

        if (!g_str_has_prefix(word, members[i].prefix)) {
            continue;
        }
        *taken = true;
        if (!parse_number(parser, word + strlen(members[i].prefix), UINT32_MAX, members[i].prefix,
                          &value, error)) {
            return false;
        }
        *members[i].levels = (uint32_t)value;
        step->known |= members[i].what;
        return true;
    }
    return true;
}

static bool parse_outcome_word(const Parser *parser, const char *word, Step *step, GError **error)
{
    bool taken = parse_bus(word, step);

    if (!taken && !parse_levels(parser, word, step, &taken, error)) {
        return false;
    }
    if (taken) {
        return true;
    }
    if (step->op.kind != OP_READ) {
        return complain(parser, error, "\"%s\" is no outcome of this operation", word);
    }
    step->known |= OBSERVED_DATA;
    return parse_number(parser, word, op_size_mask(step->op.size), "what is read",
                        &step->outcome.data, error);
}

static bool parse_step(const Parser *parser, char *const *words, Step *step, GError **error)
{
    unsigned n = 0;

    while (words[n] && strcmp(words[n], "=>") != 0) {
        n++;
    }
    if (n == 0) {
        return complain(parser, error, "no operation before \"=>\"");
    }
    step->source_line = parser->line;
    step->outcome.bus = QOSIM_BUS_OK;
    if (!parse_op(parser, words, n, &step->op, error)) {
        return false;
    }
    for (unsigned i = n; words[i] && words[i + 1]; i++) {
        if (!parse_outcome_word(parser, words[i + 1], step, error)) {
            return false;
        }
    }
    return true;
}

/* The words of a line up to its comment. */
static char **split_words(const char *line, size_t length)
{
    g_autofree char *text = g_strndup(line, length);
    GPtrArray *words = g_ptr_array_new();
    char *rest = NULL;

    text[strcspn(text, "#")] = '\0';
    for (char *word = strtok_r(text, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        g_ptr_array_add(words, g_strdup(word));
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

GArray *qreg_parse(const char *file, const char *text, const RegressDevice *device, GError **error)
{
    Parser parser = { .file = file, .device = device };
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));

    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        g_auto(GStrv) words = split_words(line, length);
        Step step = { .known = 0 };

        parser.line++;
        if (words[0]) {
            if (!parse_step(&parser, words, &step, error)) {
                return NULL;
            }
            g_array_append_val(steps, step);
        }
        line += length + (line[length] == '\n');
    }
    return g_steal_pointer(&steps);
}

GArray *qreg_load(const char *path, const RegressDevice *device, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) cause = NULL;
    gsize length = 0;

    if (!g_file_get_contents(path, &text, &length, &cause)) {
        regress_usage(error, "%s", cause->message);
        return NULL;
    }
    if (length > QREG_SIZE_MAX || memchr(text, '\0', length)) {
        regress_usage(error, "%s is no .qreg file", path);
        return NULL;
    }
    return qreg_parse(path, text, device, error);
}
