// What the person at the terminal sees: the firmware's console, a progress line, messages, the summary.
#ifndef QOSIM_COSIM_SOC_REPORT_H
#define QOSIM_COSIM_SOC_REPORT_H

#include <chrono>
#include <cstdint>
#include <string>

class Report
{
  public:
    // The progress line is shown only when standard error is a terminal.
    Report();

    void console(char c);
    void message(const char *text);
    void progress(uint64_t cycles);
    // Ends line and progress, then says how it went and how fast.
    void summary(const std::string &verdict, uint64_t cycles, uint64_t period_ps);

  private:
    void clear_progress();

    using Clock = std::chrono::steady_clock;
    bool terminal;
    bool progress_shown = false;
    bool in_line = false; // the console's last character was no newline
    Clock::time_point start, last;
    uint64_t last_cycles = 0, last_rpcs = 0;
};

#endif
