#include "cosim/cli/qtest_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

unsigned qtest_split(char *line, char **words, unsigned max)
{
    unsigned n = 0;

    memset(words, 0, max * sizeof(*words));
    while (line && n < max) {
        char *blank = strchr(line, ' ');

        words[n++] = line;
        if (blank) {
            *blank++ = '\0';
        }
        line = blank;
    }
    return n;
}

bool qtest_u64(const char *word, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(word, &end, 0);
    return errno == 0 && end != word && *end == '\0';
}

bool qtest_hex_decode(const char *word, uint8_t *data, size_t len)
{
    size_t digits = strlen(word) - 2;

    word += 2;
    for (size_t i = 0; i < digits; i++) {
        if (!g_ascii_isxdigit(word[i])) {
            return false;
        }
    }
    memset(data, 0, len);
    for (size_t i = 0; i < MIN(len, digits / 2); i++) {
        data[i] = (uint8_t)(g_ascii_xdigit_value(word[2 * i]) << 4 |
                            g_ascii_xdigit_value(word[2 * i + 1]));
    }
    return true;
}

void qtest_hex_encode(const uint8_t *data, size_t len, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 0xf];
    }
}

bool qtest_is_base64(const char *word)
{
    return word[strspn(
               word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")] == '\0';
}
