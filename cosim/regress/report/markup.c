#include "cosim/regress/report/markup.h"

#include <stdarg.h>
#include <stdbool.h>

/* Char of XML 1.0, section 2.2; g_utf8_make_valid() has taken the surrogates out. */
static bool is_xml_char(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c != 0xfffe && c != 0xffff);
}

static void add_char(GString *to, gunichar c)
{
    switch (c) {
    case '<':
        g_string_append(to, "&lt;");
        break;
    case '>':
        g_string_append(to, "&gt;");
        break;
    case '&':
        g_string_append(to, "&amp;");
        break;
    case '"':
        g_string_append(to, "&quot;");
        break;
    case '\'':
        g_string_append(to, "&#39;");
        break;
    case '\r': /* parsers make a newline of it */
        g_string_append(to, "&#13;");
        break;
    default:
        if (is_xml_char(c)) {
            g_string_append_unichar(to, c);
        } else {
            g_string_append_printf(to, "\\x%02x", c);
        }
        break;
    }
}

void markup_text(GString *to, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    for (const char *at = valid; at && *at; at = g_utf8_next_char(at)) {
        add_char(to, g_utf8_get_char(at));
    }
}

void markup_printf(GString *to, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    markup_text(to, text);
}
