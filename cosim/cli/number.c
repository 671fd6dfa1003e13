#include "cosim/cli/number.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

bool cli_number(const char *text, uint64_t *value)
{
    char *end;

    if (!g_ascii_isdigit(text[0])) {
        return false;
    }
    errno = 0;
    *value = strtoull(text, &end, 0);
    return errno == 0 && *end == '\0';
}

bool cli_register_value(const char *text, uint64_t *value)
{
    uint64_t magnitude;

    if (text[0] != '-') {
        return cli_number(text, value);
    }
    if (!cli_number(text + 1, &magnitude) || magnitude > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    *value = -magnitude;
    return true;
}

bool cli_int(const char *text, int *value)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || number < INT_MIN || number > INT_MAX) {
        return false;
    }
    *value = (int)number;
    return true;
}

unsigned cli_width(const char *text)
{
    static const char *const names[] = { "b1", "w2", "l4", "q8" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if ((text[0] == names[i][0] || text[0] == names[i][1]) && text[1] == '\0') {
            return 1u << i;
        }
    }
    return 0;
}
