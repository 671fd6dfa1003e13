/* Words and numbers of a qtest line, as QEMU reads them. */
#ifndef QOSIM_COSIM_CLI_QTEST_WORDS_H
#define QOSIM_COSIM_CLI_QTEST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Cuts @line at every single blank into at most @max words, in place; further ones are dropped. Two blanks make an empty word.
 * Words not there are NULL. Returns the number of words.
 */
unsigned qtest_split(char *line, char **words, unsigned max);

/* As strtoull(…, 0), so a sign is allowed; the whole word must be the number. */
bool qtest_u64(const char *word, uint64_t *value);

/*
 * Bytes of a hexadecimal word, whose first two characters are skipped: missing digits are zeros, superfluous ones are ignored,
 * as is the last digit of an odd number. False when something in it is no digit.
 */
bool qtest_hex_decode(const char *word, uint8_t *data, size_t len);

/* Writes two lower-case digits for each byte; @text has room for them. */
void qtest_hex_encode(const uint8_t *data, size_t len, char *text);

/* Whether all of @word may stand in base64 text. */
bool qtest_is_base64(const char *word);

#endif
