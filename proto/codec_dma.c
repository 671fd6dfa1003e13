/* DMA requests and their answers. */
#include "proto/codec_internal.h"

static void check_request(Codec *c, const QsDmaRequest *request)
{
    if (request->length < 1 || request->length > QS_MAX_DMA_BYTES) {
        codec_fail(c, QS_STATUS_LIMIT, "a DMA request of %u bytes, there are 1 to %u",
                   request->length, QS_MAX_DMA_BYTES);
    } else if (request->data.len != (request->is_write ? request->length : 0)) {
        codec_fail(c, QS_STATUS_MALFORMED, "a DMA %s of %u bytes with %zu bytes of data",
                   request->is_write ? "write" : "read", request->length, request->data.len);
    }
}

Qosim__V1__DmaRequest *codec_put_dma_request(Codec *c, const QsDmaRequest *request)
{
    Qosim__V1__DmaRequest *m = codec_new(c, &qosim__v1__dma_request__descriptor);

    check_request(c, request);
    if (m) {
        m->id = request->id;
        m->address = request->address;
        m->length = request->length;
        m->is_write = request->is_write;
        m->data = codec_put_bytes(c, "data of a DMA request", request->data, QS_MAX_DMA_BYTES);
    }
    return m;
}

void codec_get_dma_request(Codec *c, const Qosim__V1__DmaRequest *m, QsDmaRequest *request)
{
    request->id = m->id;
    request->address = m->address;
    request->length = m->length;
    request->is_write = m->is_write;
    request->data = codec_get_bytes(c, "data of a DMA request", m->data, QS_MAX_DMA_BYTES);
    check_request(c, request);
}

Qosim__V1__DmaResponse *codec_put_dma_response(Codec *c, const QsDmaResponse *response)
{
    Qosim__V1__DmaResponse *m = codec_new(c, &qosim__v1__dma_response__descriptor);

    if (m) {
        m->id = response->id;
        m->result = (Qosim__V1__BusResult)codec_put_enum(c, "bus result", response->result,
                                                         QS_BUS_ACCESS_ERROR);
        m->data = codec_put_bytes(c, "data of a DMA response", response->data, QS_MAX_DMA_BYTES);
    }
    return m;
}

void codec_get_dma_response(Codec *c, const Qosim__V1__DmaResponse *m, QsDmaResponse *response)
{
    response->id = m->id;
    response->result = (QsBusResult)m->result;
    response->data = codec_get_bytes(c, "data of a DMA response", m->data, QS_MAX_DMA_BYTES);
}
