/* The sections of the page; each appends what it has to say, nothing where it knows nothing. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_HTML_PARTS_H
#define QOSIM_COSIM_REGRESS_REPORT_HTML_PARTS_H

#include "cosim/regress/report/result.h"

/* What stands within <style>. */
extern const char html_style[];

/* A cell of a table with @text; @class_ may be NULL. */
void html_cell(GString *to, const char *class_, const char *text);

/* The head of a table that may be wider than the screen; @heads ends with NULL. Ends with html_table_end(). */
void html_table_begin(GString *to, const char *id, const char *class_, const char *const *heads);
void html_table_end(GString *to);

/* A case that diverged: all that there is about it. @number keeps the ids of several apart. */
void html_divergence(GString *to, const Results *results, const ResultCase *one, unsigned number);

/* The registers of both sides. */
void html_registers(GString *to, const RegressDevice *device, const Examined *examined,
                    unsigned number);

/* Names the set @bits of an access at @offset: "rise_ip[3, 8-11]", "0x44[0]". Owned by the caller. */
char *html_register_bits(const RegressDevice *device, uint32_t offset, uint64_t bits);

/* What was exercised, and what was not, as far as somebody counted. */
void html_coverage(GString *to, const Results *results);

/* Where the time of an operation went. */
void html_timing(GString *to, const Results *results);

#endif
