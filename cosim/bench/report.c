/* What was measured, for people and for programs. */
#include "cosim/bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cosim/cli/table.h"

struct BenchTable {
    const char *const *headings;
    CliTable *table;
};

struct BenchJson {
    GString *text;
    GString *open;  /* the closing brackets that are due, innermost last */
    bool has_value; /* in the innermost bracket */
};

static char *cpu_name(void)
{
    g_autofree char *text = NULL;
    const char *line;
    const char *colon;

    if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) ||
        !(line = strstr(text, "model name")) || !(colon = strchr(line, ':'))) {
        return g_strdup("unknown processor");
    }
    return g_strstrip(g_strndup(colon + 1, strcspn(colon + 1, "\n")));
}

char *bench_machine_line(void)
{
    g_autofree char *cpu = cpu_name();
    double average = 0;
    int cores = bench_cores();

    (void)getloadavg(&average, 1);
    return g_strdup_printf("%s, %d core%s, load average %.2f", cpu, cores, cores == 1 ? "" : "s",
                           average);
}

static char *date_text(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();

    return g_date_time_format(now, "%Y-%m-%d %H:%M UTC");
}

void bench_print_heading(const BenchCommand *command, const BenchOptions *options)
{
    g_autofree char *machine = bench_machine_line();
    g_autofree char *date = date_text();

    printf("# qosim-bench %s %s, %s\n# %s\n# placement %s, load %s\n", command->name, QOSIM_VERSION,
           date, machine, bench_placement_name(options->placement), bench_load_name(options->load));
    if (command->has_rounds) {
        printf("# %d rounds of %d ms\n", options->rounds, options->round_ms);
    }
}

BenchTable *bench_table_new(const char *const *headings)
{
    BenchTable *table = g_new0(BenchTable, 1);

    table->headings = headings;
    table->table = cli_table_new(headings);
    return table;
}

void bench_table_add(BenchTable *table, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    cli_table_add(table->table, text);
}

char *bench_number(double value)
{
    if (value == 0 || !isfinite(value)) {
        return g_strdup("-");
    }
    if (fabs(value) >= 100) {
        return g_strdup_printf("%.0f", value);
    }
    return g_strdup_printf("%.*f", fabs(value) >= 10 ? 1 : fabs(value) >= 1 ? 2 : 3, value);
}

void bench_table_add_number(BenchTable *table, double value)
{
    g_autofree char *text = bench_number(value);

    cli_table_add(table->table, text);
}

void bench_table_print(BenchTable *table)
{
    bool aligned = cli_on_terminal();

    if (!aligned) {
        g_autofree char *line = g_strjoinv("\t", (char **)table->headings);

        printf("# %s\n", line);
    }
    cli_table_print(table->table, stdout, aligned);
    cli_table_free(table->table);
    g_free(table);
}

static void put_text(BenchJson *json, const char *text)
{
    g_string_append_c(json->text, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            g_string_append_printf(json->text, "\\%c", *c);
        } else if (g_ascii_iscntrl(*c)) {
            g_string_append_printf(json->text, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            g_string_append_c(json->text, *c);
        }
    }
    g_string_append_c(json->text, '"');
}

/* What stands before a value. */
static void put_key(BenchJson *json, const char *key)
{
    g_string_append(json->text, json->has_value ? ",\n" : "\n");
    g_string_append_printf(json->text, "%*s", (int)(2 * json->open->len), "");
    if (key) {
        put_text(json, key);
        g_string_append(json->text, ": ");
    }
    json->has_value = true;
}

void bench_json_open(BenchJson *json, const char *key, char bracket)
{
    put_key(json, key);
    g_string_append_c(json->text, bracket);
    g_string_append_c(json->open, bracket == '{' ? '}' : ']');
    json->has_value = false;
}

void bench_json_close(BenchJson *json)
{
    gsize last = json->open->len - 1;
    char bracket = json->open->str[last];

    g_string_truncate(json->open, last);
    g_string_append_printf(json->text, "\n%*s%c", (int)(2 * last), "", bracket);
    json->has_value = true;
}

void bench_json_text(BenchJson *json, const char *key, const char *text)
{
    put_key(json, key);
    put_text(json, text);
}

void bench_json_number(BenchJson *json, const char *key, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    put_key(json, key);
    g_string_append(json->text,
                    isfinite(value) ? g_ascii_formatd(text, sizeof(text), "%.9g", value) : "null");
}

void bench_json_bool(BenchJson *json, const char *key, bool value)
{
    put_key(json, key);
    g_string_append(json->text, value ? "true" : "false");
}

void bench_json_loop(BenchJson *json, const char *key, const BenchLoop *loop)
{
    BenchSummary s = bench_loop_summary(loop);

    bench_json_open(json, key, '{');
    bench_json_number(json, "mean_ns", s.mean_ns);
    bench_json_number(json, "best_ns", s.best_ns);
    if (loop->is_timed) {
        bench_json_number(json, "p50_ns", s.p50_ns);
        bench_json_number(json, "p99_ns", s.p99_ns);
        bench_json_number(json, "p999_ns", s.p999_ns);
    }
    bench_json_number(json, "own_cpu_ns", s.own_cpu_ns);
    bench_json_number(json, "peer_cpu_ns", s.peer_cpu_ns);
    bench_json_number(json, "per_second", s.per_second);
    bench_json_open(json, "rounds", '[');
    for (guint r = 0; r < loop->rounds->len; r++) {
        const BenchRound *round = &g_array_index(loop->rounds, BenchRound, r);

        bench_json_open(json, NULL, '{');
        bench_json_number(json, "operations", (double)round->operations);
        bench_json_number(json, "seconds", round->seconds);
        bench_json_number(json, "own_cpu_seconds", round->own_cpu);
        bench_json_number(json, "peer_cpu_seconds", round->peer_cpu);
        bench_json_close(json);
    }
    bench_json_close(json);
    bench_json_close(json);
}

BenchJson *bench_json_new(const BenchCommand *command, const BenchOptions *options)
{
    BenchJson *json = g_new0(BenchJson, 1);
    g_autofree char *machine = bench_machine_line();
    g_autofree char *date = date_text();

    json->text = g_string_new("{");
    json->open = g_string_new("}");
    bench_json_text(json, "command", command->name);
    bench_json_text(json, "version", QOSIM_VERSION);
    bench_json_text(json, "date", date);
    bench_json_text(json, "machine", machine);
    bench_json_number(json, "cores", bench_cores());
    bench_json_text(json, "placement", bench_placement_name(options->placement));
    bench_json_text(json, "load", bench_load_name(options->load));
    if (command->has_rounds) {
        bench_json_number(json, "rounds", options->rounds);
        bench_json_number(json, "round_ms", options->round_ms);
    }
    return json;
}

bool bench_json_finish(BenchJson *json, const BenchOptions *options, GError **error)
{
    bool ok = true;

    while (json->open->len > 0) {
        bench_json_close(json);
    }
    g_string_append_c(json->text, '\n');
    if (options->json) {
        ok = g_file_set_contents(options->json, json->text->str, (gssize)json->text->len, error);
    }
    g_string_free(json->text, TRUE);
    g_string_free(json->open, TRUE);
    g_free(json);
    return ok;
}
