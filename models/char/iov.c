#include "models/char/iov.h"

#include <string.h>

#include <glib.h>

size_t iov_from_buf(const struct iovec *iov, unsigned n, const void *buf, size_t len)
{
    size_t done = 0;

    for (unsigned i = 0; i < n && done < len; i++) {
        size_t piece = MIN(iov[i].iov_len, len - done);

        memcpy(iov[i].iov_base, (const char *)buf + done, piece);
        done += piece;
    }
    return done;
}

size_t iov_to_buf(const struct iovec *iov, unsigned n, void *buf, size_t len)
{
    size_t done = 0;

    for (unsigned i = 0; i < n && done < len; i++) {
        size_t piece = MIN(iov[i].iov_len, len - done);

        memcpy((char *)buf + done, iov[i].iov_base, piece);
        done += piece;
    }
    return done;
}
