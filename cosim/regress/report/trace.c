#include "cosim/regress/report/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/report/examine.h"
#include "cosim/regress/report/output.h"

Target *trace_target(const Pair *pair)
{
    return pair->dut->ops->trace ? pair->dut : pair->ref->ops->trace ? pair->ref : NULL;
}

/* In the process of its own, which has no threads but this one, so that nothing of a design's may be taken down here. */
static bool trace(const Pair *pair, const char *path, const Op *ops, size_t n, size_t window,
                  GError **error)
{
    Target *target = trace_target(pair);
    size_t first = examine_start(ops, n, window);

    return target_begin(target, error) && examine_run(pair, target, ops, first, NULL, error) &&
           target->ops->trace(target, path, error) &&
           examine_run(pair, target, &ops[first], n - first, NULL, error) &&
           target->ops->trace(target, NULL, error);
}

/* What went wrong goes to @fd. Nothing of the parent's is touched on the way out. */
static void run_child(int fd, const Pair *pair, const char *path, const Op *ops, size_t n,
                      size_t window)
{
    GError *error = NULL;
    bool ok = trace(pair, path, ops, n, window, &error);

    if (!ok && write(fd, error->message, strlen(error->message)) < 0) {
        _exit(2);
    }
    _exit(ok ? 0 : 1);
}

/* What the child says until it ends; owned by the caller. */
static char *read_all(int fd)
{
    GString *text = g_string_new(NULL);
    char buffer[256];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
        if (n > 0) {
            g_string_append_len(text, buffer, n);
        } else if (errno != EINTR) {
            break;
        }
    }
    return g_string_free(text, FALSE);
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/* False with @error when the child could not be started, or did not do its work. */
static bool trace_in_child(const Pair *pair, const char *path, const Op *ops, size_t n,
                           size_t window, GError **error)
{
    g_autofree char *said = NULL;
    int fds[2];
    int status;
    pid_t pid;

    if (!g_unix_open_pipe(fds, FD_CLOEXEC, error)) {
        return false;
    }
    fflush(NULL); /* or the child might print it as well */
    pid = fork();
    if (pid == 0) {
        run_child(fds[1], pair, path, ops, n, window);
    }
    close(fds[1]);
    said = pid > 0 ? read_all(fds[0]) : g_strdup(g_strerror(errno));
    close(fds[0]);
    status = pid > 0 ? wait_for(pid) : -1;
    if (status != 0) {
        const char *why = *said                 ? said
                          : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                                : "its writer gave up";

        regress_trouble(error, "%s", why);
    }
    return status == 0;
}

bool trace_write(const Pair *pair, const char *path, const Op *ops, size_t n, size_t window,
                 GError **error)
{
    char *temporary = output_begin(path, error);
    g_autofree char *rest = NULL;
    bool ok;

    if (!temporary) {
        return false;
    }
    ok = target_restart(trace_target(pair), error) &&
         trace_in_child(pair, temporary, ops, n, window, error);
    if (!ok) {
        g_prefix_error(error, "%s cannot be written: ", path);
        rest = g_strconcat(temporary, ".hier", NULL); /* of a writer that died */
        (void)g_unlink(rest);
        output_drop(temporary);
    }
    return ok && output_finish(temporary, path, error);
}
