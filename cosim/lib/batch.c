#include "cosim/lib/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static qosim_result check_accesses(qosim_session *session, qosim_access *accesses, size_t n)
{
    if (n && !accesses) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "the accesses are missing");
    }
    for (size_t i = 0; i < n; i++) {
        unsigned size = accesses[i].size;

        accesses[i].bus = 0;
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                        "access %zu: an access has 1, 2, 4 or 8 bytes, not %u", i, size);
        }
    }
    return QOSIM_OK;
}

static uint64_t mask_of(const qosim_access *access)
{
    return access->size < 8 ? (UINT64_C(1) << access->size * 8) - 1 : UINT64_MAX;
}

static qosim_result run_part(qosim_session *session, qosim_access *accesses, size_t n,
                             QsOperation *operations)
{
    const QsResult *results;
    qosim_result rc;

    for (size_t i = 0; i < n; i++) {
        set_access(&operations[i], accesses[i].is_write, QS_PATH_CPU, accesses[i].address,
                   accesses[i].size, accesses[i].data);
    }
    rc = call(session, operations, n, &results);
    for (size_t i = 0; rc == QOSIM_OK && i < n; i++) {
        accesses[i].bus = (qosim_bus)results[i].mmio.result;
        if (!accesses[i].is_write) {
            accesses[i].data = results[i].mmio.data & mask_of(&accesses[i]);
        }
    }
    return rc;
}

qosim_result qosim_batch(qosim_session *session, qosim_access *accesses, size_t n)
{
    QsOperation *operations = NULL;
    size_t part = 0;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_accesses(session, accesses, n) : rc;
    if (rc != QOSIM_OK || !n) {
        return rc;
    }
    part = n < session->max_operations ? n : session->max_operations;
    operations = malloc(part * sizeof(*operations));
    if (!operations) {
        return fail(session, QOSIM_ERR_MEMORY, "out of memory");
    }
    for (size_t done = 0; rc == QOSIM_OK && done < n; done += part) {
        rc = run_part(session, accesses + done, n - done < part ? n - done : part, operations);
    }
    free(operations);
    return finish(session, rc);
}

size_t qosim_posted_errors(qosim_session *session, char *text, size_t text_size)
{
    size_t n = session->n_posted_errors;

    if (text && text_size) {
        snprintf(text, text_size, "%s", session->posted_text);
    }
    session->n_posted_errors = 0;
    session->posted_text[0] = '\0';
    return n;
}
