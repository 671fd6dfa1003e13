/*
 * What keeps strangers out of one connection: both ends show, over fresh Diffie-Hellman keys, that they know a shared key, and from
 * then on each message is encrypted and authenticated, with a counter that allows none twice, left out or out of order.
 *
 * Three messages open a connection: the client's magic and fresh public key; the server's fresh public key and its proof; the
 * client's proof. A proof is a MAC over both public keys under a key derived from the shared key and the Diffie-Hellman secret,
 * so each end has answered a challenge that was never used before, and whoever learns the shared key later can read nothing of
 * what was said earlier. Messages are ChaCha20-Poly1305 (IETF), one key for each direction, the nonce a counter from 0.
 * The primitives are libsodium's.
 */
#ifndef QOSIM_PROTO_SEAL_H
#define QOSIM_PROTO_SEAL_H

#include "proto/transport.h"

/* A shared key. */
#define SEAL_KEY_BYTES 32u
struct QsKey {
    uint8_t bytes[SEAL_KEY_BYTES];
};

/* What sealing adds to a message. */
#define SEAL_OVERHEAD 16u

/* The longest of the three messages that open a connection. */
#define SEAL_MAX_OPENING 64u

typedef struct Seal Seal;

typedef enum SealStep {
    SEAL_WAITS,  /* for the other end's next message */
    SEAL_OPEN,   /* both have shown that they know the key */
    SEAL_FAILED, /* the other end does not know it, or does not know of it */
} SealStep;

/* One end of a connection that has not been opened yet. NULL when memory is short. */
Seal *seal_new(const QsKey *key, bool is_server);
void seal_free(Seal *seal);

/* The client's first message, SEAL_MAX_OPENING bytes of room at @out; returns its length. */
size_t seal_begin(Seal *seal, uint8_t *out);

/*
 * Takes a message of the other end's before the connection is open. *@out_len bytes at @out (SEAL_MAX_OPENING of room) are to be
 * sent back, also when it is open now.
 */
SealStep seal_step(Seal *seal, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);

bool seal_is_open(const Seal *seal);

/* Seals @header and @data as one message into @out, which has room for both and SEAL_OVERHEAD more. */
void seal_close(Seal *seal, const uint8_t *header, size_t header_len, const uint8_t *data,
                size_t len, uint8_t *out);

/* Opens a message in place; *@len shrinks by SEAL_OVERHEAD. False when it is not the next one that the other end sealed. */
bool seal_unseal(Seal *seal, uint8_t *message, size_t *len);

#endif
