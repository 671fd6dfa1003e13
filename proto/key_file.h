/* Keys in files, and where one is named. */
#ifndef QOSIM_PROTO_KEY_FILE_H
#define QOSIM_PROTO_KEY_FILE_H

#include "proto/seal.h"
#include "proto/transport.h"

/* Bytes that a key file may hold. */
#define KEY_FILE_MIN 32u
#define KEY_FILE_MAX 4096u

/*
 * The shared key that @path holds: its bytes, 32 to 4096 of them, hashed to the size that is used, so "openssl rand -hex 32" makes
 * one as well as "head -c 32 /dev/urandom". A line end at the end does not count. The file must be its owner's alone. Returns a
 * new key for key_free(), NULL with @error.
 */
QsKey *key_read(const char *path, QsError *error);
void key_free(QsKey *key);

#endif
