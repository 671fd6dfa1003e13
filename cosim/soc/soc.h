// The Verilated SoC, one clock cycle at a time.
#ifndef QOSIM_COSIM_SOC_SOC_H
#define QOSIM_COSIM_SOC_SOC_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

class VerilatedContext;
class VerilatedFstC;
class Vqosim_soc_top;

class Soc
{
  public:
    // @plusargs reach the design: "+url=...".
    explicit Soc(const std::vector<std::string> &plusargs);
    ~Soc();
    Soc(const Soc &) = delete;
    Soc &operator=(const Soc &) = delete;

    // Writes all signals from now on to a file that the caller found writable.
    void trace(const std::string &path);

    // Resets everything with @image in the RAM.
    void reset(const std::vector<uint8_t> &image);
    void cycle();

    // Since the end of reset.
    uint64_t cycles() const
    {
        return n_cycles;
    }
    bool console(char &c) const; // whether the last cycle printed a character
    bool exited(unsigned &code) const;
    bool server_lost() const;
    bool stopped() const; // by $finish or $fatal

  private:
    void half_cycle(bool clk);

    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Vqosim_soc_top> top;
    std::unique_ptr<VerilatedFstC> fst;
    uint64_t n_cycles = 0;
};

#endif
