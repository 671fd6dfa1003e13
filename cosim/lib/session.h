/* What the files of libqosim share: the session, the carriers behind it, and the engine that makes one call. */
#ifndef QOSIM_LIB_SESSION_H
#define QOSIM_LIB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qosim/qosim.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

#define DEFAULT_TIMEOUT_MS 5000
#define NO_DEADLINE UINT64_MAX

/* While nothing comes for so long, a waiting client asks whether the server is there; qosim_options.heartbeat_ms. */
#define DEFAULT_HEARTBEAT_MS 5000

/* What a carrier's receive came to. */
typedef enum Arrival {
    ARRIVAL_FRAME,
    ARRIVAL_NOTHING, /* until the deadline */
    ARRIVAL_BAD,     /* something came that is no frame of the protocol; the error says what */
    ARRIVAL_GONE,    /* this end cannot go on */
} Arrival;

/* How frames travel. Deadlines are points of the clock of now_ms(). */
typedef struct CarrierOps {
    /* What qosim_transport() says. */
    const char *(*name)(void *carrier);

    /* Whether a frame may be lost on the way, so that it is worth to send it again. */
    bool is_lossy;

    /* The longest block that it carries well. */
    uint64_t (*block_bytes)(void *carrier);

    /* Sends @frame. With @again the same frame as last time, which it has kept. */
    /* QOSIM_ERR_TIMEOUT: there was no room, or no connection, until the deadline. */
    qosim_result (*send)(void *carrier, const QsClientFrame *frame, bool again, int64_t deadline,
                         QsError *error);

    /*
     * Instead of send() and receive(), of a server in this process: carries @frame out at once. False when there is no answer
     * (a posted frame); else the answer lives until the next request. NULL: frames travel.
     */
    bool (*request)(void *carrier, const QsClientFrame *frame, QsServerFrame *answer);

    /*
     * Looks out for a frame without the clock, for as long as spinning pays; NULL: that never does. True: receive() has one, or
     * something to see to.
     */
    bool (*spin)(void *carrier);

    /* The next frame of the server; what it points to lives in @arena. A deadline of 0 is over. */
    Arrival (*receive)(void *carrier, QsArena *arena, int64_t deadline, QsServerFrame *frame,
                       QsError *error);

    /* Sends a frame that is not waited for, and leaves what send() keeps alone. One that finds no room is dropped. */
    void (*answer)(void *carrier, const QsClientFrame *frame, int64_t deadline);

    /* Has a server in this process ask @session for its memory; NULL: it asks by frames. */
    void (*set_session)(void *carrier, qosim_session *session);

    /* Why it cannot be reached, as a constant; NULL: nothing is known. May be NULL. */
    const char *(*trouble)(void *carrier);

    /* Whether the server can be reached now, and how often a connection was made since the start. */
    bool (*is_connected)(void *carrier);
    uint64_t (*connections)(void *carrier);

    /* Gives the connection up for another one; NULL: there is none, or no way to. */
    void (*reconnect)(void *carrier);

    void (*close)(void *carrier);
} CarrierOps;

typedef struct KeptPost KeptPost; /* resume.c */

/* Why the server does not know the session any more. */
typedef enum Loss { LOSS_NONE, LOSS_UNKNOWN, LOSS_RESTARTED, LOSS_ENDED, LOSS_TAKEN_OVER } Loss;

struct qosim_session {
    const CarrierOps *ops;
    void *carrier;
    char *url;
    int timeout_ms;
    char error[512];
    Loss loss;
    bool in_handler; /* the event handler runs */

    /* As Hello said. */
    uint8_t token[QS_TOKEN_BYTES];
    size_t token_len;
    char token_text[2 * QS_TOKEN_BYTES + 1];
    uint64_t instance; /* of the server */
    char *server;
    uint32_t version;
    uint32_t max_operations;
    uint64_t max_block_bytes;

    /* The stream. */
    QsArena *arena; /* the last frame received */
    uint64_t last_request;
    uint64_t awaited;       /* request whose reply is waited for; 0: none */
    uint64_t last_sequence; /* 0: none yet */
    size_t n_pushed;        /* events since the last reply */

