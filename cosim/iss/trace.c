/* What happened, one line each: the count of instructions, then an instruction, a trap, an access or an interrupt line. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cosim/iss/cpu_internal.h"
#include "cosim/iss/iss.h"

struct Trace {
    FILE *file;
};

Trace *trace_open(const char *path, GError **error)
{
    FILE *file = fopen(path, "w");
    Trace *trace;

    if (!file) {
        g_set_error(error, ISS_ERROR, 0, "trace '%s': %s", path, g_strerror(errno));
        return NULL;
    }
    trace = g_new(Trace, 1);
    trace->file = file;
    return trace;
}

void trace_close(Trace *trace)
{
    fclose(trace->file);
    g_free(trace);
}

static void begin(const Trace *trace, const Iss *iss)
{
    fprintf(trace->file, "%" PRIu64 " ", cpu_count(iss->cpu));
}

void trace_instruction(Trace *trace, const Iss *iss, uint64_t pc)
{
    uint32_t insn = 0;

    (void)cpu_fetch(iss->cpu, pc, &insn);
    fprintf(trace->file, "%08" PRIx64 " %08" PRIx32 "\n", pc, insn);
}

void trace_trap(Trace *trace, const Iss *iss, uint64_t pc, uint64_t cause, uint64_t value)
{
    begin(trace, iss);
    fprintf(trace->file, "trap %" PRIx64 " at %08" PRIx64 " value %" PRIx64 "\n", cause, pc, value);
}

void trace_access(Trace *trace, const Iss *iss, bool is_store, uint64_t address, unsigned size,
                  uint64_t value, bool ok)
{
    begin(trace, iss);
    fprintf(trace->file, "%s %u %08" PRIx64 " %" PRIx64 "%s\n", is_store ? "store" : "load", size,
            address, value, ok ? "" : " fault");
}

void trace_line(Trace *trace, const Iss *iss, uint32_t line, bool level)
{
    begin(trace, iss);
    fprintf(trace->file, "%" PRIu64 "ns line %" PRIu32 " %d\n", iss_now(iss), line, level);
}
