#include "cosim/lib/session.h"

qosim_result qosim_reset(qosim_session *session)
{
    QsOperation o = { .kind = QS_OP_RESET };
    const QsResult *result;

    return finish(session, call_one(session, &o, &result));
}

void qosim_set_time(qosim_session *session, uint64_t now_ns)
{
    session->time_ns = now_ns;
    session->time_is_new = true;
}

static qosim_result advance(qosim_session *session, QsAdvanceTo to, uint64_t ns, uint64_t *now_ns)
{
    QsOperation o = { .kind = QS_OP_ADVANCE, .advance = { to, ns } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    if (rc == QOSIM_OK && now_ns) {
        *now_ns = result->advance.now_ns;
    }
    return finish(session, rc);
}

qosim_result qosim_advance(qosim_session *session, uint64_t until_ns, uint64_t *now_ns)
{
    return advance(session, QS_ADVANCE_UNTIL, until_ns, now_ns);
}

qosim_result qosim_advance_by(qosim_session *session, uint64_t ns, uint64_t *now_ns)
{
    return advance(session, QS_ADVANCE_BY, ns, now_ns);
}

qosim_result qosim_advance_to_deadline(qosim_session *session, uint64_t *now_ns)
{
    return advance(session, QS_ADVANCE_NEXT_DEADLINE, 0, now_ns);
}

uint64_t qosim_now(const qosim_session *session)
{
    return session->now_ns;
}

uint64_t qosim_next_deadline(const qosim_session *session)
{
    return session->next_deadline_ns;
}
