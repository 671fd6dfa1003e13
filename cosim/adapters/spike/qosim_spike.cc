// A plugin for Spike, the RISC-V ISA simulator: a window of a remote machine's devices, their interrupts and their DMA.
//
//   spike --extlib=libqosim-spike.so --device=qosim,URL,BASE,SIZE firmware.elf
//
// Line n of the machine's interrupt sink is interrupt n of Spike's interrupt controller. DMA needs a machine with ram-home=client.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <riscv/abstract_device.h>
#include <riscv/abstract_interrupt_controller.h>
#include <riscv/sim.h>

#include <qosim/bus.h>

static constexpr reg_t page_bytes = 4096;
static constexpr uint64_t ns_per_tick = 100; // of Spike's timer, 10 MHz
static constexpr reg_t ticks_per_look = 100; // how often events of other clients are taken

class qosim_t : public abstract_device_t
{
  public:
    qosim_t(simif_t *sim, abstract_interrupt_controller_t *controller, const std::string &url,
            reg_t base, reg_t bytes)
        : sim_(sim), controller_(controller), base_(base), bytes_(bytes)
    {
        qosim_bus_options options = {};

        options.client = "spike";
        options.irq = on_irq;
        options.memory = find_memory;
        options.note = on_note;
        options.opaque = this;
        if (qosim_bus_open(url.c_str(), &options, &port_) != QOSIM_OK) {
            throw std::runtime_error("qosim: " + std::string(qosim_open_error()));
        }
    }

    ~qosim_t() override
    {
        qosim_bus_close(port_);
    }

    bool load(reg_t offset, size_t length, uint8_t *bytes) override
    {
        uint64_t value = 0;

        if (!is_inside(offset, length) ||
            qosim_bus_load(port_, base_ + offset, length, &value) != QOSIM_BUS_OK) {
            return check();
        }
        std::memcpy(bytes, &value, length);
        return true;
    }

    bool store(reg_t offset, size_t length, const uint8_t *bytes) override
    {
        uint64_t value = 0;

        std::memcpy(&value, bytes, std::min(length, sizeof(value)));
        return is_inside(offset, length) &&
               (qosim_bus_store(port_, base_ + offset, length, value) == QOSIM_BUS_OK || check());
    }

    // Newer versions ask for it; in older ones it is a function of ours.
    reg_t size()
    {
        return bytes_;
    }

    void tick(reg_t rtc_ticks) override
    {
        now_ns_ += rtc_ticks * ns_per_tick;
        qosim_bus_set_time(port_, now_ns_);
        if (qosim_bus_deadline(port_) <= now_ns_) {
            qosim_bus_sync(port_);
        }
        since_look_ += rtc_ticks;
        if (since_look_ >= ticks_per_look) {
            since_look_ = 0;
            qosim_bus_wait(port_, 0);
        }
        check();
    }

  private:
    bool is_inside(reg_t offset, size_t length) const
    {
        return length <= sizeof(uint64_t) && offset < bytes_ && length <= bytes_ - offset;
    }

    // What did not work is an access fault, unless there is no server any more: then the run is over.
    bool check() const
    {
        if (qosim_bus_is_lost(port_)) {
            throw std::runtime_error(std::string("qosim: lost the server: ") +
                                     qosim_bus_error(port_));
        }
        return false;
    }

    static void on_irq(void *opaque, uint32_t line, bool level)
    {
        static_cast<qosim_t *>(opaque)->controller_->set_interrupt_level(line, level);
    }

    // Spike's memory comes in pages.
    static void *find_memory(void *opaque, uint64_t address, size_t *length)
    {
        *length = std::min<size_t>(*length, page_bytes - address % page_bytes);
        return static_cast<qosim_t *>(opaque)->sim_->addr_to_mem(address);
    }

    static void on_note(void *, const char *text)
    {
        fprintf(stderr, "qosim: %s\n", text);
    }

    simif_t *sim_;
    abstract_interrupt_controller_t *controller_;
    reg_t base_;
    reg_t bytes_;
    qosim_bus_port *port_ = nullptr;
    uint64_t now_ns_ = 0;
    reg_t since_look_ = 0;
};

// The arguments of --device; the device tree has nothing to say.
static qosim_t *qosim_parse(const void *, const sim_t *sim, reg_t *base,
                            const std::vector<std::string> &args)
{
    if (args.size() != 3) {
        throw std::runtime_error("qosim: want --device=qosim,URL,BASE,SIZE");
    }
    *base = std::stoull(args[1], nullptr, 0);
    return new qosim_t(const_cast<sim_t *>(sim), sim->get_intctrl(), args[0], *base,
                       std::stoull(args[2], nullptr, 0));
}

static std::string qosim_generate(const sim_t *, const std::vector<std::string> &)
{
    return "";
}

REGISTER_DEVICE(qosim, qosim_parse, qosim_generate)
