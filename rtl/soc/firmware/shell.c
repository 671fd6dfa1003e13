#include "shell.h"

#define CTRL(letter) ((letter)&0x1f)
#define BELL 0x07
#define BACKSPACE 0x08
#define ESCAPE 0x1b
#define DELETE 0x7f

void shell_print(Shell *shell, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    format(shell->put, shell->opaque, text, args);
    va_end(args);
}

void shell_start(Shell *shell)
{
    shell->length = 0;
    shell->after_return = false;
    shell->escape = 0;
    shell->ended = false;
    shell_print(shell, SHELL_PROMPT);
}

/* A character of UTF-8 may be several bytes and is one on the screen. */
static void erase_character(Shell *shell)
{
    if (shell->length == 0) {
        return;
    }
    do {
        shell->length--;
    } while (shell->length > 0 && (shell->line[shell->length] & 0xc0) == 0x80);
    shell_print(shell, "\b \b");
}

static void end_line(Shell *shell)
{
    shell_print(shell, "\r\n");
    shell->line[shell->length] = '\0';
    if (shell->length > 0) {
        shell->run(shell, shell->line);
    }
    shell->length = 0;
    if (!shell->ended) {
        shell_print(shell, SHELL_PROMPT);
    }
}

static void add(Shell *shell, char c)
{
    if (shell->length == SHELL_LINE_BYTES - 1) {
        shell->put(shell->opaque, BELL);
        return;
    }
    shell->line[shell->length++] = c;
    shell->put(shell->opaque, c);
}

/* Whether @c belongs to an escape sequence: ESC, '[' or 'O', parameters, a letter; or ESC and another byte. */
static bool is_escape(Shell *shell, char c)
{
    if (c == ESCAPE) {
        shell->escape = 1;
        return true;
    }
    if (shell->escape == 0) {
        return false;
    }
    if (shell->escape == 1 && (c == '[' || c == 'O')) {
        shell->escape = 2;
    } else if (shell->escape == 1 || c < ' ' || c >= '@') {
        shell->escape = 0;
    }
    return true;
}

void shell_input(Shell *shell, char c)
{
    const bool after_return = shell->after_return;

    shell->after_return = c == '\r';
    if (shell->ended || is_escape(shell, c) || (c == '\n' && after_return)) {
        return;
    }
    switch (c) {
    case '\r':
    case '\n':
        end_line(shell);
        break;
    case BACKSPACE:
    case DELETE:
        erase_character(shell);
        break;
    case CTRL('u'):
        while (shell->length > 0) {
            erase_character(shell);
        }
        break;
    case CTRL('c'):
        shell_print(shell, "^C\r\n");
        shell_start(shell);
        break;
    default:
        if ((unsigned char)c >= ' ') {
            add(shell, c);
        }
        break;
    }
}

unsigned shell_split(char *line, char *words[SHELL_WORDS])
{
    unsigned n = 0;

    for (;;) {
        while (*line == ' ') {
            *line++ = '\0';
        }
        if (!*line) {
            return n;
        }
        if (n == SHELL_WORDS) {
            return SHELL_WORDS + 1;
        }
        words[n++] = line;
        while (*line && *line != ' ') {
            line++;
        }
    }
}
