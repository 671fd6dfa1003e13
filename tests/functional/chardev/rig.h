/* A qosimd with a machine, a session that plays the guest's side, and the program qosim as somebody would run it. */
#ifndef QOSIM_TESTS_FUNCTIONAL_CHARDEV_RIG_H
#define QOSIM_TESTS_FUNCTIONAL_CHARDEV_RIG_H

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"
#include "tests/lib/guest_memory.h"
#include "tests/lib/session_guest.h"

typedef struct Rig {
    Daemon *daemon;
    GuestMemory *memory; /* serves what the machine wants of it, where that is the driver's */
    qosim_session *session;
    GString *
        events; /* "ID output ", "ID input ", "ID open ", "ID closed ", "PORT connected ", "deleted ID ", … */
    SessionGuest *guest;
} Rig;

#define RIG_VIRT "-M virt -global virtio-mmio.force-legacy=off "

/* Starts qosimd with @options at @scheme; the guest's device is behind @transport (see session_guest_new()). */
Rig *rig_new(const char *options, const char *scheme, const char *transport);
void rig_free(Rig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)

/*
 * Adds @test three times, once for each home of guest memory: "/x/y" becomes "/x/ram/y", "/x/shm/y" and "/x/client/y". In it each
 * rig's machine, which must be a "-M virt" without options, has its memory there; elsewhere that is the server's.
 */
void rig_test_homes(const char *path, gconstpointer data, GTestDataFunc test);

/* The events since the last look, those that are under way included; must be these. */
void rig_expect_events(Rig *rig, const char *expected);

/* Runs qosim with @line, split as a shell does, to its end; must end with @code and print @expected (both streams). */
void rig_qosim(const Rig *rig, const char *line, int code, const char *expected);

/* The same for the text of either stream, to look at; free with g_free(). */
char *rig_qosim_output(const Rig *rig, const char *line, int code);

/* The program qosim while it runs. */
typedef struct Program {
    qosim_session *session; /* of the rig, which may have to serve memory while the program waits */
    GPid pid;
    int in;  /* what is written here the program reads; -1: closed */
    int out; /* what it prints */
    int err;
    GByteArray *printed; /* so far */
} Program;

/* Starts qosim; @terminal is a descriptor to be its standard input, -1: a pipe. */
Program *program_start(const Rig *rig, const char *line, int terminal);

/* Takes what it has printed by now. */
void program_take(Program *program);

/* Writes as much as goes without blocking; how much. */
size_t program_write(Program *program, const void *bytes, size_t len);
void program_close_input(Program *program);

/* Waits for its end and gives the exit code, -1: a signal. What it complained of goes to *@errors, to be freed. */
int program_wait(Program *program, char **errors);
void program_free(Program *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Program, program_free)

/* Whether patience is at an end: asserts that not more than 30 s have passed since *@start (0: set it). Sleeps a moment. */
void rig_wait(gint64 *start);

#endif
