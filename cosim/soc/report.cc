#include "cosim/soc/report.h"

#include <unistd.h>

#include <cstdio>

#include "cosim/dpi/qosim_dpi.h"

// 1234567.0 as "1.23 M".
static std::string scaled(double value)
{
    static const char *const prefixes[] = { "", "k", "M", "G", "T" };
    unsigned i = 0;
    char buffer[32];

    while (value >= 1000 && i < 4) {
        value /= 1000;
        i++;
    }
    snprintf(buffer, sizeof(buffer), i == 0 ? "%.0f %s" : "%.2f %s", value, prefixes[i]);
    return buffer;
}

static uint64_t rpcs_so_far()
{
    unsigned long long rpcs = 0;
    unsigned long long wait_ns = 0;

    qosim_dpi_stats(&rpcs, &wait_ns);
    return rpcs;
}

Report::Report() : terminal(isatty(STDERR_FILENO) != 0), start(Clock::now()), last(start)
{
}

void Report::clear_progress()
{
    if (progress_shown) {
        fputs("\r\033[K", stderr);
        progress_shown = false;
    }
}

void Report::console(char c)
{
    clear_progress();
    putchar(c);
    in_line = c != '\n';
    if (!in_line) {
        fflush(stdout);
    }
}

void Report::message(const char *text)
{
    clear_progress();
    fflush(stdout);
    fprintf(stderr, "%s\n", text);
}

void Report::progress(uint64_t cycles)
{
    const Clock::time_point now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - last).count();

    if (!terminal || in_line || seconds < 0.25) {
        return;
    }
    const uint64_t rpcs = rpcs_so_far();
    fprintf(stderr, "\r\033[K%scycles  %scycles/s  %sRPC/s",
            scaled(static_cast<double>(cycles)).c_str(),
            scaled(static_cast<double>(cycles - last_cycles) / seconds).c_str(),
            scaled(static_cast<double>(rpcs - last_rpcs) / seconds).c_str());
    fflush(stderr);
    progress_shown = true;
    last = now;
    last_cycles = cycles;
    last_rpcs = rpcs;
}

void Report::summary(const std::string &verdict, uint64_t cycles, uint64_t period_ps)
{
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const double simulated_us = static_cast<double>(cycles) * static_cast<double>(period_ps) * 1e-6;
    unsigned long long rpcs = 0;
    unsigned long long wait_ns = 0;
    unsigned long long transfers = 0;
    unsigned long long bytes = 0;

    clear_progress();
    if (in_line) {
        putchar('\n');
    }
    fflush(stdout);
    qosim_dpi_stats(&rpcs, &wait_ns);
    fprintf(
        stderr,
        "qosim-soc: %s\n"
        "qosim-soc: %llu cycles (%.1f us simulated) in %.2f s: %scycles/s; %llu RPCs, %.2f s in "
        "the server\n",
        verdict.c_str(), static_cast<unsigned long long>(cycles), simulated_us, seconds,
        scaled(static_cast<double>(cycles) / seconds).c_str(), rpcs,
        static_cast<double>(wait_ns) * 1e-9);
    qosim_dpi_dma_stats(&transfers, &bytes);
    if (transfers > 0) {
        fprintf(stderr, "qosim-soc: %llu DMA transfers, %sB\n", transfers,
                scaled(static_cast<double>(bytes)).c_str());
    }
}
