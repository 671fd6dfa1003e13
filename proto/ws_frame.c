/* Heads of WebSocket frames, and their masks. */
#include "proto/ws.h"

#include <string.h>

#define FINAL 0x80u
#define RESERVED 0x70u
#define OPCODE 0x0fu
#define CONTROL 0x08u
#define MASKED 0x80u
#define LENGTH 0x7fu
#define LENGTH_16 126u
#define LENGTH_64 127u

static size_t length_bytes(uint8_t length)
{
    return length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
}

size_t ws_head_length(const uint8_t *head)
{
    return 2 + length_bytes(head[1] & LENGTH) + (head[1] & MASKED ? 4 : 0);
}

static bool is_known(uint8_t opcode)
{
    return opcode == WS_CONTINUATION || opcode == WS_BINARY ||
           (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

bool ws_take_head(const uint8_t *bytes, WsHead *head)
{
    size_t n = length_bytes(bytes[1] & LENGTH);

    head->opcode = bytes[0] & OPCODE;
    head->is_final = bytes[0] & FINAL;
    head->is_masked = bytes[1] & MASKED;
    head->len = n ? 0 : bytes[1] & LENGTH;
    for (size_t i = 0; i < n; i++) {
        head->len = head->len << 8 | bytes[2 + i];
    }
    if (head->is_masked) {
        memcpy(head->mask, bytes + 2 + n, sizeof(head->mask));
    }
    return !(bytes[0] & RESERVED) && is_known(head->opcode) &&
           (!(head->opcode & CONTROL) || (head->is_final && head->len <= WS_MAX_CONTROL));
}

size_t ws_put_head(const WsHead *head, uint8_t *bytes)
{
    uint8_t length = head->len < LENGTH_16     ? (uint8_t)head->len
                     : head->len <= UINT16_MAX ? LENGTH_16
                                               : LENGTH_64;
    size_t n = length_bytes(length);

    bytes[0] = (uint8_t)(head->opcode | (head->is_final ? FINAL : 0));
    bytes[1] = (uint8_t)(length | (head->is_masked ? MASKED : 0));
    for (size_t i = 0; i < n; i++) {
        bytes[2 + i] = (uint8_t)(head->len >> 8 * (n - 1 - i));
    }
    if (head->is_masked) {
        memcpy(bytes + 2 + n, head->mask, sizeof(head->mask));
    }
    return ws_head_length(bytes);
}

void ws_mask(const uint8_t *mask, size_t at, uint8_t *bytes, size_t len)
{
    uint8_t turned[8];
    uint64_t wide;
    size_t i = 0;

    for (size_t k = 0; k < sizeof(turned); k++) {
        turned[k] = mask[(at + k) % 4];
    }
    memcpy(&wide, turned, sizeof(wide));
    for (; len - i >= sizeof(wide); i += sizeof(wide)) {
        uint64_t word;

        memcpy(&word, bytes + i, sizeof(word));
        word ^= wide;
        memcpy(bytes + i, &word, sizeof(word));
    }
    for (; i < len; i++) {
        bytes[i] ^= turned[i % 4];
    }
}
