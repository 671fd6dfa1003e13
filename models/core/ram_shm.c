/* RAM in a file: this process maps it, and so can any other one of the same user that is told the path. */
#include "models/core/memory_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qom/error.h"

/* Removes the file, unless another one has its name by now. */
static void remove_file(const char *path, int fd)
{
    struct stat ours;
    struct stat there;

    if (fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino) {
        (void)unlink(path);
    }
}

static void release_memfd(RAMBlock *block)
{
    munmap(block->host, block->size);
    close(block->fd);
    g_free(block->path);
}

static void release_file(RAMBlock *block)
{
    remove_file(block->path, block->fd);
    release_memfd(block);
}

/* A file without a directory; nobody can cut it short while it is mapped, which would kill whoever touches it. */
static int open_memfd(uint64_t size, char **path)
{
    int fd = memfd_create("qosim-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (fchmod(fd, S_IRUSR | S_IWUSR) != 0 || ftruncate(fd, (off_t)size) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        int reason = errno;

        close(fd);
        errno = reason;
        return -1;
    }
    *path = fd >= 0 ? g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), fd) : NULL;
    return fd;
}

/* A new file at @given, or in @given if that is a directory. Its blocks are there from the start: a full disk is found now. */
static int open_file(const char *given, uint64_t size, char **path)
{
    int fd;
    int reason;

    *path = g_canonicalize_filename(given, NULL);
    if (g_file_test(*path, G_FILE_TEST_IS_DIR)) {
        char *inside = g_build_filename(*path, "qosim-ram-XXXXXX", NULL);

        g_free(*path);
        *path = inside;
        fd = g_mkstemp_full(inside, O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    } else {
        fd = open(*path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    }
    if (fd < 0) {
        return -1;
    }
    reason = posix_fallocate(fd, 0, (off_t)size);
    if (reason != 0) {
        remove_file(*path, fd);
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

RAMBlock *ram_block_new_shm(const char *name, uint64_t size, const char *path, GError **error)
{
    g_autofree char *real = NULL;
    RAMBlock *block;
    void *host;
    int fd;

    if (!ram_check_size(name, size, error)) {
        return NULL;
    }
    fd = path ? open_file(path, size, &real) : open_memfd(size, &real);
    if (fd < 0) {
        qom_error_set(error, "cannot set up guest memory '%s' in '%s': %s", name,
                      real ? real : "a file of its own", g_strerror(errno));
        return NULL;
    }
    host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (host == MAP_FAILED) {
        qom_error_set(error, "cannot set up guest memory '%s' in '%s': %s", name, real,
                      g_strerror(errno));
        if (path) {
            remove_file(real, fd);
        }
        close(fd);
        return NULL;
    }
    block = g_new0(RAMBlock, 1);
    block->home = RAM_HOME_SHM;
    block->host = host;
    block->size = size;
    block->refs = 1;
    block->release = path ? release_file : release_memfd;
    block->path = g_steal_pointer(&real);
    block->fd = fd;
    return block;
}
