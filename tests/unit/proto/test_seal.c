/* Sealed connections: who gets in, and what becomes of messages that were tampered with on the way. */
#include <glib.h>
#include <string.h>

#include "proto/seal.h"

#define CLIENT 0
#define SERVER 1

static const QsKey shared_key = { { 1, 2, 3 } };
static const QsKey other_key = { { 1, 2, 4 } };

typedef struct Pair {
    Seal *end[2];
} Pair;

typedef struct Message {
    uint8_t bytes[SEAL_MAX_OPENING];
    size_t len;
} Message;

static Pair pair_new(const QsKey *client, const QsKey *server)
{
    return (Pair){ { seal_new(client, false), seal_new(server, true) } };
}

static void pair_free(Pair *p)
{
    seal_free(p->end[CLIENT]);
    seal_free(p->end[SERVER]);
}

static SealStep step(Seal *seal, const Message *in, Message *out)
{
    return seal_step(seal, in->bytes, in->len, out->bytes, &out->len);
}

static void open_pair(Pair *p)
{
    Message a;
    Message b;
    Message c;

    a.len = seal_begin(p->end[CLIENT], a.bytes);
    g_assert_cmpint(step(p->end[SERVER], &a, &b), ==, SEAL_WAITS);
    g_assert_cmpint(step(p->end[CLIENT], &b, &c), ==, SEAL_OPEN);
    g_assert_cmpint(step(p->end[SERVER], &c, &a), ==, SEAL_OPEN);
    g_assert_cmpuint(a.len, ==, 0);
    g_assert_true(seal_is_open(p->end[CLIENT]) && seal_is_open(p->end[SERVER]));
}

static Pair new_open_pair(void)
{
    Pair p = pair_new(&shared_key, &shared_key);

    open_pair(&p);
    return p;
}

static GByteArray *sealed(Seal *seal, const char *text)
{
    GByteArray *out = g_byte_array_new();

    g_byte_array_set_size(out, (guint)strlen(text) + 4 + SEAL_OVERHEAD);
    seal_close(seal, (const uint8_t *)"head", 4, (const uint8_t *)text, strlen(text), out->data);
    return out;
}

/* Whether @seal takes @message for the next one; what was in it then stands behind its header. */
static bool takes(Seal *seal, const GByteArray *message, const char *expected)
{
    g_autofree uint8_t *copy = g_memdup2(message->data, message->len);
    size_t len = message->len;

    if (!seal_unseal(seal, copy, &len)) {
        return false;
    }
    g_assert_cmpmem(copy + 4, len - 4, expected, strlen(expected));
    g_assert_cmpmem(copy, 4, "head", 4);
    return true;
}

static void test_both_ways(void)
{
    Pair p = new_open_pair();

    for (int i = 0; i < 300; i++) {
        for (int from = 0; from < 2; from++) {
            g_autofree char *text = g_strnfill((gsize)i * 7, 'x');
            g_autoptr(GByteArray) m = sealed(p.end[from], text);

            g_assert_true(takes(p.end[!from], m, text));
        }
    }
    pair_free(&p);
}

static void test_same_words_look_different(void)
{
    Pair p = new_open_pair();
    Pair q = new_open_pair();
    g_autoptr(GByteArray) first = sealed(p.end[CLIENT], "the same words");
    g_autoptr(GByteArray) second = sealed(p.end[CLIENT], "the same words");
    g_autoptr(GByteArray) back = sealed(p.end[SERVER], "the same words");
    g_autoptr(GByteArray) elsewhere = sealed(q.end[CLIENT], "the same words");
    GByteArray *all[] = { first, second, back, elsewhere };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_assert_null(g_strstr_len((const char *)all[i]->data, all[i]->len, "words"));
        for (size_t k = 0; k < i; k++) {
            g_assert_false(memcmp(all[i]->data, all[k]->data, 16) == 0);
        }
    }
    pair_free(&p);
    pair_free(&q);
}

