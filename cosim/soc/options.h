// Command line of qosim-soc.
#ifndef QOSIM_COSIM_SOC_OPTIONS_H
#define QOSIM_COSIM_SOC_OPTIONS_H

#include <cstdint>
#include <string>
#include <vector>

struct Options {
    std::string firmware;
    std::string url = "inproc:sifive_e";
    std::string trace;                  // empty: none
    uint64_t max_cycles = 0;            // 0: no limit
    std::vector<std::string> verilator; // +verilator+..., passed on
    bool help = false;
    bool version = false;
};

// Reads the arguments behind the program's name. False with a one-line @error on a mistake.
bool parse_options(const std::vector<std::string> &args, Options &options, std::string &error);

extern const char options_help[];

#endif
