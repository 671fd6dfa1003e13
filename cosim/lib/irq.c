#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

/* A line beyond this is not kept: no interrupt controller has as many, and a broken server must not cost memory. */
#define MAX_LINES (1u << 20)

static bool grow(qosim_session *session, size_t n_words)
{
    uint32_t *words = realloc(session->irq_words, n_words * sizeof(*words));

    if (!words) {
        return false;
    }
    memset(words + session->n_irq_words, 0, (n_words - session->n_irq_words) * sizeof(*words));
    session->irq_words = words;
    session->n_irq_words = n_words;
    return true;
}

void irq_set(qosim_session *session, uint32_t line, bool level)
{
    size_t word = line / 32;
    uint32_t bit = UINT32_C(1) << line % 32;

    if (level == qosim_irq_level(session, line) || line >= MAX_LINES ||
        (word >= session->n_irq_words && !grow(session, word + 1))) {
        return;
    }
    session->irq_words[word] ^= bit;
    session->irq_generation++;
}

void irq_start(qosim_session *session, const uint32_t *raised, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        irq_set(session, raised[i], true);
    }
}

bool qosim_irq_level(const qosim_session *session, uint32_t line)
{
    size_t word = line / 32;

    return word < session->n_irq_words && (session->irq_words[word] >> line % 32 & 1);
}

uint64_t qosim_irq_generation(const qosim_session *session)
{
    return session->irq_generation;
}

static void take_level(qosim_session *session, uint32_t line, int level)
{
    qosim_event event = { .kind = QOSIM_EVENT_LINE,
                          .time_ns = session->now_ns,
                          .watch = QOSIM_WATCH_IRQ,
                          .line = line,
                          .level = level };

    if (qosim_irq_level(session, line) != (level != 0)) {
        irq_set(session, line, level != 0);
        deliver(session, &event);
    }
}

static bool refresh_lines(qosim_session *session, uint32_t first, uint32_t n)
{
    QsOperation *operations = calloc(n, sizeof(*operations));
    const QsResult *results;
    bool ok = false;

    for (uint32_t i = 0; operations && i < n; i++) {
        operations[i].kind = QS_OP_LINE_GET;
        operations[i].line_get.watch = QOSIM_WATCH_IRQ;
        operations[i].line_get.index = first + i;
    }
    if (operations && call(session, operations, n, &results) == QOSIM_OK) {
        for (uint32_t i = 0; i < n; i++) {
            take_level(session, first + i, results[i].line_get.level);
        }
        ok = true;
    }
    free(operations);
    return ok;
}

void irq_refresh(qosim_session *session)
{
    QsOperation info = { .kind = QS_OP_INFO };
    char error[sizeof(session->error)];
    const QsResult *result;
    uint32_t lines = 0;
    bool ok;

    /* Whatever happens here, the caller's error is the one to show. */
    memcpy(error, session->error, sizeof(error));
    session->irq_is_stale = false; /* events lost from here on set it again */
    ok = call_one(session, &info, &result) == QOSIM_OK;
    if (ok) {
        lines = result->info.irq_lines < MAX_LINES ? result->info.irq_lines : MAX_LINES;
    }
    for (uint32_t first = 0; ok && first < lines; first += session->max_operations) {
        uint32_t left = lines - first;

        ok = refresh_lines(session, first,
                           left < session->max_operations ? left : session->max_operations);
    }
    if (!ok) {
        session->irq_is_stale = true;
    }
    memcpy(session->error, error, sizeof(error));
}
