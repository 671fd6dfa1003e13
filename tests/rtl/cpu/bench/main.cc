// SPDX-License-Identifier: MIT
//
// cpu-bench: runs a programme on the Verilated core. The programme's UART text goes to standard output; the exit status
// is what it told the finisher, or 125 when the core broke a bus rule or never came to an end, or 126 for a bad call.

#include <getopt.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <verilated.h>

#include "Vqosim_rv32_core.h"
#include "tests/rtl/cpu/bench/bus_port.h"
#include "tests/rtl/cpu/bench/platform.h"

namespace
{

constexpr int kExitBroken = 125;
constexpr int kExitUsage = 126;

struct Options {
    std::string image;
    std::string log;
    uint64_t seed = 0;
    uint64_t max_cycles = 20000000;
};

struct Counts {
    uint64_t cycles = 0;
    uint64_t instructions = 0;
    uint64_t exceptions = 0;
    uint64_t interrupts = 0;
};

class Bench
{
  public:
    Bench(const std::vector<uint8_t> &image, uint64_t seed, FILE *log)
        : platform_(image), instr_("instruction", &platform_, seed),
          data_("data", &platform_, seed ? ~seed : 0), log_(log)
    {
        // Registers without a reset value start with noise, another one for each seed.
        context_.randReset(2);
        context_.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
        core_ = std::make_unique<Vqosim_rv32_core>(&context_);
    }

    ~Bench()
    {
        core_->final();
    }

    // Runs to the programme's end. False: broken, and said so on standard error.
    bool run(uint64_t max_cycles);

    const Platform &platform() const
    {
        return platform_;
    }

    const Counts &counts() const
    {
        return counts_;
    }

  private:
    void reset();
    void apply(const BusInputs &instr, const BusInputs &data);
    bool cycle();
    bool check(BusPort *port, bool req, const BusRequest &request);
    bool observe();

    VerilatedContext context_;
    std::unique_ptr<Vqosim_rv32_core> core_;
    Platform platform_;
    BusPort instr_;
    BusPort data_;
    FILE *log_;
    Counts counts_;
};

void Bench::apply(const BusInputs &instr, const BusInputs &data)
{
    core_->instr_gnt_i = instr.gnt;
    core_->instr_rvalid_i = instr.rvalid;
    core_->instr_rdata_i = instr.rdata;
    core_->instr_err_i = instr.err;
    core_->data_gnt_i = data.gnt;
    core_->data_rvalid_i = data.rvalid;
    core_->data_rdata_i = data.rdata;
    core_->data_err_i = data.err;
    core_->irq_software_i = platform_.irq_software();
    core_->irq_timer_i = platform_.irq_timer();
    core_->irq_external_i = platform_.irq_external();
}

void Bench::reset()
{
    core_->rst_ni = 0;
    for (int i = 0; i < 4; i++) {
        core_->clk_i = i & 1;
        apply(BusInputs(), BusInputs());
        core_->eval();
    }
    core_->clk_i = 0;
    core_->eval();
    core_->rst_ni = 1;
}

bool Bench::check(BusPort *port, bool req, const BusRequest &request)
{
    if (!port->sample(req, request)) {
        fprintf(stderr, "cpu-bench: cycle %" PRIu64 ": %s\n", counts_.cycles,
                port->error().c_str());
        return false;
    }
    return true;
}

// Trace outputs and bus rules at the end of a cycle, before the clock edge.
bool Bench::observe()
{
    const BusRequest fetch = { core_->instr_addr_o, false, 0xf, 2, 0 };
    const BusRequest access = { core_->data_addr_o, core_->data_we_o != 0, core_->data_be_o,
                                core_->data_size_o, core_->data_we_o ? core_->data_wdata_o : 0 };

    counts_.cycles++;
    if (core_->retire_valid_o) {
        counts_.instructions++;
        if (log_) {
            fprintf(log_, "%08x %08x\n", core_->retire_pc_o, core_->retire_insn_o);
        }
    }
    if (core_->trap_valid_o) {
        (core_->trap_cause_o >> 31 ? counts_.interrupts : counts_.exceptions)++;
        if (log_) {
            fprintf(log_, "%08x trap %08x\n", core_->retire_pc_o, core_->trap_cause_o);
        }
    }
    if (core_->retire_valid_o && core_->trap_valid_o) {
        fprintf(stderr, "cpu-bench: instruction at %08x both retired and trapped\n",
                core_->retire_pc_o);
        return false;
    }
    if (core_->sleeping_o && (core_->instr_req_o || core_->data_req_o)) {
        fprintf(stderr, "cpu-bench: bus request while sleeping\n");
        return false;
    }
    return check(&instr_, core_->instr_req_o, fetch) && check(&data_, core_->data_req_o, access);
}

bool Bench::cycle()
{
    core_->clk_i = 0;
    apply(instr_.drive(), data_.drive());
    core_->eval();
    if (!observe()) {
        return false;
    }
    core_->clk_i = 1;
    core_->eval();
    platform_.tick();
    return true;
}

bool Bench::run(uint64_t max_cycles)
{
    reset();
    while (!platform_.finished()) {
        if (counts_.cycles == max_cycles) {
            fprintf(stderr, "cpu-bench: no verdict after %" PRIu64 " cycles, pc %08x%s\n",
                    max_cycles, core_->retire_pc_o, core_->sleeping_o ? ", asleep" : "");
            return false;
        }
        if (!cycle()) {
            return false;
        }
    }
    return true;
}

void usage(FILE *out)
{
    fputs("usage: cpu-bench --image FILE [--seed N] [--max-cycles N] [--log FILE]\n"
          "  --image FILE      raw image, loaded and started at 0x80000000\n"
          "  --seed N          random bus delays; 0, the default, is no delay at all\n"
          "  --max-cycles N    give up after so many cycles (20000000)\n"
          "  --log FILE        one line for each instruction and each trap\n",
          out);
}

bool parse_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 0);
    return *text && !*end;
}

