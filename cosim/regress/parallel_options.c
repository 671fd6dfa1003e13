#include "cosim/regress/parallel_options.h"

#include <string.h>

#include "cosim/regress/command.h"
#include "cosim/regress/error.h"
#include "cosim/regress/option_words.h"

#define JOBS_MAX 1024u
#define DEFAULT_TIMEOUT_S 120u
/* A day and a half or so; what is more was not meant. */
#define TIMEOUT_MAX_S 131072u
#define DEFAULT_RESULTS "regress-results"

GOptionEntry *parallel_entries(ParallelOptions *options)
{
    const GOptionEntry entries[] = {
        { "seeds", 0, 0, G_OPTION_ARG_STRING, &options->seeds,
          "a run for each of N seeds, derived from --seed, or from FIRST to LAST",
          "N|FIRST..LAST" },
        { "jobs", 0, 0, G_OPTION_ARG_STRING, &options->jobs_text,
          "so many of them at the same time (default: as many as processors)", "N" },
        { "shard", 0, 0, G_OPTION_ARG_STRING, &options->shard,
          "only the I-th of N shares of the seeds or files", "I/N" },
        { "results", 0, 0, G_OPTION_ARG_FILENAME, &options->results,
          "folder with a folder for each of them (default " DEFAULT_RESULTS ")", "FOLDER" },
        { "fail-fast", 0, 0, G_OPTION_ARG_NONE, &options->fail_fast,
          "stop all of them when one has failed", NULL },
        { "worker-timeout", 0, 0, G_OPTION_ARG_STRING, &options->timeout_text,
          "a worker that gets nothing done for so long has died (default 120)", "SECONDS" },
        { "launcher", 0, 0, G_OPTION_ARG_STRING, &options->launcher,
          "who runs them: local (default) or slurm", "NAME" },
        { "slurm-partition", 0, 0, G_OPTION_ARG_STRING, &options->partition,
          "partition of the job array", "NAME" },
        { "slurm-time", 0, 0, G_OPTION_ARG_STRING, &options->time,
          "time limit for each task of the array, as sbatch has it", "TIME" },
        { "slurm-option", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->words,
          "one more option for sbatch, such as --account=me; may be repeated", "OPTION" },
        { "progress-file", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->progress_file,
          NULL, NULL },
        { NULL },
    };

    return (GOptionEntry *)g_memdup2(entries, sizeof(entries));
}

void parallel_options_clear(ParallelOptions *options)
{
    g_free(options->seeds);
    g_free(options->shard);
    g_free(options->results);
    g_free(options->launcher);
    g_free(options->partition);
    g_free(options->time);
    g_strfreev(options->words);
    g_free(options->jobs_text);
    g_free(options->timeout_text);
    g_free(options->progress_file);
}

bool parallel_is_wanted(const ParallelOptions *options)
{
    return options->seeds || options->shard || options->results || options->fail_fast ||
           options->launcher || options->partition || options->time || options->words ||
           options->jobs_text || options->timeout_text;
}

bool parallel_is_option(const char *word)
{
    ParallelOptions none;
    g_autofree GOptionEntry *entries = parallel_entries(&none);

    for (const GOptionEntry *entry = entries; entry->long_name; entry++) {
        if (option_is(word, entry->long_name)) {
            return true;
        }
    }
    return false;
}

static bool is_local(const ParallelOptions *options)
{
    return !options->launcher || strcmp(options->launcher, "local") == 0;
}

static bool take_number(const char *option, const char *text, uint64_t most, uint64_t *value,
                        GError **error)
{
    if (!regress_take_number(option, text, 1, value, error)) {
        return false;
    }
    if (*value > most) {
        regress_usage(error, "--%s is at most %" G_GUINT64_FORMAT, option, most);
        return false;
    }
    return true;
}

bool parallel_plan(const ParallelOptions *options, bool quiet, ParallelPlan *plan, GError **error)
{
    uint64_t jobs = 0;
    uint64_t timeout = DEFAULT_TIMEOUT_S;

    *plan = (ParallelPlan){ .launcher = launcher_find(options->launcher, error) };
    if (!plan->launcher || !parallel_share(options->shard, &plan->share, error) ||
        !take_number("jobs", options->jobs_text, JOBS_MAX, &jobs, error) ||
        !take_number("worker-timeout", options->timeout_text, TIMEOUT_MAX_S, &timeout, error)) {
        return false;
    }
    if (is_local(options) && (options->partition || options->time || options->words)) {
        regress_usage(error, "--slurm-… options want --launcher slurm");
        return false;
    }
    plan->launch = (LaunchOptions){
        .jobs = (unsigned)jobs,
        .silence_us = (gint64)timeout * G_USEC_PER_SEC,
        .fail_fast = options->fail_fast,
        .quiet = quiet,
        .directory =
            g_canonicalize_filename(options->results ? options->results : DEFAULT_RESULTS, NULL),
        .partition = options->partition,
        .time = options->time,
        .words = (const char *const *)options->words,
    };
    return true;
}

void parallel_plan_clear(ParallelPlan *plan)
{
    g_free((char *)plan->launch.directory);
}