static void test_altered(void)
{
    for (guint bit = 0; bit < (4 + 5 + SEAL_OVERHEAD) * 8; bit++) {
        Pair p = new_open_pair();
        g_autoptr(GByteArray) m = sealed(p.end[CLIENT], "hello");

        m->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        g_assert_false(takes(p.end[SERVER], m, "hello"));
        pair_free(&p);
    }
}

static void test_cut(void)
{
    for (guint len = 0; len < 4 + 5 + SEAL_OVERHEAD; len++) {
        Pair p = new_open_pair();
        g_autoptr(GByteArray) m = sealed(p.end[CLIENT], "hello");

        g_byte_array_set_size(m, len);
        g_assert_false(takes(p.end[SERVER], m, "hello"));
        pair_free(&p);
    }
}

static void test_replayed(void)
{
    Pair p = new_open_pair();
    g_autoptr(GByteArray) m = sealed(p.end[CLIENT], "once");

    g_assert_true(takes(p.end[SERVER], m, "once"));
    g_assert_false(takes(p.end[SERVER], m, "once"));
    pair_free(&p);
}

static void test_left_out(void)
{
    Pair p = new_open_pair();
    g_autoptr(GByteArray) first = sealed(p.end[CLIENT], "first");
    g_autoptr(GByteArray) second = sealed(p.end[CLIENT], "second");

    g_assert_false(takes(p.end[SERVER], second, "second"));
    pair_free(&p);
}

static void test_sent_back(void)
{
    Pair p = new_open_pair();
    g_autoptr(GByteArray) m = sealed(p.end[CLIENT], "hello");

    g_assert_false(takes(p.end[CLIENT], m, "hello"));
    pair_free(&p);
}

static void test_other_connection(void)
{
    Pair p = new_open_pair();
    Pair q = new_open_pair();
    g_autoptr(GByteArray) m = sealed(p.end[CLIENT], "hello");

    g_assert_false(takes(q.end[SERVER], m, "hello"));
    pair_free(&p);
    pair_free(&q);
}

static void test_wrong_key(void)
{
    Pair p = pair_new(&other_key, &shared_key);
    Message a;
    Message b;
    Message c;

    a.len = seal_begin(p.end[CLIENT], a.bytes);
    g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, SEAL_WAITS);
    g_assert_cmpint(step(p.end[CLIENT], &b, &c), ==, SEAL_FAILED);
    g_assert_cmpuint(c.len, ==, 0);
    pair_free(&p);
}

/* One that does not know the key has nothing to say but a guess. */
static void test_guessed_proof(void)
{
    Pair p = pair_new(&shared_key, &shared_key);
    Message a;
    Message b;
    Message guess = { { 0 }, 32 };

    a.len = seal_begin(p.end[CLIENT], a.bytes);
    g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, SEAL_WAITS);
    g_assert_cmpint(step(p.end[SERVER], &guess, &a), ==, SEAL_FAILED);
    g_assert_false(seal_is_open(p.end[SERVER]));
    pair_free(&p);
}

/* The server's own proof is none for the client, and a proof of yesterday's connection is none today. */
static void test_borrowed_proof(void)
{
    Pair p = pair_new(&shared_key, &shared_key);
    Pair q = pair_new(&shared_key, &shared_key);
    Message a;
    Message b;
    Message proof;
    Message ignored;

    a.len = seal_begin(q.end[CLIENT], a.bytes);
    g_assert_cmpint(step(q.end[SERVER], &a, &b), ==, SEAL_WAITS);
    g_assert_cmpint(step(q.end[CLIENT], &b, &proof), ==, SEAL_OPEN);

    a.len = seal_begin(p.end[CLIENT], a.bytes);
    g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, SEAL_WAITS);
    g_assert_cmpint(step(p.end[SERVER], &proof, &ignored), ==, SEAL_FAILED);
    pair_free(&p);

    p = pair_new(&shared_key, &shared_key);
    a.len = seal_begin(p.end[CLIENT], a.bytes);
    g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, SEAL_WAITS);
    proof = (Message){ .len = 32 };
    memcpy(proof.bytes, b.bytes + 32, 32);
    g_assert_cmpint(step(p.end[SERVER], &proof, &ignored), ==, SEAL_FAILED);
    pair_free(&p);
    pair_free(&q);
}