    /* Going on after the connection broke. */
    bool resumes;                 /* both ends can */
    bool is_resuming;             /* a Resume is under way: what is missing comes */
    uint32_t epoch;               /* how often the session was taken over */
    uint64_t connections;         /* that had been made when the stream was last in order */
    uint64_t stream_events;       /* in all frames up to last_sequence, as Resume counts them */
    int heartbeat_ms;             /* 0: none */
    int64_t heard_at;             /* when the last frame came, while waiting */
    int64_t asked_at;             /* when the last Resume was sent */
    int64_t ask_again;            /* when it is due again */
    int ask_step;                 /* … and how long that is */
    int64_t down_since;           /* when qosim_poll() first found no connection; 0: there is one */
    const QsClientFrame *request; /* that is waited for; NULL: none */
    KeptPost *kept_posts;         /* posted frames that are not confirmed, oldest first */
    size_t n_kept_posts;
    size_t n_kept_operations;

    qosim_event_fn *handler;
    void *opaque;
    uint64_t n_events; /* all that were delivered */

    /* Memory of this client's. */
    bool has_dma; /* the server was told so */
    qosim_dma_fn *dma;
    void *dma_opaque;
    QsDmaResponse dma_response; /* the last one; id 0: none yet */
    uint8_t *dma_buffer;        /* its bytes */
    uint64_t n_dma;             /* requests carried out */

    /* Levels of the interrupt sink, one bit a line. */
    uint32_t *irq_words;
    size_t n_irq_words;
    uint64_t irq_generation;
    bool irq_is_stale; /* events were lost: the levels must be asked for */

    /* Virtual time. */
    bool time_is_new;
    uint64_t time_ns;
    uint64_t now_ns;
    uint64_t next_deadline_ns;

    /* Posted writes: those not sent yet, with the time at which they were posted, if that was new. */
    QsOperation *gathered;
    size_t n_gathered;
    bool gathered_has_time;
    uint64_t gathered_time_ns;
    bool is_flushing;

    /* Posted writes: those not yet followed by a reply, and what failed. */
    size_t n_posted;
    uint64_t posted_connections; /* connections made when the first of them was sent */
    size_t n_posted_errors;
    char posted_text[512];
};

