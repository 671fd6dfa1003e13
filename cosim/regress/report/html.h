/* A run's results as one HTML page that needs nothing else: no network, no scripts. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_HTML_H
#define QOSIM_COSIM_REGRESS_REPORT_HTML_H

#include "cosim/regress/report/result.h"

G_BEGIN_DECLS

/*
 * The page, owned by the caller. It is well-formed XML as well, apart from its first line, so that other programs can read it. Whatever
 * comes from targets and files is in it as text and nothing else.
 */
char *html_page(const Results *results);

G_END_DECLS

#endif