/* Every bit of the three messages matters: with one changed, one end at least does not open. */
static void test_altered_opening(void)
{
    for (int which = 0; which < 3; which++) {
        static const guint bits[] = { 40 * 8, 64 * 8, 32 * 8 };

        for (guint bit = 0; bit < bits[which]; bit++) {
            Pair p = pair_new(&shared_key, &shared_key);
            Message m[3];
            SealStep server;
            SealStep client = SEAL_WAITS;
            Message ignored;

            m[0].len = seal_begin(p.end[CLIENT], m[0].bytes);
            m[0].bytes[bit / 8] ^= which == 0 ? (uint8_t)(1u << bit % 8) : 0;
            server = step(p.end[SERVER], &m[0], &m[1]);
            if (server == SEAL_WAITS) {
                m[1].bytes[bit / 8] ^= which == 1 ? (uint8_t)(1u << bit % 8) : 0;
                client = step(p.end[CLIENT], &m[1], &m[2]);
            }
            if (client == SEAL_OPEN) {
                m[2].bytes[bit / 8] ^= which == 2 ? (uint8_t)(1u << bit % 8) : 0;
                server = step(p.end[SERVER], &m[2], &ignored);
            }
            g_assert_true(server == SEAL_FAILED || client == SEAL_FAILED);
            pair_free(&p);
        }
    }
}

static void test_weak_point(void)
{
    Pair p = pair_new(&shared_key, &shared_key);
    Message a;
    Message b;

    a.len = seal_begin(p.end[CLIENT], a.bytes);
    memset(a.bytes + 8, 0, 32); /* gives the all-zero secret with any other */
    g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, SEAL_FAILED);
    pair_free(&p);
}

static void test_wrong_lengths(void)
{
    for (size_t len = 0; len <= SEAL_MAX_OPENING; len++) {
        Pair p = pair_new(&shared_key, &shared_key);
        Message a = { { 0 }, 0 };
        Message b;

        (void)seal_begin(p.end[CLIENT], a.bytes);
        a.len = len;
        g_assert_cmpint(step(p.end[SERVER], &a, &b), ==, len == 40 ? SEAL_WAITS : SEAL_FAILED);
        pair_free(&p);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seal/messages-pass-both-ways-and-in-every-length", test_both_ways);
    g_test_add_func("/seal/the-same-words-never-look-the-same", test_same_words_look_different);
    g_test_add_func("/seal/a-message-with-one-bit-changed-is-refused", test_altered);
    g_test_add_func("/seal/a-message-cut-short-is-refused", test_cut);
    g_test_add_func("/seal/a-message-that-comes-twice-is-refused", test_replayed);
    g_test_add_func("/seal/a-message-behind-a-gap-is-refused", test_left_out);
    g_test_add_func("/seal/a-message-sent-back-to-its-sender-is-refused", test_sent_back);
    g_test_add_func("/seal/a-message-of-another-connection-is-refused", test_other_connection);
    g_test_add_func("/seal/another-key-does-not-open", test_wrong_key);
    g_test_add_func("/seal/a-guessed-proof-does-not-open", test_guessed_proof);
    g_test_add_func("/seal/a-proof-of-somebody-else-does-not-open", test_borrowed_proof);
    g_test_add_func("/seal/every-bit-of-the-opening-matters", test_altered_opening);
    g_test_add_func("/seal/a-point-that-gives-no-secret-is-refused", test_weak_point);
    g_test_add_func("/seal/an-opening-of-another-length-is-refused", test_wrong_lengths);
    return g_test_run();
}
