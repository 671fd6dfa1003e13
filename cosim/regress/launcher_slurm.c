/* Tasks as elements of a job array of Slurm, in a folder that all its nodes share. */
#include "cosim/regress/launcher.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/launcher_slurm.h"

/* Most elements of an array, where the cluster has Slurm's default MaxArraySize. */
#define ARRAY_MAX 1000u
/* The queue is asked this often: the longer it takes, the less often. */
#define ASK_MIN_MS 250
#define ASK_MAX_MS 5000
/* A controller may be started again meanwhile. */
#define QUEUE_SILENT_US 300000000
/* How long elements may take to end when they are cancelled; Slurm's KillWait is 30 s by default. */
#define CANCEL_US 90000000
/* A file that was written on a node may come into sight here later than the node's end. */
#define FILES_LATE_US 10000000

/* What a shell's exit code is above when a signal ended the program. */
#define SIGNALLED 128

/* An element of the array; it runs every nth task of the round, one after the other. */
typedef struct Element {
    gint64 ended_us; /* when the queue first said so; 0: it did not */
    bool silent;     /* cancelled because nothing came from it */
    bool done;       /* nothing more is to be expected of it */
} Element;

/* Tasks that were submitted together. */
typedef struct Round {
    Launch *launch;
    GPtrArray *tasks; /* Task *, borrowed */
    bool *over;       /* by task: this round has nothing more to do with it */
    unsigned n;       /* elements */
    Element *elements;
    SlurmElement *states;
    char *job;
    gint64 begun_us;
    gint64 answered_us; /* when the queue last answered */
    gint64 cancel_us;   /* when all were cancelled; 0: they were not */
} Round;

/* --- The script, which every element runs --- */

static const char script_head[] =
    "#!/bin/sh\n"
    "# Runs the tasks of one element of the array. How each ended stands in its folder.\n"
    "run_task() {\n"
    "    folder=$1\n"
    "    shift\n"
    "    begun=$(date +%s%3N)\n"
    "    \"$@\" >\"$folder/" TASK_REPORT "\" 2>\"$folder/" TASK_MESSAGES "\" </dev/null\n"
    "    code=$?\n"
    "    echo \"$code $(($(date +%s%3N) - begun))\" >\"$folder/" TASK_EXIT ".new\"\n"
    "    mv \"$folder/" TASK_EXIT ".new\" \"$folder/" TASK_EXIT "\"\n"
    "    # Signals may be meant for all of this element.\n"
    "    [ \"$code\" -le 128 ] || exit \"$code\"\n"
    "}\n"
    "case $SLURM_ARRAY_TASK_ID in\n";

static void add_task(GString *script, const Task *task)
{
    g_autofree char *folder = g_shell_quote(task->directory);

    g_string_append_printf(script, "    run_task %s", folder);
    for (unsigned i = 0; task->argv[i]; i++) {
        g_autofree char *word = g_shell_quote(task->argv[i]);

        g_string_append_printf(script, " %s", word);
    }
    g_string_append_c(script, '\n');
}

static char *write_script(const Round *round, GError **error)
{
    g_autoptr(GString) script = g_string_new(script_head);
    g_autofree char *path = g_build_filename(round->launch->options->directory, "job.sh", NULL);
    g_autoptr(GError) cause = NULL;

    for (unsigned e = 0; e < round->n; e++) {
        g_string_append_printf(script, "%u)\n", e);
        for (guint i = e; i < round->tasks->len; i += round->n) {
            add_task(script, (const Task *)round->tasks->pdata[i]);
        }
        g_string_append(script, "    ;;\n");
    }
    g_string_append(script, "esac\nexit 0\n");
    if (!g_file_set_contents(path, script->str, (gssize)script->len, &cause)) {
        regress_trouble(error, "%s", cause->message);
        return NULL;
    }
    return g_steal_pointer(&path);
}

/* --- Submitting --- */

static void add_word(GPtrArray *words, char *word)
{
    g_ptr_array_add(words, word);
}

static GPtrArray *sbatch_words(const Round *round, const char *script)
{
    const LaunchOptions *options = round->launch->options;
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    /* In file names of Slurm, % begins a pattern. */
    g_auto(GStrv) pieces = g_strsplit(options->directory, "%", -1);
    g_autofree char *directory = g_strjoinv("%%", pieces);

    add_word(words, g_strdup("sbatch"));
    add_word(words, g_strdup("--parsable"));
    add_word(words, g_strdup("--no-requeue"));
    add_word(words, g_strdup("--job-name=qosim-regress"));
    add_word(words, options->jobs ? g_strdup_printf("--array=0-%u%%%u", round->n - 1, options->jobs)
                                  : g_strdup_printf("--array=0-%u", round->n - 1));
    add_word(words, g_strdup_printf("--output=%s/slurm-%%A_%%a.txt", directory));
    if (options->partition) {
        add_word(words, g_strdup_printf("--partition=%s", options->partition));
    }
    if (options->time) {
        add_word(words, g_strdup_printf("--time=%s", options->time));
    }
    for (unsigned i = 0; options->words && options->words[i]; i++) {
        add_word(words, g_strdup(options->words[i]));
    }
    add_word(words, g_strdup(script));
    add_word(words, NULL);
    return words;
}

