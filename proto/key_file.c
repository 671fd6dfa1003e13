#include "proto/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

/* Opens a regular file that nobody but its owner may read. */
static int open_private(const char *path, QsError *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "key file '%s': %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "key file '%s' is not a regular file", path);
    } else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                 "key file '%s' is open to other users; 'chmod 600' it", path);
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/* Up to @room bytes of the file; -1 with errno. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t room)
{
    size_t got = 0;

    while (got < room) {
        ssize_t n = read(fd, bytes + got, room - got);

        if (n < 0 && errno != EINTR) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)got;
}

static size_t without_line_end(const uint8_t *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r')) {
        len--;
    }
    return len;
}

static QsKey *hash(const uint8_t *bytes, size_t len, const char *path, QsError *error)
{
    QsKey *key = NULL;

    if (len < KEY_FILE_MIN || len > KEY_FILE_MAX) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                 "key file '%s' must hold %u to %u bytes, make one with 'openssl rand -hex 32'",
                 path, KEY_FILE_MIN, KEY_FILE_MAX);
    } else if (sodium_init() < 0 || !(key = malloc(sizeof(*key)))) {
        qs_error(error, QS_STATUS_GENERIC, "key file '%s': out of memory", path);
    } else {
        (void)crypto_generichash(key->bytes, sizeof(key->bytes), bytes, len, NULL, 0);
    }
    return key;
}

QsKey *key_read(const char *path, QsError *error)
{
    uint8_t bytes[KEY_FILE_MAX + 3];
    int fd = open_private(path, error);
    QsKey *key = NULL;
    ssize_t n;

    if (fd < 0) {
        return NULL;
    }
    n = read_all(fd, bytes, sizeof(bytes));
    if (n < 0) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "key file '%s': %s", path, strerror(errno));
    } else {
        key = hash(bytes, without_line_end(bytes, (size_t)n), path, error);
    }
    sodium_memzero(bytes, sizeof(bytes));
    close(fd);
    return key;
}

void key_free(QsKey *key)
{
    if (key) {
        sodium_memzero(key, sizeof(*key));
        free(key);
    }
}
