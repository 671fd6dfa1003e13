#include "cosim/soc/options.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <numeric>

const char options_help[] =
    "Usage: qosim-soc +firmware=FILE [+url=URL] [+trace=FILE.fst] [+max-cycles=N]\n"
    "\n"
    "Runs firmware on a RISC-V SoC (RV32IM, SystemVerilog, simulated by Verilator) whose\n"
    "peripherals from 0x10001000 to 0x1fffffff are device models of a Qosim server.\n"
    "\n"
    "  +firmware=FILE    ELF for RV32 linked at 0x80000000, or a raw image of the RAM from there\n"
    "  +url=URL          server: inproc:MACHINE [OPTIONS] (default inproc:sifive_e), ipc://PATH,\n"
    "                    tcp://HOST:PORT, ws://HOST:PORT; inproc:virt uses the SoC's RAM\n"
    "  +trace=FILE.fst   write all signals to FILE.fst\n"
    "  +max-cycles=N     give up after N clock cycles\n"
    "  --help, --version\n"
    "\n"
    "Exit status: the code that the firmware writes to its exit register (above 255: 255), 2 for a "
    "mistake on\n"
    "the command line, bad firmware or a server that is not there or went away, 3 for +max-cycles "
    "reached, 130\n"
    "and 143 for SIGINT and SIGTERM.\n";

static const char *const names[] = { "firmware", "url", "trace", "max-cycles" };

static size_t distance(const std::string &a, const std::string &b)
{
    std::vector<size_t> row(b.size() + 1);

    std::iota(row.begin(), row.end(), 0);
    for (size_t i = 1; i <= a.size(); i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.size(); j++) {
            const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = std::min({ row[j] + 1, row[j - 1] + 1, replaced });
        }
    }
    return row[b.size()];
}

static std::string unknown(const std::string &arg, const std::string &name)
{
    std::string nearest;
    size_t best = 3; // further away is no typing mistake

    for (const char *candidate : names) {
        const size_t d = distance(name, candidate);

        if (d < best) {
            best = d;
            nearest = candidate;
        }
    }
    return "unknown argument '" + arg + "'" +
           (nearest.empty() ? "; see --help" : "; did you mean '+" + nearest + "='?");
}

static bool parse_count(const std::string &text, uint64_t &value)
{
    char *end = nullptr;

    if (text.empty() || text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    value = strtoull(text.c_str(), &end, 0);
    return errno == 0 && *end == 0 && value > 0;
}

// One +NAME=VALUE.
static bool parse_plusarg(const std::string &arg, Options &options, std::string &error)
{
    const size_t equals = arg.find('=');
    const std::string name = arg.substr(1, equals == std::string::npos ? equals : equals - 1);
    const std::string value = equals == std::string::npos ? "" : arg.substr(equals + 1);

    if (std::find(std::begin(names), std::end(names), name) == std::end(names)) {
        error = unknown(arg, name);
        return false;
    }
    if (value.empty()) {
        error = "'+" + name + "' needs a value: '+" + name + "=...'";
        return false;
    }
    if (name == "firmware") {
        options.firmware = value;
    } else if (name == "url") {
        options.url = value;
    } else if (name == "trace") {
        options.trace = value;
    } else if (!parse_count(value, options.max_cycles)) {
        error = "'" + arg + "': want a number of cycles above 0";
        return false;
    }
    return true;
}

// A virt inside the process finds its RAM here, unless the URL says where it is or how long. Other machines have no devices
// that use memory by themselves, and the owner of a server elsewhere has chosen already.
static std::string with_soc_ram(std::string url)
{
    static const std::string machine = "inproc:virt";
    const size_t end = std::min(url.find_first_of(" ,"), url.size());

    if (url.substr(0, end) != machine) {
        return url;
    }
    if (url.find("ram-home=") == std::string::npos) {
        url.insert(end, ",ram-home=client");
    }
    if (url.find("ram-home=client") != std::string::npos &&
        url.find("ram-size=") == std::string::npos && url.find(" -m ") == std::string::npos) {
        url += " -m " + std::to_string(QOSIM_SOC_RAM_SIZE / 1024) + "K";
    }
    return url;
}

bool parse_options(const std::vector<std::string> &args, Options &options, std::string &error)
{
    for (const std::string &arg : args) {
        if (arg == "--help" || arg == "-h") {
            options.help = true;
        } else if (arg == "--version") {
            options.version = true;
        } else if (arg.rfind("+verilator+", 0) == 0) {
            options.verilator.push_back(arg);
        } else if (arg[0] != '+') {
            const size_t start = arg.find_first_not_of('-');

            error = unknown(arg, start == std::string::npos
                                     ? arg
                                     : arg.substr(start, arg.find('=') == std::string::npos
                                                             ? std::string::npos
                                                             : arg.find('=') - start));
            return false;
        } else if (!parse_plusarg(arg, options, error)) {
            return false;
        }
    }
    if (!options.help && !options.version && options.firmware.empty()) {
        error = "no firmware: give '+firmware=FILE' (see --help)";
        return false;
    }
    options.url = with_soc_ram(options.url);
    return true;
}
