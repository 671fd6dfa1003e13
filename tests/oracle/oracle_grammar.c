/*
 * Every command of the qtest protocol with right and wrong arguments, from a file of lines and the answers expected of `qosim
 * qtest`. Lines that QEMU survives are given to QEMU as well, and its answers must be the same ones.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "tests/oracle/ours.h"
#include "cosim/regress/peer.h"

/* "= line": both answer alike. "! line": ours only, as QEMU aborts, or answers in a way that is not ours to copy. */
typedef struct Case {
    unsigned number; /* of the line in the file */
    bool qemu_too;
    char *line;
    GString *answer;
} Case;

static void case_free(void *data)
{
    Case *c = data;

    g_free(c->line);
    g_string_free(c->answer, TRUE);
    g_free(c);
}

static void take_file_line(GPtrArray *cases, const char *line, unsigned number)
{
    Case *last = cases->len > 0 ? g_ptr_array_index(cases, cases->len - 1) : NULL;

    if (line[0] == '#' || line[0] == '\0') {
        return;
    }
    if ((line[0] == '=' || line[0] == '!') && line[1] == ' ') {
        Case *c = g_new0(Case, 1);

        c->number = number;
        c->qemu_too = line[0] == '=';
        c->line = g_strcompress(line + 2);
        c->answer = g_string_new(NULL);
        g_ptr_array_add(cases, c);
    } else if (last) {
        g_string_append_printf(last->answer, "%s\n", line);
    }
}

static GPtrArray *load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GPtrArray *cases;

    if (!g_file_get_contents(path, &text, NULL, error)) {
        return NULL;
    }
    cases = g_ptr_array_new_with_free_func(case_free);
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        take_file_line(cases, lines[i], i + 1);
    }
    return cases;
}

/* Asks @peer and compares; returns the number of failures. */
static unsigned check(Peer *peer, const Case *c, GError **error)
{
    g_autofree char *answer = peer_ask(peer, c->line, error);

    if (!answer) {
        g_prefix_error(error, "line %u: ", c->number);
        return 1;
    }
    if (strcmp(answer, c->answer->str) == 0) {
        return 0;
    }
    printf("line %u: '%s': %s answered:\n%sexpected:\n%s", c->number, c->line, peer->name, answer,
           c->answer->str);
    return 1;
}

static unsigned check_all(const GPtrArray *cases, Peer *qemu, Peer *ours, GError **error)
{
    unsigned failures = 0;

    for (guint i = 0; i < cases->len && !*error; i++) {
        const Case *c = g_ptr_array_index(cases, i);

        failures += check(ours, c, error);
        if (c->qemu_too && !*error) {
            failures += check(qemu, c, error);
        }
    }
    return failures;
}

static unsigned run(const char *file, const char *bin, const char *directory, GError **error)
{
    static const char *const stopped[] = { "-M", "sifive_e", "-S", NULL };
    static const char *const machine[] = { "-M", "sifive_e", NULL };
    g_autoptr(GPtrArray) cases = load(file, error);
    Ours *ours = cases ? ours_new("qosim", bin, NULL, directory, machine, error) : NULL;
    Peer *peer = ours ? ours_connect(ours, error) : NULL;
    Peer *qemu =
        peer ? peer_start_qemu("qemu", "qemu-system-riscv32", stopped, directory, error) : NULL;
    unsigned failures = 1;

    if (qemu) {
        failures = check_all(cases, qemu, peer, error);
        printf("%u lines, %u failures\n", cases->len, failures);
        if (!*error && !peer_finish(peer, error)) {
            failures++;
        }
    }
    peer_stop(qemu);
    peer_stop(peer);
    ours_free(ours);
    return failures;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("qosim-oracle-XXXXXX", &error);
    unsigned failures = 1;

    signal(SIGPIPE, SIG_IGN);
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: oracle_grammar FILE [BIN-DIRECTORY]\n");
    } else if (directory) {
        failures = run(argv[1], argv[2], directory, &error);
    }
    if (error) {
        fprintf(stderr, "oracle_grammar: %s\n", error->message);
    }
    if (directory) {
        g_rmdir(directory);
    }
    return failures > 0;
}
