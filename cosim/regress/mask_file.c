#include "cosim/regress/mask_file.h"

#include <inttypes.h>

#include "cosim/cli/number.h"
#include "cosim/regress/error.h"
#include "cosim/regress/text_file.h"

#define MASK_FILE_SIZE_MAX ((gsize)1 << 20)

typedef struct Parser {
    Pair *pair;
    unsigned *lines; /* by register: that names it; 0: none did */
    unsigned masks;
} Parser;

static bool unknown_register(const Parser *parser, const TextLine *line, GError **error)
{
    const char *name = line->words[0];
    const char *near = regress_register_near(parser->pair->device, name);

    return near ? text_line_wrong(line, error, "no register %s; is it %s?", name, near)
                : text_line_wrong(line, error, "no register %s in %s", name,
                                  parser->pair->device->name);
}

/* REGISTER BITS */
static bool take_line(void *opaque, const TextLine *line, GError **error)
{
    Parser *parser = opaque;
    const RegressDevice *device = parser->pair->device;
    const RegressRegister *reg = regress_register_named(device, line->words[0]);
    uint64_t bits = 0;

    if (!reg) {
        return unknown_register(parser, line, error);
    }
    if (line->n_words != 2 || !cli_number(line->words[1], &bits) || bits > UINT32_MAX) {
        return text_line_wrong(line, error, "a mask is REGISTER BITS  # why");
    }
    if (!line->has_comment) {
        return text_line_wrong(line, error, "what is not compared needs its reason behind a #");
    }
    if (parser->lines[reg - device->registers]) {
        return text_line_wrong(line, error, "%s has its mask in line %u", reg->name,
                               parser->lines[reg - device->registers]);
    }
    parser->lines[reg - device->registers] = line->number;
    parser->masks++;
    return pair_mask(parser->pair, reg->name, (uint32_t)bits, error);
}

bool mask_file_parse(const char *file, const char *text, Pair *pair, GError **error)
{
    g_autofree unsigned *lines = g_new0(unsigned, pair->device->n_registers);
    Parser parser = { .pair = pair, .lines = lines };

    if (!text_file_take(file, text, take_line, &parser, error)) {
        return false;
    }
    if (parser.masks == 0) {
        regress_usage(error, "%s has no mask: a line is REGISTER BITS  # why", file);
        return false;
    }
    return true;
}

bool mask_file_load(const char *path, Pair *pair, GError **error)
{
    g_autofree char *text = text_file_read(path, MASK_FILE_SIZE_MAX, "mask file", error);

    return text && mask_file_parse(path, text, pair, error);
}
