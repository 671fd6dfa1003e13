/* RAM that the server keeps in a file: mapped here too, it is read and written without a message. */
#include "cosim/lib/session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Whether the open file is what a server makes, and holds the region. */
static qosim_result check_file(qosim_session *session, const qosim_region *region, int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0) {
        return fail(session, QOSIM_ERR_GENERIC, "%s: %s", region->shm_path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & (S_IRWXG | S_IRWXO))) {
        return fail(session, QOSIM_ERR_NOT_ALLOWED,
                    "%s: not a file of this user that only this user may open", region->shm_path);
    }
    if (region->size == 0 || region->size > SIZE_MAX - page_size() ||
        region->shm_offset > (uint64_t)status.st_size ||
        region->size > (uint64_t)status.st_size - region->shm_offset) {
        return fail(session, QOSIM_ERR_PROTOCOL,
                    "%s: %" PRIu64 " bytes from %" PRIu64 " on are not in a file of %" PRIu64
                    " bytes",
                    region->shm_path, region->size, region->shm_offset, (uint64_t)status.st_size);
    }
    return QOSIM_OK;
}

static qosim_result map_file(qosim_session *session, const qosim_region *region, int fd, void **at)
{
    uint64_t skipped = region->shm_offset % page_size();
    int protection = region->read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    qosim_result rc = check_file(session, region, fd);
    void *base;

    if (rc != QOSIM_OK) {
        return rc;
    }
    base = mmap(NULL, (size_t)(region->size + skipped), protection, MAP_SHARED, fd,
                (off_t)(region->shm_offset - skipped));
    if (base == MAP_FAILED) {
        return fail(session, QOSIM_ERR_GENERIC, "%s: %s", region->shm_path, strerror(errno));
    }
    *at = (char *)base + skipped;
    return QOSIM_OK;
}

qosim_result qosim_shm_map(qosim_session *session, const qosim_region *region, void **at)
{
    qosim_result rc = check_session(session);
    int fd;

    if (rc != QOSIM_OK) {
        return rc;
    }
    *at = NULL;
    if (region->home != QOSIM_RAM_SHM) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                    "region '%s' is not in a file; make the machine with ram-home=shm",
                    region->name);
    }
    fd = open(region->shm_path, (region->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0) {
        return fail(session, errno == ENOENT ? QOSIM_ERR_NOT_FOUND : QOSIM_ERR_GENERIC,
                    "%s: %s; is the server on this host, and of this user?", region->shm_path,
                    strerror(errno));
    }
    rc = map_file(session, region, fd, at);
    close(fd);
    return rc;
}

void qosim_shm_unmap(const qosim_region *region, void *at)
{
    uint64_t skipped = region->shm_offset % page_size();

    if (at) {
        munmap((char *)at - skipped, (size_t)(region->size + skipped));
    }
}
