/* Host input at given virtual times, so that a run with input can be repeated exactly. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cosim/iss/iss.h"

typedef struct Step {
    uint64_t time_ns;
    unsigned number; /* of its line in the file */
    char *path;      /* of a line's device, or a chardev's id */
    char *text;      /* for a chardev; NULL: a line is meant */
    uint32_t index;
    int level;
} Step;

struct Script {
    GArray *steps;
    guint next;
};

static void step_clear(gpointer data)
{
    Step *step = data;

    g_free(step->path);
    g_free(step->text);
}

/* "TIME line PATH INDEX LEVEL", "TIME chardev ID TEXT", where TEXT may have C's escapes. */
static bool parse_step(const char *text, Step *step)
{
    g_auto(GStrv) words = g_strsplit(text, " ", 5);
    const guint n = g_strv_length(words);
    guint64 index = 0;
    guint64 level = 0;

    if (n < 4 || !g_ascii_string_to_unsigned(words[0], 10, 0, INT64_MAX, &step->time_ns, NULL)) {
        return false;
    }
    step->path = g_strdup(words[2]);
    if (g_str_equal(words[1], "line") && n == 5 &&
        g_ascii_string_to_unsigned(words[3], 10, 0, G_MAXUINT32, &index, NULL) &&
        g_ascii_string_to_unsigned(words[4], 10, 0, 1, &level, NULL)) {
        step->index = (uint32_t)index;
        step->level = (int)level;
        return true;
    }
    if (g_str_equal(words[1], "chardev")) {
        g_autofree char *joined = g_strjoinv(" ", words + 3);

        step->text = g_strcompress(joined);
        return true;
    }
    return false;
}

static bool add_step(Script *script, const char *text, unsigned number, GError **error)
{
    const uint64_t before =
        script->steps->len ? g_array_index(script->steps, Step, script->steps->len - 1).time_ns : 0;
    Step step = { .number = number };
    const bool ok = parse_step(text, &step);

    g_array_append_val(script->steps, step);
    if (!ok) {
        g_set_error(
            error, ISS_ERROR, 0,
            "line %u: want 'TIME line PATH INDEX LEVEL' or 'TIME chardev ID TEXT', not '%s'",
            number, text);
        return false;
    }
    if (step.time_ns < before) {
        g_set_error(error, ISS_ERROR, 0, "line %u: %" PRIu64 " ns is before the line above", number,
                    step.time_ns);
        return false;
    }
    return true;
}

static bool parse(Script *script, char *text, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line && *line != '#' && !add_step(script, line, i + 1, error)) {
            return false;
        }
    }
    return true;
}

Script *script_open(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    Script *script;

    if (!g_file_get_contents(path, &text, NULL, error)) {
        g_prefix_error(error, "script: ");
        return NULL;
    }
    script = g_new0(Script, 1);
    script->steps = g_array_new(FALSE, TRUE, sizeof(Step));
    g_array_set_clear_func(script->steps, step_clear);
    if (!parse(script, text, error)) {
        g_prefix_error(error, "script '%s': ", path);
        script_free(script);
        return NULL;
    }
    return script;
}

void script_free(Script *script)
{
    g_array_free(script->steps, TRUE);
    g_free(script);
}

uint64_t script_due(const Script *script)
{
    return script->next < script->steps->len
               ? g_array_index(script->steps, Step, script->next).time_ns
               : UINT64_MAX;
}

static qosim_result carry_out(const Step *step, qosim_session *session)
{
    size_t accepted = 0;

    if (step->text) {
        return qosim_chardev_write(session, step->path, step->text, strlen(step->text), &accepted);
    }
    return qosim_set_line(session, step->path, NULL, step->index, step->level);
}

bool script_run(Script *script, Iss *iss, GError **error)
{
    qosim_session *session = qosim_bus_session(iss->port);

    while (script_due(script) <= iss_now(iss)) {
        const Step *step = &g_array_index(script->steps, Step, script->next++);

        if (carry_out(step, session) != QOSIM_OK) {
            g_set_error(error, ISS_ERROR, 0, "script, line %u: %s", step->number,
                        qosim_last_error(session));
            return false;
        }
    }
    return true;
}
