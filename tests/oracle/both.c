#include "tests/oracle/both.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many operations are told of at a difference. */
#define LAST_OPS 24u
/* What is printed of one answer. */
#define SHOWN_MAX 400
/* Ends the line with which ours tells that there were more mistakes than it tells of. */
#define NOT_REPORTED " more guest errors were not reported"

void both_init(Both *both, const char *directory, uint64_t seed)
{
    *both = (Both){ .seed = seed, .directory = g_strdup(directory) };
    for (unsigned side = 0; side < SIDES; side++) {
        both->irqs[side] = g_string_new(NULL);
    }
    both->mistakes = g_string_new(NULL);
    g_queue_init(&both->last);
}

void both_clear(Both *both)
{
    g_autoptr(GError) error = NULL;

    qosim_close(both->session);
    both->session = NULL;
    if (!peer_finish(both->peers[SIDE_OURS], &error) || !ours_finish(both->ours, &error)) {
        both_trouble(both, "%s", error->message);
    }
    ours_free(g_steal_pointer(&both->ours));
    for (unsigned side = 0; side < SIDES; side++) {
        peer_stop(g_steal_pointer(&both->peers[side]));
        g_string_free(g_steal_pointer(&both->irqs[side]), TRUE);
    }
    g_string_free(g_steal_pointer(&both->mistakes), TRUE);
    g_queue_clear_full(&both->last, g_free);
    g_clear_pointer(&both->directory, g_free);
}

/* --- Ends --- */

static void G_GNUC_NORETURN end(Both *both, int code)
{
    fflush(stdout);
    for (unsigned side = 0; side < SIDES; side++) {
        peer_stop(g_steal_pointer(&both->peers[side]));
    }
    ours_free(g_steal_pointer(&both->ours));
    if (both->clean_up) {
        both->clean_up(both->clean_up_opaque);
    }
    exit(code);
}

static void print_last(Both *both)
{
    uint64_t number = both->ops - both->last.length;

    printf("last operations:\n");
    for (const GList *item = both->last.head; item; item = item->next) {
        printf("  %8" PRIu64 "  %s\n", number++, (const char *)item->data);
    }
}

void both_differ(Both *both, const char *what, const char *qemu, const char *ours)
{
    print_last(both);
    printf("DIFFERENCE at operation %" PRIu64 " of the session with seed 0x%" PRIx64 ": %s\n",
           both->ops, both->seed, what);
    printf("qemu:\n%s\nqosim:\n%s\n", qemu, ours);
    printf("to repeat: oracle_virtio --seed 0x%" PRIx64 " --count %" PRIu64 " --trace\n",
           both->seed, both->ops);
    end(both, BOTH_DIFFERENT);
}

void both_trouble(Both *both, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    print_last(both);
    fflush(stdout);
    fprintf(stderr,
            "oracle_virtio: %s (after %" PRIu64 " operations of the session with seed 0x%" PRIx64
            ")\n",
            text, both->ops, both->seed);
    end(both, BOTH_TROUBLE);
}

void both_check(Both *both, const GError *error)
{
    if (error) {
        both_trouble(both, "%s", error->message);
    }
}

/* --- Operations --- */

void both_note(Both *both, const char *what, const char *outcome)
{
    char *line = g_strdup_printf("%.*s -> %.*s", SHOWN_MAX, what, SHOWN_MAX, outcome);

    g_strchomp(line);
    if (both->trace) {
        printf("%8" PRIu64 "  %s\n", both->ops, line);
    }
    g_queue_push_tail(&both->last, line);
    if (both->last.length > LAST_OPS) {
        g_free(g_queue_pop_head(&both->last));
    }
    both->ops++;
}

void both_compare(Both *both, const char *what, const char *qemu, const char *ours)
{
    if (strcmp(qemu, ours) != 0) {
        both_differ(both, what, qemu, ours);
    }
    both_note(both, what, qemu);
}

bool both_plants(Both *both, Plant plant)
{
    if (both->plant != plant || both->ops < both->plant_after) {
        return false;
    }
    both->plant = PLANT_NOTHING;
    both->planted = true;
    return true;
}

static void plant_in_answer(Both *both, char *answer)
{
    char *value = strstr(answer, "OK 0x");
    char *raise = strstr(answer, "IRQ raise ");

    if (value && strlen(value) == 22 && both_plants(both, PLANT_REGISTER)) {
        value[20] = value[20] == '1' ? '0' : '1';
    }
    if (raise && both_plants(both, PLANT_INTERRUPT)) {
        const char *rest = strchr(raise, '\n') + 1;

        memmove(raise, rest, strlen(rest) + 1);
    }
}

/* The reply in @answer; the interrupt lines before it go to what is collected of @side. */
static char *split_answer(Both *both, unsigned side, const char *answer)
{
    const char *reply = answer;

    while (g_str_has_prefix(reply, "IRQ ")) {
        reply = strchr(reply, '\n') + 1;
        both->irq_changes += side == SIDE_QEMU;
    }
    g_string_append_len(both->irqs[side], answer, reply - answer);
    return g_strchomp(g_strdup(reply));
}

