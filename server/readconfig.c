#include "server/readconfig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "qom/error.h"
#include "qom/value.h"
#include "server/suggest.h"

static const char *const groups[] = { "machine", "device", "object", "chardev", "global", NULL };

typedef struct Section {
    char *group; /* NULL before the first one */
    char *id;    /* NULL: none */
    char *origin;
    GVariantDict *map;
} Section;

static void section_clear(Section *section)
{
    g_clear_pointer(&section->group, g_free);
    g_clear_pointer(&section->id, g_free);
    g_clear_pointer(&section->origin, g_free);
    g_clear_pointer(&section->map, g_variant_dict_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Section, section_clear)

/* The value of @key in @map as text; NULL with @error when it is missing. Free with g_free(). */
static char *require(const Section *section, GVariant *map, const char *key, GError **error)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(map, key, NULL);

    if (!value) {
        qom_error_set(error, "%s: Parameter '%s' is missing", section->origin, key);
        return NULL;
    }
    return qom_value_print(value);
}

static bool file_global(MachineConfig *config, const Section *section, GVariant *map,
                        GError **error)
{
    g_autofree char *driver = require(section, map, "driver", error);
    g_autofree char *property = driver ? require(section, map, "property", error) : NULL;
    g_autofree char *value = property ? require(section, map, "value", error) : NULL;

    if (!value) {
        return false;
    }
    machine_config_add_global(config, section->origin, driver, property, value);
    return true;
}

/* Hands a finished section on. */
static bool file_section(MachineConfig *config, Section *section, GError **error)
{
    g_autoptr(GVariant) map = NULL;

    if (!section->group) {
        return true;
    }
    if (section->id) {
        g_variant_dict_insert_value(section->map, "id", qom_value_new_text(section->id));
    }
    map = g_variant_ref_sink(g_variant_dict_end(section->map));
    if (strcmp(section->group, "machine") == 0) {
        machine_config_set_machine(config, section->origin, map);
    } else if (strcmp(section->group, "device") == 0) {
        machine_config_add_device(config, section->origin, map);
    } else if (strcmp(section->group, "object") == 0) {
        machine_config_add_object(config, section->origin, map);
    } else if (strcmp(section->group, "chardev") == 0) {
        machine_config_add_chardev(config, section->origin, map);
    } else {
        return file_global(config, section, map, error);
    }
    return true;
}

static bool is_group(const char *name)
{
    for (const char *const *group = groups; *group; group++) {
        if (strcmp(name, *group) == 0) {
            return true;
        }
    }
    return false;
}

static bool unknown_group(const char *name, GError **error)
{
    const char *nearest = suggest_nearest(name, groups);

    if (nearest) {
        return qom_error_set(error, "there is no group '%s'; did you mean '%s'?", name, nearest);
    }
    return qom_error_set(error, "there is no group '%s'", name);
}

static bool takes_id(const char *group)
{
    return strcmp(group, "device") == 0 || strcmp(group, "object") == 0 ||
           strcmp(group, "chardev") == 0;
}

/* [group] or [group "id"], in @line without the blanks around it. */
static bool parse_header(const char *line, Section *section, GError **error)
{
    size_t len = strlen(line);
    g_autofree char *inner = NULL;
    char *quote;

    if (line[len - 1] != ']') {
        return qom_error_set(error, "']' is missing at the end of '%s'", line);
    }
    inner = g_strstrip(g_strndup(line + 1, len - 2));
    quote = strchr(inner, '"');
    if (quote) {
        size_t inner_len = strlen(inner);

        if (quote + 1 > inner + inner_len - 1 || inner[inner_len - 1] != '"') {
            return qom_error_set(error, "the id in '%s' has no closing quote", line);
        }
        section->id = g_strndup(quote + 1, (size_t)(inner + inner_len - 1 - (quote + 1)));
        *quote = '\0';
        g_strchomp(inner);
    }
    if (!is_group(inner)) {
        return unknown_group(inner, error);
    }
    if (section->id && !takes_id(inner)) {
        return qom_error_set(error, "group '%s' takes no id", inner);
    }
    section->group = g_steal_pointer(&inner);
    section->map = g_variant_dict_new(NULL);
    return true;
}

/* key = "value", in @line without the blanks around it. */
static bool parse_pair(const char *line, Section *section, GError **error)
{
    const char *equals = strchr(line, '=');
    g_autofree char *key = NULL;
    g_autofree char *value = NULL;
    size_t len;

    if (!equals || equals == line) {
        return qom_error_set(error, "'%s' is neither [group] nor key = \"value\"", line);
    }
    if (!section->group) {
        return qom_error_set(error, "'%s' stands before the first [group]", line);
    }
    key = g_strchomp(g_strndup(line, (size_t)(equals - line)));
    value = g_strchug(g_strdup(equals + 1));
    len = strlen(value);
    if (value[0] == '"') {
        if (len < 2 || value[len - 1] != '"') {
            return qom_error_set(error, "the value of '%s' has no closing quote", key);
        }
        value[len - 1] = '\0';
        memmove(value, value + 1, len - 1);
    }
    g_variant_dict_insert_value(section->map, key, qom_value_new_text(value));
    return true;
}

static bool parse_line(char *line, const char *path, unsigned number, MachineConfig *config,
                       Section *section, GError **error)
{
    g_strstrip(line);
    if (line[0] == '\0' || line[0] == '#') {
        return true;
    }
    if (line[0] == '[') {
        if (!file_section(config, section, error)) {
            return false;
        }
        section_clear(section);
        section->origin = g_strdup_printf("%s:%u", path, number);
        if (parse_header(line, section, error)) {
            return true;
        }
    } else if (parse_pair(line, section, error)) {
        return true;
    }
    g_prefix_error(error, "%s:%u: ", path, number);
    return false;
}

bool readconfig_parse(const char *text, const char *path, MachineConfig *config, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_auto(Section) section = { 0 };

    for (unsigned i = 0; lines[i]; i++) {
        if (!parse_line(lines[i], path, i + 1, config, &section, error)) {
            return false;
        }
    }
    return file_section(config, &section, error);
}

static bool file_error(const char *path, GError **error)
{
    return qom_error_set(error, "cannot read configuration file '%s': %s", path, g_strerror(errno));
}

/* Appends the file's bytes to @text, at most one more than may be. */
static bool read_file(const char *path, GString *text, GError **error)
{
    FILE *file = fopen(path, "re");
    char chunk[4096];
    size_t n = sizeof(chunk);
    bool ok;

    if (!file) {
        return file_error(path, error);
    }
    while (n == sizeof(chunk) && text->len <= READCONFIG_MAX_BYTES) {
        n = fread(chunk, 1, sizeof(chunk), file);
        g_string_append_len(text, chunk, (gssize)n);
    }
    ok = !ferror(file) || file_error(path, error);
    (void)fclose(file);
    return ok;
}

bool readconfig_load(const char *path, MachineConfig *config, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!read_file(path, text, error)) {
        return false;
    }
    if (text->len > READCONFIG_MAX_BYTES) {
        return qom_error_set(error, "configuration file '%s' is larger than %zu bytes", path,
                             READCONFIG_MAX_BYTES);
    }
    if (strlen(text->str) != text->len || !g_utf8_validate(text->str, (gssize)text->len, NULL)) {
        return qom_error_set(error, "configuration file '%s' is not text", path);
    }
    return readconfig_parse(text->str, path, config, error);
}
