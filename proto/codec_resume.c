/* Going on after a connection broke. */
#include "proto/codec_internal.h"

Qosim__V1__Resume *codec_put_resume(Codec *c, const QsResume *resume)
{
    Qosim__V1__Resume *m = codec_new(c, &qosim__v1__resume__descriptor);

    if (m) {
        m->last_sequence = resume->last_sequence;
        m->events = resume->events;
    }
    return m;
}

void codec_get_resume(const Qosim__V1__Resume *m, QsResume *resume)
{
    resume->last_sequence = m->last_sequence;
    resume->events = m->events;
}

Qosim__V1__Resumed *codec_put_resumed(Codec *c, const QsResumed *resumed)
{
    Qosim__V1__Resumed *m = codec_new(c, &qosim__v1__resumed__descriptor);

    if (m) {
        m->last_sequence = resumed->last_sequence;
        m->next_sequence = resumed->next_sequence;
        m->dropped = resumed->dropped;
        m->last_request_id = resumed->last_request_id;
    }
    return m;
}

void codec_get_resumed(const Qosim__V1__Resumed *m, QsResumed *resumed)
{
    resumed->last_sequence = m->last_sequence;
    resumed->next_sequence = m->next_sequence;
    resumed->dropped = m->dropped;
    resumed->last_request_id = m->last_request_id;
}