/* Sends @line to both; their replies are owned by the caller. */
static void exchange(Both *both, const char *line, char *replies[SIDES])
{
    g_autofree char *text = g_strdup_printf("%s\n", line);
    g_autoptr(GError) error = NULL;

    if (!peers_exchange(both->peers, SIDES, text, 1, &error)) {
        both_note(both, line, "no answer");
        both_check(both, error);
    }
    plant_in_answer(both, g_ptr_array_index(both->peers[SIDE_OURS]->answers, 0));
    for (unsigned side = 0; side < SIDES; side++) {
        replies[side] = split_answer(both, side, g_ptr_array_index(both->peers[side]->answers, 0));
    }
}

void both_loosen(Both *both)
{
    both->loose = true;
}

bool both_irqs_agree(const Both *both)
{
    return g_string_equal(both->irqs[SIDE_QEMU], both->irqs[SIDE_OURS]);
}

void both_tighten(Both *both)
{
    if (!both_irqs_agree(both)) {
        both_differ(both, "interrupt lines", both->irqs[SIDE_QEMU]->str,
                    both->irqs[SIDE_OURS]->str);
    }
    for (unsigned side = 0; side < SIDES; side++) {
        g_string_truncate(both->irqs[side], 0);
    }
    both->loose = false;
}

static char *ask(Both *both, const char *line)
{
    char *replies[SIDES];

    exchange(both, line, replies);
    if (strcmp(replies[SIDE_QEMU], replies[SIDE_OURS]) != 0) {
        both_note(both, line, "different answers");
        both_differ(both, line, replies[SIDE_QEMU], replies[SIDE_OURS]);
    }
    g_free(replies[SIDE_OURS]);
    if (both->trace && both->irqs[SIDE_QEMU]->len > 0) {
        printf("          %s", both->irqs[SIDE_QEMU]->str);
    }
    both_note(both, line, replies[SIDE_QEMU]);
    if (both->settle) {
        both->settle(both->settle_opaque);
    }
    if (!both->loose) {
        both_tighten(both);
    }
    return replies[SIDE_QEMU];
}

char *both_ask(Both *both, const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    return ask(both, line);
}

uint64_t both_ask_value(Both *both, const char *format, ...)
{
    g_autofree char *line = NULL;
    g_autofree char *answer = NULL;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    answer = ask(both, line);
    if (!g_str_has_prefix(answer, "OK 0x")) {
        both_trouble(both, "%s: %s", line, answer);
    }
    return strtoull(answer + 3, NULL, 16);
}

/*
 * QEMU answers qtest lines from its main loop, which serves what else is ready in the same round. Ours executes those of a machine of
 * its own at once; what other clients ask comes through the main loop there too.
 */
void both_rounds(Both *both, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char *replies[SIDES];
        uint64_t value;

        exchange(both, "readl 0x10001000", replies);
        if (strcmp(replies[SIDE_QEMU], replies[SIDE_OURS]) != 0) {
            both_differ(both, "readl 0x10001000", replies[SIDE_QEMU], replies[SIDE_OURS]);
        }
        g_free(replies[SIDE_QEMU]);
        g_free(replies[SIDE_OURS]);
        if (qosim_read(both->session, UINT64_C(0x10001000), 4, &value, NULL) != QOSIM_OK) {
            both_trouble(both, "qosim: %s", qosim_last_error(both->session));
        }
    }
}

/* --- Mistakes --- */

void both_take_event(void *opaque, const qosim_event *event)
{
    Both *both = opaque;

    if (event->kind == QOSIM_EVENT_GUEST_ERROR) {
        g_string_append_printf(both->mistakes, "%s%s\n", event->text,
                               both_plants(both, PLANT_MISTAKE) ? "!" : "");
    }
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of @text in order, each once, without QEMU's name before them, and without those for addresses where nothing is: ours
 * tells of one that stands for many. */
static char *sort_lines(const char *text)
{
    static const char prefix[] = "qemu-system-riscv64: ";
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    GString *result = g_string_new(NULL);
    const char *before = "";

    for (unsigned i = 0; lines[i]; i++) {
        bool named = g_str_has_prefix(lines[i], prefix);

        if (!strstr(lines[i], "region '(null)'")) {
            g_ptr_array_add(sorted, lines[i] + (named ? sizeof(prefix) - 1 : 0));
        }
    }
    g_ptr_array_sort(sorted, compare_lines);
    for (guint i = 0; i < sorted->len; i++) {
        const char *line = g_ptr_array_index(sorted, i);

        if (strcmp(line, before) != 0) {
            g_string_append_printf(result, "%s\n", line);
        }
        before = line;
    }
    return g_string_free(result, FALSE);
}

/* Whether each line of @text is one of @all. */
static bool lines_are_among(const char *text, const char *all)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_auto(GStrv) known = g_strsplit(all, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        if (!g_strv_contains((const char *const *)known, lines[i]) &&
            !g_str_has_suffix(lines[i], NOT_REPORTED)) {
            return false;
        }
    }
    return true;
}

void both_compare_mistakes(Both *both)
{
    g_autofree char *log = peer_read_log(both->peers[SIDE_QEMU]);
    g_autofree char *qemu = sort_lines(log);
    g_autofree char *ours = sort_lines(both->mistakes->str);

    /* A client is told of so many in a second only. */
    if (strstr(ours, NOT_REPORTED) && lines_are_among(ours, qemu)) {
        both_note(both, "(the guest's mistakes)", "too many to compare them all");
        return;
    }
    both_compare(both, "(the guest's mistakes)", qemu, ours);
}