bool parse(int argc, char **argv, Options *options)
{
    static const option kLong[] = {
        { "image", required_argument, nullptr, 'i' },
        { "seed", required_argument, nullptr, 's' },
        { "max-cycles", required_argument, nullptr, 'm' },
        { "log", required_argument, nullptr, 'l' },
        { "help", no_argument, nullptr, 'h' },
        { nullptr, 0, nullptr, 0 },
    };
    int opt;
    while ((opt = getopt_long(argc, argv, "", kLong, nullptr)) != -1) {
        switch (opt) {
        case 'i':
            options->image = optarg;
            break;
        case 'l':
            options->log = optarg;
            break;
        case 's':
            if (!parse_number(optarg, &options->seed)) {
                return false;
            }
            break;
        case 'm':
            if (!parse_number(optarg, &options->max_cycles)) {
                return false;
            }
            break;
        case 'h':
            usage(stdout);
            exit(0);
        default:
            return false;
        }
    }
    return optind == argc && !options->image.empty();
}

bool load(const std::string &path, std::vector<uint8_t> *image)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fprintf(stderr, "cpu-bench: cannot read %s\n", path.c_str());
        return false;
    }
    image->assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (image->empty() || image->size() > Platform::kRamBytes) {
        fprintf(stderr, "cpu-bench: %s has %zu bytes, RAM has %zu\n", path.c_str(), image->size(),
                Platform::kRamBytes);
        return false;
    }
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    if (!parse(argc, argv, &options)) {
        usage(stderr);
        return kExitUsage;
    }
    std::vector<uint8_t> image;
    if (!load(options.image, &image)) {
        return kExitUsage;
    }
    std::unique_ptr<FILE, int (*)(FILE *)> log(nullptr, fclose);
    if (!options.log.empty()) {
        log.reset(fopen(options.log.c_str(), "w"));
        if (!log) {
            perror(options.log.c_str());
            return kExitUsage;
        }
    }
    Bench bench(image, options.seed, log.get());
    const bool ended = bench.run(options.max_cycles);
    const Counts &counts = bench.counts();
    fwrite(bench.platform().text().data(), 1, bench.platform().text().size(), stdout);
    fprintf(stderr,
            "seed %" PRIu64 ": %" PRIu64 " cycles, %" PRIu64 " instructions, %" PRIu64
            " exceptions, %" PRIu64 " interrupts\n",
            options.seed, counts.cycles, counts.instructions, counts.exceptions, counts.interrupts);
    return ended ? bench.platform().status() : kExitBroken;
}