/* All tasks that wait become a round. */
static bool submit(Round *round, GError **error)
{
    const LaunchOptions *options = round->launch->options;
    const GPtrArray *all = round->launch->tasks;
    g_autofree char *script = NULL;
    g_autoptr(GPtrArray) words = NULL;

    for (guint i = 0; i < all->len; i++) {
        Task *task = (Task *)all->pdata[i];

        if (task->state == TASK_WAITING) {
            g_ptr_array_add(round->tasks, task);
            if (!task_prepare(task, error)) {
                return false;
            }
        }
    }
    round->over = g_new0(bool, round->tasks->len);
    round->n = MIN(round->tasks->len, options->array_max ? options->array_max : ARRAY_MAX);
    round->elements = g_new0(Element, round->n);
    round->states = g_new0(SlurmElement, round->n);
    for (unsigned e = 0; e < round->n; e++) {
        /* Until the queue says something else, which may take as long as its controller is away */
        round->states[e].state = SLURM_PENDING;
    }
    script = write_script(round, error);
    if (script) {
        words = sbatch_words(round, script);
        round->job = slurm_submit((const char *const *)words->pdata, error);
    }
    round->begun_us = g_get_monotonic_time();
    round->answered_us = round->begun_us;
    return round->job != NULL;
}

/* --- What becomes of tasks --- */

static bool exists(const Task *task, const char *file)
{
    g_autofree char *path = task_path(task, file);

    return g_access(path, F_OK) == 0;
}

/* How the task's worker ended, as far as it could still tell. */
static bool read_exit(const Task *task, int *code, double *seconds)
{
    g_autofree char *path = task_path(task, TASK_EXIT);
    g_autofree char *text = NULL;
    char *rest = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return false;
    }
    *code = (int)g_ascii_strtoll(text, &rest, 10);
    *seconds = (double)g_ascii_strtoll(rest, NULL, 10) / 1000;
    return rest != text;
}

/* So the script went no further, and the element is over as well. */
static bool ended_by_signal(const Task *task)
{
    double seconds = 0;
    int code = -1;

    return read_exit(task, &code, &seconds) && code > SIGNALLED;
}

/* What there is to say of a task that has not ended as it should. Owned by the caller. */
static char *cause_of_death(const Round *round, unsigned e, const Task *task)
{
    const char *word = round->states[e].word[0] ? round->states[e].word : "nothing any more";
    double seconds = 0;
    int code = -1;

    if (round->elements[e].silent) {
        return g_strdup_printf("nothing came from it for %.0f s, so it was cancelled",
                               (double)round->launch->options->silence_us / (double)G_USEC_PER_SEC);
    }
    if (!read_exit(task, &code, &seconds)) {
        return g_strdup_printf("Slurm says %s of %s_%u", word, round->job, e);
    }
    return code > SIGNALLED
               ? g_strdup_printf("signal %d (%s); Slurm says %s of %s_%u", code - SIGNALLED,
                                 g_strsignal(code - SIGNALLED), word, round->job, e)
               : g_strdup_printf("exit code %d", code);
}

static void end_task(const Round *round, guint i)
{
    round->over[i] = true;
    launch_tell_end(round->launch, (const Task *)round->tasks->pdata[i]);
}

static void die(const Round *round, unsigned e, guint i)
{
    Task *task = (Task *)round->tasks->pdata[i];
    g_autofree char *cause = cause_of_death(round, e, task);

    if (task->state == TASK_WAITING) {
        task_begin(task);
    }
    task_die(task, cause);
    end_task(round, i);
}

/* Looks at a task that is not known to be over. */
static void look_at_task(const Round *round, unsigned e, guint i)
{
    Task *task = (Task *)round->tasks->pdata[i];
    double seconds = 0;
    int code = -1;

    if (task->state == TASK_WAITING && exists(task, TASK_REPORT)) {
        task_begin(task);
    }
    if (task->state != TASK_RUNNING || !read_exit(task, &code, &seconds)) {
        return;
    }
    if (task_is_end(code)) {
        task_end(task, code, seconds);
        end_task(round, i);
    } else if (code <= SIGNALLED) {
        die(round, e, i);
    }
    /* A signal may have been meant for the element; when that is over more is known. */
}

