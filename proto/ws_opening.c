/* The opening of a WebSocket: HTTP texts of two sides, and SHA-1, which is no secret's keeper here but part of the form. */
#include "proto/ws.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_LEN (WS_KEY_SIZE - 1)

/* --- SHA-1 (RFC 3174) of a short text --- */

#define SHA1_LEN 20u
#define SHA1_BLOCK 64u

/* Of a key and the GUID, padded: two blocks. */
#define SHA1_ROOM (2 * SHA1_BLOCK)

static uint32_t rotate(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

/* What a step mixes in of b, c and d, and its constant. */
static uint32_t sha1_mix(unsigned step, uint32_t b, uint32_t c, uint32_t d)
{
    if (step < 20) {
        return ((b & c) | (~b & d)) + 0x5a827999u;
    }
    if (step < 40) {
        return (b ^ c ^ d) + 0x6ed9eba1u;
    }
    if (step < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    }
    return (b ^ c ^ d) + 0xca62c1d6u;
}

static void sha1_block(uint32_t h[5], const uint8_t *block)
{
    uint32_t w[80];
    uint32_t v[5];

    for (unsigned i = 0; i < 16; i++) {
        const uint8_t *p = block + (size_t)4 * i;

        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (unsigned i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    memcpy(v, h, sizeof(v));
    for (unsigned i = 0; i < 80; i++) {
        uint32_t next = rotate(v[0], 5) + sha1_mix(i, v[1], v[2], v[3]) + v[4] + w[i];

        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (unsigned i = 0; i < 5; i++) {
        h[i] += v[i];
    }
}

static void sha1(const char *text, size_t len, uint8_t *hash)
{
    uint32_t h[5] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u };
    uint8_t room[SHA1_ROOM] = { 0 };

    memcpy(room, text, len); /* at most SHA1_ROOM - 9 bytes, more than SHA1_BLOCK - 9 */
    room[len] = 0x80;
    room[SHA1_ROOM - 2] = (uint8_t)(len * 8 >> 8);
    room[SHA1_ROOM - 1] = (uint8_t)(len * 8);
    sha1_block(h, room);
    sha1_block(h, room + SHA1_BLOCK);
    for (unsigned i = 0; i < SHA1_LEN; i++) {
        hash[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    }
}

/* What answers a key. */
static void make_accept(const char *key, char *accept)
{
    char text[KEY_LEN + sizeof(GUID)];
    uint8_t hash[SHA1_LEN];

    memcpy(text, key, KEY_LEN);
    memcpy(text + KEY_LEN, GUID, sizeof(GUID));
    sha1(text, KEY_LEN + sizeof(GUID) - 1, hash);
    sodium_bin2base64(accept, WS_ACCEPT_SIZE, hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
}

/* --- HTTP --- */

/* A part of somebody's text, of any bytes. */
typedef struct Span {
    const char *at;
    size_t len;
} Span;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static Span trim(Span s)
{
    while (s.len && is_blank(*s.at)) {
        s.at++;
        s.len--;
    }
    while (s.len && is_blank(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* Takes what is before the next @end (a string) off *@rest. False when nothing is left. */
static bool next_part(Span *rest, const char *end, Span *part)
{
    size_t end_len = strlen(end);
    const char *found;

    if (!rest->len) {
        return false;
    }
    found = memmem(rest->at, rest->len, end, end_len);
    *part = (Span){ rest->at, found ? (size_t)(found - rest->at) : rest->len };
    if (found) {
        rest->len -= part->len + end_len;
        rest->at = found + end_len;
    } else {
        rest->len = 0;
    }
    return true;
}

static bool is_text(Span s, const char *text)
{
    return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

/* The next line of *@rest that is the header @name. */
static bool next_header(Span *rest, const char *name, Span *value)
{
    size_t len = strlen(name);
    Span line;

    while (next_part(rest, "\r\n", &line)) {
        if (line.len > len && line.at[len] == ':' && strncasecmp(line.at, name, len) == 0) {
            *value = trim((Span){ line.at + len + 1, line.len - len - 1 });
            return true;
        }
    }
    return false;
}

/* Whether one of the headers @name, which are lists, has the word @word. */
static bool has_word(Span text, const char *name, const char *word)
{
    Span list;
    Span item;

    while (next_header(&text, name, &list)) {
        while (next_part(&list, ",", &item)) {
            if (is_text(trim(item), word)) {
                return true;
            }
        }
    }
    return false;
}

size_t ws_opening_length(const uint8_t *text, size_t len)
{
    const uint8_t *end = memmem(text, len, "\r\n\r\n", 4);

    return end ? (size_t)(end - text) + 4 : 0;
}

/* --- The server's side --- */

/* Whether "Origin: SCHEME://HOST:PORT" is of this host. A browser lets any page connect, and tells by this which one it is. */
static bool is_own_origin(Span origin)
{
    Span scheme;
    Span host;

    if (!memmem(origin.at, origin.len, "://", 3) || !next_part(&origin, "://", &scheme) ||
        !origin.len) {
        return false;
    }
    if (*origin.at == '[') {
        return next_part(&origin, "]", &host) && is_text(host, "[::1");
    }
    if (!next_part(&origin, ":", &host)) {
        return false;
    }
    for (size_t i = 0; i < host.len; i++) {
        if (!strchr("0123456789.", host.at[i]) || !host.at[i]) {
            return is_text(host, "localhost");
        }
    }
    return host.len > 4 && memcmp(host.at, "127.", 4) == 0;
}

static bool take_key(Span text, char *key)
{
    uint8_t bytes[16];
    size_t len;
    Span value;

    if (!next_header(&text, "Sec-WebSocket-Key", &value) || value.len != KEY_LEN ||
        sodium_base642bin(bytes, sizeof(bytes), value.at, value.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != sizeof(bytes)) {
        return false;
    }
    memcpy(key, value.at, KEY_LEN);
    key[KEY_LEN] = '\0';
    return true;
}

static bool is_get(Span text)
{
    Span line;

    return next_part(&text, "\r\n", &line) && line.len > strlen("GET  HTTP/1.1") &&
           memcmp(line.at, "GET ", 4) == 0 &&
           memcmp(line.at + line.len - strlen(" HTTP/1.1"), " HTTP/1.1", strlen(" HTTP/1.1")) == 0;
}

/* Why a request is refused, and with what; NULL: it is not. */
static const char *judge(Span text, char *key, const char **status)
{
    Span headers = text;
    Span origin;

    *status = "400 Bad Request";
    if (!is_get(text) || !has_word(text, "Upgrade", "websocket") ||
        !has_word(text, "Connection", "Upgrade") || !take_key(text, key)) {
        return "it did not ask for a WebSocket";
    }
    if (next_header(&headers, "Origin", &origin) && !is_own_origin(origin)) {
        *status = "403 Forbidden";
        return "it comes from a web page of another host";
    }
    if (!has_word(text, "Sec-WebSocket-Version", "13")) {
        *status = "426 Upgrade Required";
        return "it speaks another version of WebSocket than 13";
    }
    if (!has_word(text, "Sec-WebSocket-Protocol", WS_PROTOCOL)) {
        return "it did not ask for the subprotocol " WS_PROTOCOL;
    }
    return NULL;
}

size_t ws_answer_request(const uint8_t *request, size_t len, char *answer, const char **trouble)
{
    char key[WS_KEY_SIZE];
    char accept[WS_ACCEPT_SIZE];
    const char *status;

    *trouble = judge((Span){ (const char *)request, len }, key, &status);
    if (*trouble) {
        return (size_t)snprintf(answer, WS_MAX_TEXT,
                                "HTTP/1.1 %s\r\n"
                                "Sec-WebSocket-Version: 13\r\n"
                                "Connection: close\r\n"
                                "Content-Length: 0\r\n\r\n",
                                status);
    }
    make_accept(key, accept);
    return (size_t)snprintf(answer, WS_MAX_TEXT,
                            "HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n"
                            "Sec-WebSocket-Protocol: " WS_PROTOCOL "\r\n\r\n",
                            accept);
}

/* --- The client's --- */

size_t ws_make_request(const char *address, char *text, char *accept)
{
    size_t host_len = strcspn(address, "/");
    uint8_t random[16];
    char key[WS_KEY_SIZE];
    int len;

    randombytes_buf(random, sizeof(random));
    sodium_bin2base64(key, sizeof(key), random, sizeof(random), sodium_base64_VARIANT_ORIGINAL);
    make_accept(key, accept);
    len = snprintf(text, WS_MAX_TEXT,
                   "GET %s HTTP/1.1\r\n"
                   "Host: %.*s\r\n"
                   "Upgrade: websocket\r\n"
                   "Connection: Upgrade\r\n"
                   "Sec-WebSocket-Key: %s\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Protocol: " WS_PROTOCOL "\r\n\r\n",
                   address[host_len] ? address + host_len : "/", (int)host_len, address, key);
    return len > 0 && (size_t)len < WS_MAX_TEXT ? (size_t)len : 0;
}

const char *ws_check_answer(const uint8_t *answer, size_t len, const char *accept)
{
    static const char status[] = "HTTP/1.1 101";
    Span text = { (const char *)answer, len };
    Span headers = text;
    Span value;

    if (len < sizeof(status) || memcmp(answer, status, sizeof(status) - 1) != 0) {
        return "the server takes no WebSockets";
    }
    if (!has_word(text, "Upgrade", "websocket") || !has_word(text, "Connection", "Upgrade") ||
        !next_header(&headers, "Sec-WebSocket-Accept", &value) || value.len != WS_ACCEPT_SIZE - 1 ||
        memcmp(value.at, accept, value.len) != 0) {
        return "the server's answer is no WebSocket's";
    }
    return has_word(text, "Sec-WebSocket-Protocol", WS_PROTOCOL)
               ? NULL
               : "the server does not speak " WS_PROTOCOL;
}
