#include "proto/seal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define MAGIC_LEN 8u
#define POINT crypto_scalarmult_BYTES
#define PROOF crypto_auth_BYTES

/* Names of the keys that are derived. */
enum {
    KEY_SERVER_PROOF = 1,
    KEY_CLIENT_PROOF,
    KEY_TO_SERVER,
    KEY_TO_CLIENT,
};

typedef struct Direction {
    uint8_t key[crypto_aead_chacha20poly1305_IETF_KEYBYTES];
    uint64_t counter;
} Direction;

static const uint8_t magic[MAGIC_LEN] = { 'q', 'o', 's', 'i', 'm', 's', 'l', '1' };

struct Seal {
    QsKey key;
    bool is_server;
    bool is_open;
    bool has_failed;
    bool has_answered; /* a server has sent its point and proof */
    uint8_t secret[crypto_scalarmult_SCALARBYTES];
    uint8_t points[2][POINT]; /* the client's and the server's */
    uint8_t master[crypto_kdf_KEYBYTES];
    Direction out, in;
};

_Static_assert(MAGIC_LEN + POINT <= SEAL_MAX_OPENING && POINT + PROOF <= SEAL_MAX_OPENING,
               "each message of the opening has room");
_Static_assert(crypto_kdf_CONTEXTBYTES == MAGIC_LEN, "the magic is the context of derived keys");
_Static_assert(crypto_aead_chacha20poly1305_IETF_ABYTES == SEAL_OVERHEAD, "what sealing adds");

Seal *seal_new(const QsKey *key, bool is_server)
{
    Seal *seal = sodium_init() >= 0 ? calloc(1, sizeof(*seal)) : NULL;

    if (seal) {
        seal->key = *key;
        seal->is_server = is_server;
        randombytes_buf(seal->secret, sizeof(seal->secret));
        (void)crypto_scalarmult_base(seal->points[is_server], seal->secret);
    }
    return seal;
}

void seal_free(Seal *seal)
{
    if (seal) {
        sodium_memzero(seal, sizeof(*seal));
        free(seal);
    }
}

bool seal_is_open(const Seal *seal)
{
    return seal->is_open;
}

static void derive(const Seal *seal, uint64_t name, uint8_t *out)
{
    (void)crypto_kdf_derive_from_key(out, 32, name, (const char *)magic, seal->master);
}

/* The keys of this connection, from both ends' points. False when the other end's is one that gives no secret. */
static bool agree(Seal *seal, const uint8_t *other)
{
    crypto_generichash_state state;
    uint8_t shared[crypto_scalarmult_BYTES];
    bool ok;

    memcpy(seal->points[!seal->is_server], other, POINT);
    ok = crypto_scalarmult(shared, seal->secret, other) == 0;
    (void)crypto_generichash_init(&state, seal->key.bytes, sizeof(seal->key.bytes),
                                  sizeof(seal->master));
    (void)crypto_generichash_update(&state, shared, sizeof(shared));
    (void)crypto_generichash_update(&state, &seal->points[0][0], sizeof(seal->points));
    (void)crypto_generichash_final(&state, seal->master, sizeof(seal->master));
    derive(seal, seal->is_server ? KEY_TO_CLIENT : KEY_TO_SERVER, seal->out.key);
    derive(seal, seal->is_server ? KEY_TO_SERVER : KEY_TO_CLIENT, seal->in.key);
    sodium_memzero(shared, sizeof(shared));
    sodium_memzero(&state, sizeof(state));
    return ok;
}

static void prove(const Seal *seal, uint64_t name, uint8_t *out)
{
    uint8_t key[crypto_auth_KEYBYTES];

    derive(seal, name, key);
    (void)crypto_auth(out, &seal->points[0][0], sizeof(seal->points), key);
    sodium_memzero(key, sizeof(key));
}

static bool is_proof(const Seal *seal, uint64_t name, const uint8_t *proof)
{
    uint8_t expected[PROOF];

    prove(seal, name, expected);
    return sodium_memcmp(expected, proof, PROOF) == 0;
}

size_t seal_begin(Seal *seal, uint8_t *out)
{
    memcpy(out, magic, MAGIC_LEN);
    memcpy(out + MAGIC_LEN, seal->points[0], POINT);
    return MAGIC_LEN + POINT;
}

/* The client's magic and point: answers with the server's point and proof. */
static SealStep answer(Seal *seal, const uint8_t *in, size_t len, uint8_t *out, size_t *out_len)
{
    if (len != MAGIC_LEN + POINT || memcmp(in, magic, MAGIC_LEN) != 0 ||
        !agree(seal, in + MAGIC_LEN)) {
        return SEAL_FAILED;
    }
    seal->has_answered = true;
    memcpy(out, seal->points[1], POINT);
    prove(seal, KEY_SERVER_PROOF, out + POINT);
    *out_len = POINT + PROOF;
    return SEAL_WAITS;
}

/* The server's point and proof: answers with the client's proof. */
static SealStep check_server(Seal *seal, const uint8_t *in, size_t len, uint8_t *out,
                             size_t *out_len)
{
    if (len != POINT + PROOF || !agree(seal, in) || !is_proof(seal, KEY_SERVER_PROOF, in + POINT)) {
        return SEAL_FAILED;
    }
    prove(seal, KEY_CLIENT_PROOF, out);
    *out_len = PROOF;
    return SEAL_OPEN;
}

SealStep seal_step(Seal *seal, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    SealStep step = SEAL_FAILED;

    *out_len = 0;
    if (seal->is_open || seal->has_failed) {
        return SEAL_FAILED;
    }
    if (!seal->is_server) {
        step = check_server(seal, in, in_len, out, out_len);
    } else if (!seal->has_answered) {
        step = answer(seal, in, in_len, out, out_len);
    } else if (in_len == PROOF && is_proof(seal, KEY_CLIENT_PROOF, in)) {
        step = SEAL_OPEN;
    }
    seal->is_open = step == SEAL_OPEN;
    seal->has_failed = step == SEAL_FAILED;
    return step;
}

/* A direction's nonce; each is used once. 2^64 messages do not happen. */
static void next_nonce(Direction *direction, uint8_t *nonce)
{
    memset(nonce, 0, crypto_aead_chacha20poly1305_IETF_NPUBBYTES);
    for (unsigned i = 0; i < 8; i++) {
        nonce[i] = (uint8_t)(direction->counter >> (8 * i));
    }
    direction->counter++;
}

void seal_close(Seal *seal, const uint8_t *header, size_t header_len, const uint8_t *data,
                size_t len, uint8_t *out)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];

    memcpy(out, header, header_len);
    if (len) {
        memcpy(out + header_len, data, len);
    }
    next_nonce(&seal->out, nonce);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, out, header_len + len, NULL, 0, NULL,
                                                    nonce, seal->out.key);
}

bool seal_unseal(Seal *seal, uint8_t *message, size_t *len)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];

    if (*len < SEAL_OVERHEAD) {
        return false;
    }
    next_nonce(&seal->in, nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(message, NULL, NULL, message, *len, NULL, 0,
                                                  nonce, seal->in.key) != 0) {
        return false;
    }
    *len -= SEAL_OVERHEAD;
    return true;
}
