#include "cosim/regress/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cosim/regress/error.h"

/* So much of a file's end is looked at for its last lines. */
#define TAIL_BYTES 4096

/* In the child, which ends with its parent: that is @parent, unless it has ended already. */
static void G_GNUC_NORETURN become(const char *const *argv, const int streams[3], pid_t parent)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);
    }
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++) {
        dup2(streams[i], i);
    }
    execvp(argv[0], (char *const *)argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* A descriptor that is none of the standard ones, so that dup2() in the child does what it should. */
static int open_stream(const char *path, int flags, GError **error)
{
    int fd = open(path, flags | O_CLOEXEC, 0666);
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    if (high < 0) {
        regress_trouble(error, "%s: %s", path, g_strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return high;
}

static Worker *watch(pid_t pid, const char *name, GError **error)
{
    Worker *worker = NULL;
    int pidfd = pid < 0 ? -1 : pidfd_open(pid, 0);

    if (pidfd < 0) {
        regress_trouble(error, "cannot start %s: %s", name, g_strerror(errno));
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        return NULL;
    }
    worker = g_new0(Worker, 1);
    worker->pid = pid;
    worker->pidfd = pidfd;
    return worker;
}

static Worker *start(const char *const *argv, const int streams[3], GError **error)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        become(argv, streams, parent);
    }
    if (pid > 0) {
        /* The child does so, too; whoever comes second changes nothing. */
        setpgid(pid, pid);
    }
    return watch(pid, argv[0], error);
}

Worker *worker_start(const char *const *argv, const char *out, const char *err, GError **error)
{
    int streams[3];
    Worker *worker = NULL;

    streams[0] = open_stream("/dev/null", O_RDONLY, error);
    streams[1] = streams[0] < 0 ? -1 : open_stream(out, O_WRONLY | O_CREAT | O_TRUNC, error);
    streams[2] = streams[1] < 0 ? -1 : open_stream(err, O_WRONLY | O_CREAT | O_TRUNC, error);
    if (streams[2] >= 0) {
        worker = start(argv, streams, error);
    }
    for (int i = 0; i < 3; i++) {
        if (streams[i] >= 0) {
            close(streams[i]);
        }
    }
    return worker;
}

void worker_signal(const Worker *worker, int signal)
{
    /* The process is not waited for yet, so nobody else has its number. */
    kill(-worker->pid, signal);
}

int worker_end(Worker *worker)
{
    siginfo_t info;
    int status = -1;

    /* While the number is still taken by the process, what remains of its group can be reached. */
    while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    worker_signal(worker, SIGKILL);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(worker->pidfd);
    g_free(worker);
    return status;
}

char *worker_status_text(int status)
{
    if (WIFSIGNALED(status)) {
        return g_strdup_printf("signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    }
    return g_strdup_printf("exit code %d", WEXITSTATUS(status));
}

/* Where the last @lines lines of @text begin. */
static size_t last_lines_begin(const char *text, size_t len, unsigned lines)
{
    size_t at = len > 0 && text[len - 1] == '\n' ? len - 1 : len;

    while (at > 0 && (text[at - 1] != '\n' || --lines > 0)) {
        at--;
    }
    return at;
}

char *worker_last_lines(const char *path, unsigned lines)
{
    char bytes[TAIL_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    ssize_t n = fd < 0 ? 0 : pread(fd, bytes, sizeof(bytes), MAX(size - TAIL_BYTES, 0));
    size_t from;

    if (fd >= 0) {
        close(fd);
    }
    if (n <= 0) {
        return g_strdup("");
    }
    from = last_lines_begin(bytes, (size_t)n, lines);
    /* A program that went wrong may print anything. */
    return g_utf8_make_valid(bytes + from, n - (ssize_t)from);
}