/* session.c */

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/* Keeps a text for qosim_last_error() and returns @result. */
qosim_result fail(qosim_session *session, qosim_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
qosim_result result_of_status(QsStatusCode code);

/* Keeps a text for qosim_open_error() and returns @result. */
qosim_result open_failed(qosim_result result, const char *text);

/* Whether the session can take a call now. */
qosim_result check_session(qosim_session *session);
/* Whether @text can be sent; @required: and is neither NULL nor empty. */
qosim_result check_text(qosim_session *session, const char *what, const char *text, bool required);

/* A register access. Nothing else of @operation is set: this is done for each access. */
static inline void set_access(QsOperation *operation, bool is_write, QsAccessPath path,
                              uint64_t address, unsigned size, uint64_t data)
{
    operation->kind = is_write ? QS_OP_MMIO_WRITE : QS_OP_MMIO_READ;
    operation->mmio.address = address;
    operation->mmio.data = !is_write ? 0 : size < 8 ? data & ((UINT64_C(1) << size * 8) - 1) : data;
    operation->mmio.size = size;
    operation->mmio.path = path;
}

/* object.c */

qosim_result no_memory(qosim_session *session);

/* "key=value" texts (NULL-terminated, or NULL) as a map whose values are yet to be parsed. Free with free_entries(). */
qosim_result parse_entries(qosim_session *session, const char *const *texts, QsValueEntry **entries,
                           size_t *n);
void free_entries(QsValueEntry *entries, size_t n);

/* call.c */

/*
 * Executes @n operations in one frame and waits for the results, handling the events on the way. On QOSIM_OK *@results
 * has @n results of the kinds that were asked for, each with status OK; they live until the next call. When the frame or
 * one of its operations has failed, so does the call, with the text of the first failure.
 */
qosim_result call(qosim_session *session, const QsOperation *operations, size_t n,
                  const QsResult **results);
qosim_result call_one(qosim_session *session, const QsOperation *operation,
                      const QsResult **result);

/* The same with a time to wait of its own, and sent once only if @once. */
qosim_result call_for(qosim_session *session, const QsOperation *operations, size_t n, int wait_ms,
                      bool once, const QsResult **results);

/* A frame for the next request, and how it is sent. */
QsClientFrame call_new_frame(qosim_session *session, const QsOperation *operations, size_t n);
qosim_result call_send_frame(qosim_session *session, const QsClientFrame *frame, int wait_ms);

/*
 * Takes what a frame brings beside results: events, posted errors, the virtual time. False when the frame is to be ignored: others
 * before it are missing, and it will come again behind them.
 */
bool take_news(qosim_session *session, const QsServerFrame *frame);
/* The same, and answers a DMA request. */
bool take_frame(qosim_session *session, const QsServerFrame *frame);

/* After many events without a reply, asks for one: its number shows whether frames after the last event were lost. */
void check_stream(qosim_session *session);

/* Ends a public call that talked to the server: asks for what lost events would have told. Returns @result. */
qosim_result finish(qosim_session *session, qosim_result result);

/* resume.c */

/* Asks for what is missing of the server's stream, unless that is under way. */
void resume_begin(qosim_session *session);
/* Does so when there is a new connection, and asks again when it is time: at resume_due(). Cheap when there is nothing to do. */
void resume_look(qosim_session *session);
int64_t resume_due(const qosim_session *session);
/* The server's answer. */
void resume_take(qosim_session *session, const QsResumed *resumed);

/* Shows the server that the client is there, and asks whether it is, when nothing came for long: at heartbeat_due(). */
void heartbeat_look(qosim_session *session);
int64_t heartbeat_due(const qosim_session *session);

/* Waits for a reply when so much was posted that @n operations more could not be kept. */
qosim_result resume_make_room(qosim_session *session, size_t n);
/* Keeps a posted frame until a reply confirms it, or forgets the last one. */
qosim_result resume_keep(qosim_session *session, const QsClientFrame *frame);
void resume_drop_last(qosim_session *session);
/* The reply to @request_id came: everything before it was carried out. */
void resume_settle(qosim_session *session, uint64_t request_id);
/* What must have been carried out before the next frame; 0: nothing. */
uint64_t resume_after(const qosim_session *session);
void resume_free(qosim_session *session);

/* post.c */

/* Takes an operation that is not waited for. It travels with others, and before everything later. */
qosim_result post(qosim_session *session, const QsOperation *operation);
/* Sends what was taken and has not been sent. Every call that sends something does this first. */
qosim_result post_flush(qosim_session *session);

/* events.c */

/* Delivers the events of @frame, and before them the news of a gap in the stream. */
void take_events(qosim_session *session, const QsServerFrame *frame);
/* Tells that @dropped events are lost. */
void deliver_lagged(qosim_session *session, uint64_t time_ns, uint64_t dropped);
/* Hands one event to the handler, if there is one. */
void deliver(qosim_session *session, const qosim_event *event);

/* dma.c */
void dma_answer(qosim_session *session, const QsDmaRequest *request);
/* The same for a server in this process; @session is the qosim_session. */
void dma_answer_embedded(void *session, const QsServerFrame *frame, QsDmaResponse *response);
/* Takes the frames that have come, so that one who only sends answers too. */
void dma_look(qosim_session *session);

/* irq.c */
void irq_set(qosim_session *session, uint32_t line, bool level);
void irq_start(qosim_session *session, const uint32_t *raised, size_t n);
/* Asks for the levels after events were lost, and delivers the differences. */
void irq_refresh(qosim_session *session);

/* print_value.c */

/* A property's value as text, owned by the caller; NULL when memory is short. */
char *print_value(const QsValue *value);

/* carrier_remote.c, carrier_inproc.c: NULL with @error. */
void *remote_open(const char *url, const qosim_options *options, const CarrierOps **ops,
                  QsError *error);
void *inproc_open(const char *options, const CarrierOps **ops, QsError *error);

#endif
