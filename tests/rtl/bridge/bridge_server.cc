// Random traffic through the bridge into a real server inside the process: GPIO registers, RAM and holes of a sifive_e,
// compared with a small model of what those must do.
//   bridge_server [SEED [OPERATIONS]]
#include "tests/rtl/bridge/bench.h"

#include <array>
#include <map>

using namespace bench;

namespace
{

constexpr uint32_t gpio = 0x10012000;
constexpr uint32_t gpio_size = 0x100;
constexpr uint32_t ram = 0x80000000;
constexpr uint32_t ram_size = 0x4000;
constexpr uint32_t hole = 0x18000000;
constexpr uint32_t low_ie = 0x30;
// Registers that only store: PUE (no pin is an input), DS, LOW_IE, IOF_EN, IOF_SEL.
constexpr std::array<uint32_t, 5> stored = { 0x10, 0x14, low_ie, 0x38, 0x3c };

class Model
{
  public:
    int write(const Piece &p)
    {
        const auto address = static_cast<uint32_t>(p.address);

        if (in_gpio(p.address)) {
            if (regs.count(address - gpio)) {
                regs[address - gpio] =
                    static_cast<uint32_t>(p.data); // a narrow write clears the rest
            }
            return 0;
        }
        if (!in_ram(p.address)) {
            return 3;
        }
        for (unsigned i = 0; i < p.size; i++) {
            bytes[address - ram + i] = static_cast<uint8_t>(p.data >> (8 * i));
        }
        return 0;
    }

    int read(uint64_t at, unsigned size, uint64_t &data) const
    {
        const auto address = static_cast<uint32_t>(at);

        data = 0;
        if (in_gpio(at)) {
            const auto reg = regs.find(address - gpio);
            data = reg == regs.end() ? 0 : low_bytes(reg->second, size);
            return 0;
        }
        if (!in_ram(at)) {
            return 3;
        }
        for (unsigned i = 0; i < size; i++) {
            data |= static_cast<uint64_t>(bytes[address - ram + i]) << (8 * i);
        }
        return 0;
    }

    // All pins are low, so each LOW_IP is set and LOW_IE decides.
    uint64_t irqs() const
    {
        return static_cast<uint64_t>(regs.at(low_ie)) << 8;
    }

  private:
    static bool in_gpio(uint64_t address)
    {
        return address >= gpio && address < gpio + gpio_size;
    }
    static bool in_ram(uint64_t address)
    {
        return address >= ram && address < ram + ram_size;
    }

    std::map<uint32_t, uint32_t> regs = {
        { 0x10, 0 }, { 0x14, 0 }, { low_ie, 0 }, { 0x38, 0 }, { 0x3c, 0 }
    };
    std::array<uint8_t, ram_size> bytes = {};
};

uint32_t random_address(Bench &bench)
{
    switch (bench.random() % 8) {
    case 0:
        return hole + bench.random() % 64;
    case 1:
    case 2:
    case 3:
        return ram + bench.random() % 64;
    default:
        return gpio + stored[bench.random() % stored.size()] + bench.random() % 4;
    }
}

// One operation at a time on a channel, so that what it must come to is known when it is answered.
void one(Bench &bench, Model &model, size_t &checked)
{
    const uint32_t addr = random_address(bench);
    int got_response = -1, want = 0;
    uint64_t got_data = 0, want_data = 0;

    bench.manager0.on_b = [&](const Write &, int response) { got_response = response; };
    bench.manager0.on_r = [&](const Read &, uint64_t data, int response) {
        got_response = response;
        got_data = data;
    };
    if (bench.chance(60)) {
        const Write w = { addr, bench.random(), static_cast<uint8_t>(bench.random() & 0xf) };
        bench.manager0.write(w);
        for (const Piece &p : pieces_of(w, addr & ~3u, 4)) {
            const int response = model.write(p);
            want = want ? want : response;
        }
    } else {
        const Read r = { addr, static_cast<uint8_t>(bench.random() % 3) };
        const unsigned size = 1u << r.size;
        bench.manager0.read(r);
        want = model.read(addr & ~(size - 1), size, want_data);
        want_data <<= 8 * (addr & 3 & ~(size - 1));
    }
    check(bench.drain(200), "no answer");
    check(got_response == want && got_data == want_data,
          "0x%x: response %d, data 0x%llx; want %d, 0x%llx", addr, got_response,
          (unsigned long long)got_data, want, (unsigned long long)want_data);
    check(bench.irqs(0) == model.irqs(), "irq wires 0x%llx, want 0x%llx",
          (unsigned long long)bench.irqs(0), (unsigned long long)model.irqs());
    checked++;
}

} // namespace

int main(int argc, char **argv)
{
    const auto seed = static_cast<uint32_t>(argc > 1 ? strtoul(argv[1], nullptr, 0) : 1);
    const int operations = argc > 2 ? atoi(argv[2]) : 5000;
    size_t checked = 0;

    {
        Bench bench(seed, "inproc:sifive_e", "inproc:sifive_e");
        Model model;

        bench.reset();
        bench.cycle();
        check(!bench.lost(0) && !bench.lost(1), "no server");
        bench.manager0.write(
            { gpio + 0x14, 0, 0xf }); // the first write makes the GPIO look at its pins
        check(bench.drain(100), "no answer");
        bench.manager0.b_chance = bench.manager0.r_chance = 60;
        bench.manager0.aw_chance = bench.manager0.w_chance = 50;
        for (int i = 0; i < operations && failures < 20; i++) {
            one(bench, model, checked);
        }
        check(bench.broken.empty(), "a rule of the protocol is broken");

        int response = -1;
        bench.manager1.on_r = [&](const Read &, uint64_t, int r) { response = r; };
        bench.manager1.read({ gpio, 3 });
        check(bench.drain(100) && response == 3, "response %d 4 GiB above the GPIO", response);
        check(bench.irqs(1) == bench.irqs(0), "the second bridge has other interrupts");
    }
    printf("# seed %u: %zu operations\n", seed, checked);
    verdict(
        "a hosted machine behind the bridge answers as its registers, its RAM and its holes must");
    return failures != 0;
}
