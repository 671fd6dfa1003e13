/* Accesses and polls, one at a time on a connection. */
#include "cosim/dpi/connection.h"

#include <string.h>
#include <time.h>

#include "cosim/dpi/qosim_dpi.h"

/* How far the server's clock may stay behind while there is no access: what it notes down carries its time. */
#define MAX_TIME_LAG_NS 1000000u

static unsigned long long total_rpcs, total_wait_ns;

/*
 * The connection to an embedded server whose job waits for memory. GLib keeps what the thread is doing on a stack, so that two
 * servers in this thread must not leave their calls in another order than the opposite of how they entered them.
 */
static const Connection *inproc_in_the_middle;

static bool is_inproc(const Connection *c)
{
    return strncmp(c->url, "inproc:", strlen("inproc:")) == 0;
}

static unsigned long long wall_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long long)t.tv_sec * 1000000000u + (unsigned long long)t.tv_nsec;
}

/* Lets the server's clock catch up when something is due there, or when it is far behind. */
static qosim_result catch_up(Connection *c)
{
    if (qosim_next_deadline(c->session) > c->now_ns && c->now_ns - c->told_ns < MAX_TIME_LAG_NS) {
        return QOSIM_OK;
    }
    c->told_ns = c->now_ns;
    total_rpcs++;
    return qosim_advance(c->session, c->now_ns, NULL);
}

static qosim_result poll_server(Connection *c)
{
    int n = qosim_poll(c->session, 0);

    return n < 0 ? (qosim_result)n : catch_up(c);
}

/* The call itself; does not return before it is done. */
static void run(void *opaque)
{
    Connection *c = opaque;
    Job *job = &c->job;

    qosim_set_time(c->session, c->now_ns);
    switch (job->kind) {
    case JOB_READ:
        job->result = qosim_read(c->session, job->address, job->size, &job->data, &job->bus);
        break;
    case JOB_WRITE:
        job->result = qosim_write(c->session, job->address, job->size, job->data, &job->bus);
        break;
    default:
        job->result = poll_server(c);
        break;
    }
}

static int axi_response(const Job *job)
{
    if (job->result != QOSIM_OK) {
        return QOSIM_DPI_SLVERR;
    }
    switch (job->bus) {
    case QOSIM_BUS_OK:
        return QOSIM_DPI_OKAY;
    case QOSIM_BUS_DECODE_ERROR:
        return QOSIM_DPI_DECERR;
    default:
        return QOSIM_DPI_SLVERR;
    }
}

static void end(Connection *c)
{
    Job *job = &c->job;

    if (job->result != QOSIM_OK) {
        qosim_conn_note_failure(c, job->result);
    }
    if (job->owner) {
        job->owner->state = ACCESS_DONE;
        job->owner->response = axi_response(job);
        job->owner->data = job->data;
    }
    job->kind = JOB_NONE;
}

/* Runs the job, on a stack of its own if it may have to stop, until it is done or needs the DMA port. */
static void advance(Connection *c, bool resumed)
{
    const unsigned long long start = wall_ns();
    bool done = true;

    if (resumed || qosim_port_is_needed(c)) {
        done = qosim_co_run(c->coroutine);
        if (is_inproc(c)) {
            inproc_in_the_middle = done ? NULL : c;
        }
    } else {
        run(c);
    }
    total_wait_ns += wall_ns() - start;
    if (done) {
        end(c);
    }
}

void qosim_job_resume(Connection *c)
{
    advance(c, true);
}

static void begin(Connection *c, const Job *job, Handle *owner)
{
    c->job = *job;
    c->job.owner = owner;
    if (qosim_port_is_needed(c) && !c->coroutine && !(c->coroutine = qosim_co_new(run, c))) {
        c->job.result = QOSIM_ERR_MEMORY;
        end(c);
        return;
    }
    advance(c, false);
}

static bool is_free(const Connection *c)
{
    return c->job.kind == JOB_NONE &&
           !(inproc_in_the_middle && is_inproc(c) && qosim_port_is_needed(c));
}

void qosim_job_poll(Connection *c)
{
    const Job job = { .kind = JOB_POLL };

    if (is_free(c) && c->n_waiting == 0) {
        begin(c, &job, NULL);
    }
}

static void begin_access(Handle *h)
{
    Connection *c = h->connection;

    c->n_waiting--;
    if (c->lost) {
        h->state = ACCESS_DONE;
        h->response = QOSIM_DPI_SLVERR;
        h->data = 0;
        return;
    }
    h->state = ACCESS_BEGUN;
    c->told_ns = c->now_ns;
    total_rpcs++;
    begin(c, &h->access, h);
}

bool qosim_job_step(Handle *h)
{
    if (h->state == ACCESS_WAITING && is_free(h->connection) && qosim_dpi_is_next(h)) {
        begin_access(h);
    }
    return h->state == ACCESS_DONE;
}

void qosim_job_forget(Handle *h)
{
    Connection *c = h->connection;

    if (h->state == ACCESS_WAITING) {
        c->n_waiting--;
    }
    if (c->job.owner == h) {
        c->job.owner = NULL;
    }
    h->state = ACCESS_NONE;
}

void qosim_job_stats(unsigned long long *rpcs, unsigned long long *wait_ns)
{
    *rpcs = total_rpcs;
    *wait_ns = total_wait_ns;
}
