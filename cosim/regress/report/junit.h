/* JUnit XML, as GitHub's, GitLab's and Jenkins' readers want it. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_JUNIT_H
#define QOSIM_COSIM_REGRESS_REPORT_JUNIT_H

#include "cosim/regress/report/result.h"

G_BEGIN_DECLS

/*
 * One suite with a case for each of the results': a <failure> for a divergence, an <error> for trouble, the report as its text; version,
 * seed and targets as the suite's properties. The result is owned by the caller.
 */
char *junit_text(const Results *results);

G_END_DECLS

#endif