/* The element is over. Task @i was under way, and those behind it were not begun: they wait for the next round. */
static void end_element(Round *round, unsigned e, guint i)
{
    Task *task = (Task *)round->tasks->pdata[i];

    round->elements[e].done = true;
    if (!round->cancel_us) {
        die(round, e, i);
    } else if (task->state == TASK_RUNNING) {
        task_put_back(task);
    }
}

static void cancel_if_silent(Round *round, unsigned e, Task *task)
{
    Element *element = &round->elements[e];

    if (task_look(task) > round->launch->options->silence_us && !element->silent) {
        g_autofree char *name = g_strdup_printf("%s_%u", round->job, e);

        element->silent = true;
        slurm_cancel(name);
    }
}

/* The first task of the element that is not over; the number of tasks if all are. */
static guint find_under_way(const Round *round, unsigned e)
{
    guint under_way = round->tasks->len;

    for (guint i = e; i < round->tasks->len; i += round->n) {
        if (!round->over[i]) {
            look_at_task(round, e, i);
        }
        if (!round->over[i]) {
            under_way = MIN(under_way, i);
        }
    }
    return under_way;
}

static void look_at_element(Round *round, unsigned e)
{
    Element *element = &round->elements[e];
    SlurmState state = round->states[e].state;
    gint64 late_us =
        round->launch->options->late_us ? round->launch->options->late_us : FILES_LATE_US;
    gint64 now = g_get_monotonic_time();
    guint i = find_under_way(round, e);
    Task *task = i < round->tasks->len ? (Task *)round->tasks->pdata[i] : NULL;

    if (!task) {
        element->done = true;
    } else if (state == SLURM_ENDED || state == SLURM_UNKNOWN) {
        element->ended_us = element->ended_us ? element->ended_us : now;
        if (ended_by_signal(task) || round->cancel_us || element->silent ||
            now - element->ended_us > late_us) {
            end_element(round, e, i);
        }
        return;
    }
    element->ended_us = 0;
    if (task && task->state == TASK_RUNNING) {
        cancel_if_silent(round, e, task);
    }
}

/* Returns whether something is still to be expected. */
static bool look_at_all(Round *round)
{
    bool more = false;

    for (unsigned e = 0; e < round->n; e++) {
        if (!round->elements[e].done) {
            look_at_element(round, e);
        }
        more |= !round->elements[e].done;
    }
    return more;
}

/* --- A round --- */

static bool ask_queue(Round *round, GError **error)
{
    gint64 now = g_get_monotonic_time();
    g_autoptr(GError) cause = NULL;

    if (slurm_look(round->job, round->states, round->n, &cause)) {
        round->answered_us = now;
    } else if (now - round->answered_us > QUEUE_SILENT_US) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    return true;
}

static void wait_some_time(const Round *round)
{
    struct pollfd item = { .fd = round->launch->signals, .events = POLLIN };
    gint64 elapsed_ms = (g_get_monotonic_time() - round->begun_us) / 1000;

    poll(&item, 1, (int)CLAMP(elapsed_ms / 10, ASK_MIN_MS, ASK_MAX_MS));
    launch_take_signal(round->launch);
}

static void cancel_all(Round *round)
{
    if (!round->cancel_us) {
        round->cancel_us = g_get_monotonic_time();
        slurm_cancel(round->job);
    }
}

/* Until all elements are over, or there is no hope that they will be. */
static bool wait_for_round(Round *round, GError **error)
{
    do {
        wait_some_time(round);
        if (launch_is_stopping(round->launch)) {
            cancel_all(round);
        }
        if (!ask_queue(round, error)) {
            cancel_all(round);
            return false;
        }
        if (round->cancel_us && g_get_monotonic_time() - round->cancel_us > CANCEL_US) {
            regress_trouble(error, "Slurm's job %s was cancelled, but does not end", round->job);
            return false;
        }
        launch_tell_progress(round->launch);
    } while (look_at_all(round));
    return true;
}

static bool run_round(Launch *launch, GError **error)
{
    Round round = { .launch = launch, .tasks = g_ptr_array_new() };
    bool ok = submit(&round, error);

    if (ok) {
        if (!launch->options->quiet) {
            fprintf(stderr, "job %s with %u elements was submitted\n", round.job, round.n);
        }
        ok = wait_for_round(&round, error);
    }
    g_ptr_array_unref(round.tasks);
    g_free(round.over);
    g_free(round.elements);
    g_free(round.states);
    g_free(round.job);
    return ok;
}

/* Each round ends a task or uses up one of its attempts, so there is a last one. */
bool launch_slurm(Launch *launch, GError **error)
{
    while (launch_waiting_task(launch) && !launch_is_stopping(launch)) {
        if (!run_round(launch, error)) {
            return false;
        }
    }
    return true;
}
