#include "cosim/soc/soc.h"

#include "Vqosim_soc_top.h"
#include "verilated.h"
#include "verilated_fst_c.h"

// The trace counts in ps, two dumps a cycle.
static constexpr uint64_t half_period_ps = QOSIM_SOC_CLK_PERIOD_PS / 2;

Soc::Soc(const std::vector<std::string> &plusargs) : context(new VerilatedContext)
{
    std::vector<const char *> argv = { "qosim-soc" };

    for (const std::string &arg : plusargs) {
        argv.push_back(arg.c_str());
    }
    context->commandArgs(static_cast<int>(argv.size()), argv.data());
    context->fatalOnError(false);
    context->traceEverOn(true);
    top = std::make_unique<Vqosim_soc_top>(context.get());
}

Soc::~Soc()
{
    if (fst) {
        fst->close();
    }
    top->final();
}

void Soc::trace(const std::string &path)
{
    fst = std::make_unique<VerilatedFstC>();
    top->trace(fst.get(), 99);
    fst->open(path.c_str());
}

void Soc::half_cycle(bool clk)
{
    top->clk_i = clk;
    top->eval();
    if (fst) {
        fst->dump(context->time());
    }
    context->timeInc(half_period_ps);
}

void Soc::reset(const std::vector<uint8_t> &image)
{
    top->rst_ni = 0;
    top->clk_i = 0;
    top->eval(); // the first edge that a model sees is one from what it saw before
    top->load_we_i = 1;
    for (size_t at = 0; at < image.size(); at += 4) {
        uint32_t word = 0;

        for (size_t i = 0; i < 4 && at + i < image.size(); i++) {
            word |= static_cast<uint32_t>(image[at + i]) << (8 * i);
        }
        top->load_addr_i = static_cast<uint32_t>(at);
        top->load_wdata_i = word;
        // Not part of the trace's time: to the design it is as if the RAM had come with its contents.
        top->clk_i = 1;
        top->eval();
        top->clk_i = 0;
        top->eval();
    }
    top->load_we_i = 0;
    cycle();
    cycle();
    top->rst_ni = 1;
    n_cycles = 0;
}

void Soc::cycle()
{
    half_cycle(true);
    half_cycle(false);
    n_cycles++;
}

bool Soc::console(char &c) const
{
    c = static_cast<char>(top->console_data_o);
    return top->console_valid_o;
}

bool Soc::exited(unsigned &code) const
{
    code = top->exit_code_o;
    return top->exit_valid_o;
}

bool Soc::server_lost() const
{
    return top->server_lost_o;
}

bool Soc::stopped() const
{
    return context->gotFinish();
}
