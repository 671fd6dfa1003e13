/* Bytes to and from the segments of a virtqueue's element. */
#ifndef QOSIM_MODELS_CHAR_IOV_H
#define QOSIM_MODELS_CHAR_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* Copies up to @len bytes of @buf to the start of the segments; how many found room. */
size_t iov_from_buf(const struct iovec *iov, unsigned n, const void *buf, size_t len);

/* Copies up to @len bytes from the start of the segments to @buf; how many there were. */
size_t iov_to_buf(const struct iovec *iov, unsigned n, void *buf, size_t len);

#endif
