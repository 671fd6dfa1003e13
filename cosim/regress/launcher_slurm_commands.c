#include "cosim/regress/launcher_slurm.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "cosim/cli/number.h"
#include "cosim/regress/error.h"

/* States of elements that do nothing any more (squeue's manual, "JOB STATE CODES"). */
static const char *const ended[] = {
    "BOOT_FAIL", "CANCELLED",     "COMPLETED", "DEADLINE", "FAILED",
    "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",  "TIMEOUT",
};

/* In the child: our signals are blocked to be read elsewhere, but Slurm's programs want theirs. */
static void unblock_signals(void *data)
{
    sigset_t none;

    (void)data;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Runs one of Slurm's programs. *@out and *@err are owned by the caller. False when it cannot be started. */
static bool run_command(const char *const *words, char **out, char **err, int *status,
                        GError **error)
{
    g_autoptr(GError) cause = NULL;

    if (!g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, unblock_signals, NULL, out,
                      err, status, &cause)) {
        if (g_error_matches(cause, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT)) {
            regress_trouble(error, "there is no program %s; are Slurm's client programs installed?",
                            words[0]);
        } else {
            regress_trouble(error, "%s: %s", words[0], cause->message);
        }
        return false;
    }
    g_strchomp(*err);
    return true;
}

char *slurm_submit(const char *const *words, GError **error)
{
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status = 0;

    if (!run_command(words, &out, &err, &status, error)) {
        return NULL;
    }
    /* "17", or "17;cluster" */
    out[strcspn(out, ";\n")] = '\0';
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || out[0] == '\0') {
        regress_trouble(error, "sbatch refused: %s", err[0] ? err : "it did not say why");
        return NULL;
    }
    return g_steal_pointer(&out);
}

static SlurmState parse_state(const char *word)
{
    if (strcmp(word, "PENDING") == 0) {
        return SLURM_PENDING;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ended); i++) {
        if (strcmp(word, ended[i]) == 0) {
            return SLURM_ENDED;
        }
    }
    return SLURM_RUNNING;
}

void slurm_parse(const char *text, SlurmElement *elements, unsigned n)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    memset(elements, 0, n * sizeof(*elements));
    for (unsigned i = 0; lines[i]; i++) {
        g_auto(GStrv) words = g_strsplit(lines[i], " ", 2);
        uint64_t index = 0;

        if (words[0] && words[1] && cli_number(words[0], &index) && index < n) {
            elements[index].state = parse_state(words[1]);
            g_strlcpy(elements[index].word, words[1], sizeof(elements[index].word));
        }
    }
}

bool slurm_look(const char *job, SlurmElement *elements, unsigned n, GError **error)
{
    g_autofree char *jobs = g_strdup_printf("--jobs=%s", job);
    const char *const words[] = { "squeue",         jobs, "--array", "--states=all", "--noheader",
                                  "--format=%K %T", NULL };
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status = 0;

    if (!run_command(words, &out, &err, &status, error)) {
        return false;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        /* Jobs are forgotten some time after their end. */
        if (!strstr(err, "Invalid job id")) {
            regress_trouble(error, "squeue: %s", err);
            return false;
        }
        out[0] = '\0';
    }
    slurm_parse(out, elements, n);
    return true;
}

void slurm_cancel(const char *job)
{
    const char *const words[] = { "scancel", "--quiet", job, NULL };
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status = 0;

    run_command(words, &out, &err, &status, NULL);
}
