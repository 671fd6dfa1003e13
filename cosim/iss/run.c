/* The run: the CPU until something is due, then what is due, and again. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "cosim/iss/iss.h"

#define NS_PER_MS 1000000u
/* A sleeping CPU looks for signals this often, and tells the server the time, so that it sees when that is gone. */
#define SLEEP_MS 100
/* One that runs looks after so many instructions. */
#define SLICE_INSNS (UINT64_C(1) << 20)

static volatile sig_atomic_t caught_signal;

void iss_interrupt(int signal)
{
    caught_signal = signal;
}

int iss_signal(void)
{
    return caught_signal;
}

static bool sync_server(Iss *iss)
{
    iss->n_syncs++;
    iss->has_posted = false;
    qosim_bus_set_time(iss->port, iss_now(iss));
    return qosim_bus_sync(iss->port) == QOSIM_OK || !qosim_bus_is_lost(iss->port);
}

static bool run_script(Iss *iss)
{
    g_autoptr(GError) error = NULL;

    if (!iss->script || script_due(iss->script) > iss_now(iss)) {
        return true;
    }
    if (!sync_server(iss)) {
        return false;
    }
    if (!script_run(iss->script, iss, &error)) {
        iss_say(iss, "%s", error->message);
    }
    return true;
}

bool iss_catch_up(Iss *iss)
{
    const uint64_t count = cpu_count(iss->cpu);
    const bool is_quantum = iss->options->quantum && count >= iss->next_sync;

    iss->slice_end = count + (iss->has_posted ? ISS_SLICE_POSTED : SLICE_INSNS);
    if (is_quantum) {
        iss->next_sync = count + iss->options->quantum;
    }
    if ((is_quantum || qosim_bus_deadline(iss->port) <= iss_now(iss)) && !sync_server(iss)) {
        return false;
    }
    if (!run_script(iss)) {
        return false;
    }
    (void)qosim_bus_wait(iss->port, 0);
    return !qosim_bus_is_lost(iss->port);
}

/* --- Sleep --- */

/* Nothing that is known will ever wake the CPU, and nobody else has a say. */
static bool is_forever(const Iss *iss)
{
    return iss->script && board_due(iss) == UINT64_MAX;
}

static void sleep_real(Iss *iss, uint64_t left_ns)
{
    const int64_t start = g_get_monotonic_time();
    const uint64_t left_ms = left_ns / NS_PER_MS + 1;
    const int ms = left_ms < SLEEP_MS ? (int)left_ms : SLEEP_MS;
    const int events = qosim_bus_wait(iss->port, ms);
    const uint64_t slept_ns = (uint64_t)(g_get_monotonic_time() - start) * 1000;

    iss_add_sleep(iss, MIN(slept_ns, left_ns));
    if (events == 0 && ms == SLEEP_MS) {
        (void)sync_server(iss);
    }
}

/* Time passes until something is due or an event comes, or for a while. */
static void sleep_some(Iss *iss)
{
    const uint64_t now = iss_now(iss);
    const uint64_t due = board_due(iss);
    const uint64_t left = due > now ? due - now : 0;

    if (!iss->options->skip_idle) {
        sleep_real(iss, left);
    } else if (due != UINT64_MAX) {
        iss_add_sleep(iss, left);
    } else if (qosim_bus_wait(iss->port, SLEEP_MS) == 0) {
        (void)sync_server(iss);
    }
}

/* --- Ends --- */

static int end(const Iss *iss, int status, const char *format, ...) G_GNUC_PRINTF(3, 4);

static int end(const Iss *iss, int status, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    fflush(stdout);
    if (status != 0 || !iss->options->quiet) {
        fprintf(stderr, "qosim-iss: %s\n", text);
    }
    return status;
}

static int end_by_firmware(const Iss *iss)
{
    if (iss->exit_code == 0) {
        return end(iss, 0, "firmware passed (exit code 0)");
    }
    return end(iss, iss->exit_code > 255 ? 255 : (int)iss->exit_code,
               "firmware failed (exit code %u)", iss->exit_code);
}

