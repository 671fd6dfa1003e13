// The plugin for Spike against declarations of its interface: registers, interrupts, DMA into memory in pages, mistakes.
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

#include <glib.h>
#include <riscv/abstract_device.h>
#include <riscv/sim.h>

#include <qosim/bus.h>

abstract_device_t *make_qosim(const sim_t *sim, reg_t *base, const std::vector<std::string> &args);

namespace
{

struct Controller : public abstract_interrupt_controller_t {
    std::map<uint32_t, int> levels;

    void set_interrupt_level(uint32_t id, int level) override
    {
        levels[id] = level;
    }
};

struct FakeSim : public sim_t {
    mutable Controller controller;
    char page[4096] = {};

    char *addr_to_mem(reg_t address) override
    {
        return address - 0x80001000 < sizeof(page) ? page + (address - 0x80001000) : nullptr;
    }

    abstract_interrupt_controller_t *get_intctrl() const override
    {
        return &controller;
    }
};

void test_registers()
{
    FakeSim sim;
    reg_t base = 0;
    const std::unique_ptr<abstract_device_t> device(
        make_qosim(&sim, &base, { "inproc:sifive_e", "0x10012000", "0x1000" }));
    const uint32_t pin = 8;
    uint32_t value = 0;

    g_assert_cmphex(base, ==, 0x10012000);
    g_assert_cmphex(device->size(), ==, 0x1000);
    g_assert_true(device->store(0x04, 4, reinterpret_cast<const uint8_t *>(&pin)));
    g_assert_true(device->load(0x04, 4, reinterpret_cast<uint8_t *>(&value)));
    g_assert_cmphex(value, ==, pin);
    g_assert_true(device->store(0x30, 4, reinterpret_cast<const uint8_t *>(&pin))); // LOW_IE
    g_assert_cmpint(sim.controller.levels[8 + 3], ==, 1);
    device->tick(1000);
    g_assert_false(device->load(0x800, 4, reinterpret_cast<uint8_t *>(&value)));  // a hole
    g_assert_false(device->load(0x1000, 4, reinterpret_cast<uint8_t *>(&value))); // outside
    g_assert_false(device->store(0xffe, 4, reinterpret_cast<const uint8_t *>(&pin)));
}

// RAM that is Spike's: whatever reaches it in the machine, here accesses through the window, arrives in Spike's pages.
void test_memory()
{
    FakeSim sim;
    reg_t base = 0;
    const std::unique_ptr<abstract_device_t> device(
        make_qosim(&sim, &base, { "inproc:virt,ram-home=client", "0x80000000", "0x4000" }));
    const uint64_t written = 0x1122334455667788;
    uint64_t read = 0;

    g_assert_true(device->store(0x1010, 8, reinterpret_cast<const uint8_t *>(&written)));
    g_assert_cmpint(std::memcmp(sim.page + 0x10, &written, 8), ==, 0);
    std::memset(sim.page + 0x20, 0xa5, 4);
    g_assert_true(device->load(0x1020, 4, reinterpret_cast<uint8_t *>(&read)));
    g_assert_cmphex(read, ==, 0xa5a5a5a5);
    g_assert_true(device->store(0x1ff8, 8, reinterpret_cast<const uint8_t *>(&written)));
    g_assert_cmpint(std::memcmp(sim.page + 0xff8, &written, 8), ==, 0);
    g_assert_false(
        device->load(0x2000, 4, reinterpret_cast<uint8_t *>(&read))); // Spike has none there
    g_assert_false(device->store(0x1ffc, 8, reinterpret_cast<const uint8_t *>(&written)));
}

void test_mistakes()
{
    FakeSim sim;
    reg_t base = 0;

    for (const auto &args :
         std::vector<std::vector<std::string>>{ {},
                                                { "inproc:sifive_e" },
                                                { "inproc:no-such", "0", "4096" },
                                                { "inproc:sifive_e", "x", "1" } }) {
        bool is_refused = false;

        try {
            delete make_qosim(&sim, &base, args);
        } catch (const std::exception &) {
            is_refused = true;
        }
        g_assert_true(is_refused);
    }
}

} // namespace

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, nullptr);
    g_test_add_func("/spike/registers-and-interrupts", test_registers);
    g_test_add_func("/spike/dma-into-pages", test_memory);
    g_test_add_func("/spike/mistakes-are-exceptions", test_mistakes);
    return g_test_run();
}
