// qosim-soc: firmware on the Verilated demo SoC, its peripherals in a Qosim server.
#include <csignal>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "cosim/dpi/qosim_dpi.h"
#include "cosim/soc/firmware.h"
#include "cosim/soc/options.h"
#include "cosim/soc/report.h"
#include "cosim/soc/soc.h"

namespace
{

constexpr int status_mistake = 2;
constexpr int status_max_cycles = 3;
constexpr uint64_t progress_interval = 4096; // cycles between looks at the clock

volatile sig_atomic_t caught_signal;
Report *current_report;

// The first one ends the run in order. A second one kills, unless it comes with the first: timeout(1) sends two.
void on_signal(int number)
{
    static timespec first;
    timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!caught_signal) {
        first = now;
        caught_signal = number;
    } else if (now.tv_sec - first.tv_sec > 1) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void on_message(const char *text)
{
    current_report->message(text);
}

void catch_signals()
{
    struct sigaction action = {};

    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

int mistake(const std::string &error)
{
    fprintf(stderr, "qosim-soc: %s\n", error.c_str());
    return status_mistake;
}

bool can_write(const std::string &path, std::string &error)
{
    FILE *file = fopen(path.c_str(), "wb");

    if (!file) {
        error = "trace '" + path + "': " + strerror(errno);
        return false;
    }
    fclose(file);
    return true;
}

// How a run ended: what to tell and the exit status.
struct Outcome {
    std::string verdict;
    int status;
};

Outcome firmware_exit(unsigned code)
{
    if (code == 0) {
        return { "firmware passed (exit code 0)", 0 };
    }
    return { "firmware failed (exit code " + std::to_string(code) + ")",
             code > 255 ? 255 : static_cast<int>(code) };
}

Outcome run(Soc &soc, Report &report, uint64_t max_cycles)
{
    char c = 0;
    unsigned code = 0;

    while (!caught_signal) {
        soc.cycle();
        if (soc.console(c)) {
            report.console(c);
        }
        if (soc.exited(code)) {
            return firmware_exit(code);
        }
        if (soc.server_lost()) {
            return { "stopped: no server", status_mistake };
        }
        if (soc.stopped()) {
            return { "stopped by the design", status_mistake };
        }
        if (soc.cycles() == max_cycles) {
            return { "stopped: +max-cycles=" + std::to_string(max_cycles) +
                         " reached before the firmware wrote its exit code",
                     status_max_cycles };
        }
        if (soc.cycles() % progress_interval == 0) {
            report.progress(soc.cycles());
        }
    }
    return { std::string("stopped by ") + (caught_signal == SIGINT ? "SIGINT" : "SIGTERM"),
             128 + caught_signal };
}

} // namespace

int main(int argc, char **argv)
{
    const Ram ram = { 0x80000000, QOSIM_SOC_RAM_SIZE };
    Options options;
    std::vector<uint8_t> image;
    std::string error;

    if (!parse_options({ argv + 1, argv + argc }, options, error)) {
        return mistake(error);
    }
    if (options.help) {
        fputs(options_help, stdout);
        return 0;
    }
    if (options.version) {
        puts("qosim-soc " QOSIM_VERSION);
        return 0;
    }
    if (!load_firmware(options.firmware, ram, image, error) ||
        (!options.trace.empty() && !can_write(options.trace, error))) {
        return mistake(error);
    }

    Report report;
    current_report = &report;
    qosim_dpi_set_log(on_message);
    catch_signals();

    std::vector<std::string> plusargs = options.verilator;
    plusargs.push_back("+url=" + options.url);
    Soc soc(plusargs);
    if (!options.trace.empty()) {
        soc.trace(options.trace);
    }
    soc.reset(image);
    const Outcome outcome = run(soc, report, options.max_cycles);
    if (soc.cycles() > 1) {
        report.summary(outcome.verdict, soc.cycles(), QOSIM_SOC_CLK_PERIOD_PS);
    }
    return outcome.status; // without a cycle there was no server, which has been told
}
