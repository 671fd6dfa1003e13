/* Text of any origin within XML and HTML. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_MARKUP_H
#define QOSIM_COSIM_REGRESS_REPORT_MARKUP_H

#include <glib.h>

G_BEGIN_DECLS

/*
 * Appends @text so that it stands for itself, in an element as in a quoted attribute, for parsers of XML 1.0 and of HTML. What is no
 * UTF-8 becomes U+FFFD; characters that XML 1.0 has no way to write (most control characters, U+FFFE, U+FFFF) become "\x1b" and
 * the like. NULL is nothing.
 */
void markup_text(GString *to, const char *text);

/* The same of what printf() would print. */
void markup_printf(GString *to, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS

#endif