/* Whether the run is over, and then its status. */
static bool is_over(Iss *iss, int *status)
{
    if (iss->has_exited) {
        *status = end_by_firmware(iss);
    } else if (qosim_bus_is_lost(iss->port)) {
        *status = end(iss, ISS_STATUS_MISTAKE, "lost the server at '%s'%s: %s", iss->options->url,
                      iss->loss, qosim_bus_error(iss->port));
    } else if (caught_signal) {
        *status = end(iss, 128 + caught_signal, "stopped by %s",
                      caught_signal == SIGINT ? "SIGINT" : "SIGTERM");
    } else if (cpu_count(iss->cpu) >= iss->options->max_insns) {
        *status = end(iss, ISS_STATUS_MAX_INSNS,
                      "stopped: --max-insns %" PRIu64 " reached at pc 0x%" PRIx64
                      " before the firmware wrote its exit code",
                      iss->options->max_insns, cpu_pc(iss->cpu));
    } else {
        return false;
    }
    return true;
}

static bool halt(Iss *iss, int *status)
{
    if (!gdb_halt(iss->gdb, iss)) {
        *status =
            end(iss, 128 + SIGINT, "ended by the debugger at pc 0x%" PRIx64, cpu_pc(iss->cpu));
        return false;
    }
    return true;
}

/* What the CPU stopped for. False: that was the end. */
static bool handle_stop(Iss *iss, CpuStop stop, int *status)
{
    switch (stop) {
    case CPU_SLEEP:
        if (iss->has_posted) {
            (void)sync_server(iss); /* what they caused may be what the CPU waits for */
            return true;
        }
        if (is_forever(iss)) {
            *status = end(iss, ISS_STATUS_STUCK,
                          "stopped: the CPU sleeps at pc 0x%" PRIx64
                          ", the script is at its end and nothing is due",
                          cpu_pc(iss->cpu));
            return false;
        }
        sleep_some(iss);
        return true;
    case CPU_STUCK:
        *status = end(iss, ISS_STATUS_STUCK, "stopped: %s; the trap handler cannot handle it",
                      cpu_stuck_text(iss->cpu));
        return false;
    case CPU_BREAK:
        return halt(iss, status);
    default:
        return true;
    }
}

static void summarize(const Iss *iss, int64_t start_us)
{
    const double seconds = (double)(g_get_monotonic_time() - start_us) / 1e6;
    const double insns = (double)cpu_count(iss->cpu);

    iss_say(iss,
            "%" PRIu64 " instructions, %.6f ms of virtual time, %" PRIu64 " accesses and %" PRIu64
            " syncs over %s in %.3f s: %.1f MIPS",
            cpu_count(iss->cpu), (double)iss_now(iss) / 1e6, iss->n_accesses, iss->n_syncs,
            qosim_transport(qosim_bus_session(iss->port)), seconds,
            seconds > 0 ? insns / seconds / 1e6 : 0);
}

int iss_run(Iss *iss)
{
    const int64_t start_us = g_get_monotonic_time();
    CpuStop stop = CPU_DONE;
    int status = 0;
    bool goes_on = true;

    while (goes_on && !is_over(iss, &status)) {
        if (iss->gdb && gdb_wants_stop(iss->gdb)) {
            goes_on = halt(iss, &status);
            continue;
        }
        if (!iss_catch_up(iss)) {
            continue; /* and is over */
        }
        board_update(iss);
        if (stop == CPU_SLEEP && !cpu_is_awake(iss->cpu)) {
            goes_on = handle_stop(iss, CPU_SLEEP, &status);
            continue;
        }
        stop = cpu_run(iss->cpu, cpu_until(iss->cpu));
        goes_on = stop == CPU_SLEEP || handle_stop(iss, stop, &status);
    }
    if (iss->gdb) {
        gdb_tell_end(iss->gdb, status);
    }
    if (iss->has_posted && !qosim_bus_is_lost(iss->port)) {
        (void)sync_server(iss);
    }
    summarize(iss, start_us);
    return status;
}
