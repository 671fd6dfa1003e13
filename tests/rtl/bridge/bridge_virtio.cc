// A virtio console of a real server, driven through the bridge, its rings and buffers in the memory behind the DMA port: random
// chains of random segments both ways, with a memory that takes its time. And a server that is killed during a DMA.
//   bridge_virtio SEED CHAINS
//   bridge_virtio kill QOSIMD
#include "tests/rtl/bridge/bench.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/wait.h>
#include <unistd.h>

#include "cosim/dpi/qosim_dpi.h"

using namespace bench;

namespace
{

constexpr uint32_t transport = 0x10008000;
constexpr uint32_t ram = 0x80000000;
constexpr uint32_t queue_size = 16;
constexpr uint32_t flag_next = 1, flag_write = 2;
const char *const machine = "virt,ram-home=client -m 64K -global virtio-mmio.force-legacy=false "
                            "-device virtio-serial-device ";

// One queue's rings in the memory: descriptors, available ring, used ring, and its buffers.
struct Queue {
    uint32_t index, base, buffers;
    uint16_t posted = 0, taken = 0;

    uint32_t available() const
    {
        return base + queue_size * 16;
    }
    uint32_t used() const
    {
        return base + 0x400;
    }
};

class Driver
{
  public:
    explicit Driver(Bench &bench) : bench(bench), mem(bench.memory0)
    {
    }

    void write(uint32_t reg, uint32_t value)
    {
        bench.manager0.write({ transport + reg, value, 0xf });
        check(bench.drain(200000), "no answer to a write of 0x%x", reg);
    }
    uint32_t read(uint32_t reg)
    {
        uint64_t got = 0;

        bench.manager0.on_r = [&](const Read &, uint64_t data, int resp) {
            got = data;
            check(resp == 0, "register 0x%x: response %d", reg, resp);
        };
        bench.manager0.read({ transport + reg, 2 });
        check(bench.drain(200000), "no answer to a read of 0x%x", reg);
        return static_cast<uint32_t>(got);
    }

    template <typename T> T load(uint32_t at) const
    {
        T value;
        memcpy(&value, &mem.bytes[at], sizeof(value));
        return value;
    }
    template <typename T> void store(uint32_t at, T value)
    {
        memcpy(&mem.bytes[at], &value, sizeof(value));
    }

    void start()
    {
        check(read(0) == 0x74726976 && read(4) == 2 && read(8) == 3, "no console there");
        for (const uint32_t status : { 0u, 1u, 3u }) {
            write(0x70, status);
        }
        write(0x24, 1);
        write(0x20, 1); // VERSION_1
        write(0x24, 0);
        write(0x20, 0);
        write(0x70, 0xb);
        check(read(0x70) == 0xb, "features were refused");
        for (const Queue &q : { rx, tx }) {
            write(0x30, q.index);
            write(0x38, queue_size);
            write(0x80, ram + q.base);
            write(0x90, ram + q.available());
            write(0xa0, ram + q.used());
            write(0x44, 1);
        }
        write(0x70, 0xf);
    }

    // Makes a chain of random segments in the queue's buffers and posts it; returns their places.
    std::vector<std::pair<uint32_t, uint32_t>> post(Queue &q, uint32_t flags)
    {
        std::vector<std::pair<uint32_t, uint32_t>> segments(1 + bench.random() % 5);
        uint32_t at = q.buffers;

        for (size_t i = 0; i < segments.size(); i++) {
            const uint32_t length =
                bench.chance(20) ? 1 + bench.random() % 1500 : 1 + bench.random() % 40;
            const bool last = i + 1 == segments.size();

            at += bench.random() % 8;
            segments[i] = { at, length };
            const auto d = static_cast<uint32_t>(q.base + 16 * i);
            store<uint64_t>(d, ram + at);
            store<uint32_t>(d + 8, length);
            store<uint16_t>(d + 12, static_cast<uint16_t>(flags | (last ? 0 : flag_next)));
            store<uint16_t>(d + 14, static_cast<uint16_t>(i + 1));
            at += length;
        }
        store<uint16_t>(q.available() + 4 + 2 * (q.posted % queue_size), 0);
        store<uint16_t>(q.available() + 2, ++q.posted);
        return segments;
    }

    // Waits until the device has given the chain back; its length, or UINT32_MAX.
    uint32_t wait_used(Queue &q, int cycles)
    {
        while (load<uint16_t>(q.used() + 2) == q.taken) {
            if (cycles-- == 0) {
                return UINT32_MAX;
            }
            bench.cycle();
        }
        const uint32_t at = q.used() + 4 + 8 * (q.taken++ % queue_size);
        check(load<uint32_t>(at) == 0, "used id %u", load<uint32_t>(at));
        return load<uint32_t>(at + 4);
    }

    Queue rx = { 0, 0x0000, 0x2000 }, tx = { 1, 0x1000, 0x8000 };

  private:
    Bench &bench;
    Memory &mem;
};

std::string read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);

    return { std::istreambuf_iterator<char>(file), {} };
}

void set_temper(Bench &bench)
{
    Memory &m = bench.memory0;

    for (int *chance : { &m.aw_chance, &m.w_chance, &m.ar_chance, &m.b_chance, &m.r_chance }) {
        *chance = bench.chance(50) ? 100 : 30 + static_cast<int>(bench.random() % 70);
    }
}

std::string send(Bench &bench, Driver &driver, int chains)
{
    std::string sent;

    for (int i = 0; i < chains && failures < 10; i++) {
        set_temper(bench);
        for (const auto &[at, length] : driver.post(driver.tx, 0)) {
            for (uint32_t b = 0; b < length; b++) {
                const auto byte = static_cast<uint8_t>(bench.random());
                driver.store<uint8_t>(at + b, byte);
                sent += static_cast<char>(byte);
            }
        }
        driver.write(0x50, driver.tx.index);
        check(driver.wait_used(driver.tx, 0) == 0,
              "the chain is not back when the kick is answered");
        check((driver.read(0x60) & 1) == 1 && (bench.irqs(0) & 0x100) != 0, "no interrupt");
        driver.write(0x64, 1);
        check((bench.irqs(0) & 0x100) == 0, "the interrupt stays");
    }
    return sent;
}

// What the host gives comes without an access: by polls.
std::string receive(Bench &bench, Driver &driver, size_t total)
{
    std::string received;

    while (received.size() < total && failures < 10) {
        set_temper(bench);
        const auto segments = driver.post(driver.rx, flag_write);
        driver.write(0x50, driver.rx.index);
        uint32_t left = driver.wait_used(driver.rx, 200000);
        check(left != UINT32_MAX && left > 0, "nothing came after %zu bytes", received.size());
        for (const auto &[at, length] : segments) {
            for (uint32_t b = 0; b < length && left > 0; b++, left--) {
                received += static_cast<char>(driver.load<uint8_t>(at + b));
            }
        }
    }
    return received;
}

void transfer(uint32_t seed, int chains, const std::string &folder)
{
    const std::string out = folder + "/out", in = folder + "/in";
    std::mt19937 rng(seed);
    std::string given;

    for (int i = 0; i < 20000; i++) {
        given += static_cast<char>(rng());
    }
    std::ofstream(in, std::ios::binary) << given;
    const std::string url = std::string("inproc:") + machine + "-chardev file,id=c,path=" + out +
                            ",input-path=" + in + " -device virtconsole,chardev=c";
    {
        Bench bench(seed, Urls{ url, url, url, "" });
        Driver driver(bench);

        bench.reset();
        bench.cycles(2);
        check(!bench.lost(0), "no server");
        driver.start();
        const std::string sent = send(bench, driver, chains);
        check(read_file(out) == sent, "the host got other bytes than the %zu sent", sent.size());
        verdict("chains of the driver's arrive at the host as they were in the memory");

        const std::string received = receive(bench, driver, given.size());
        check(received == given, "the driver got %zu bytes, of %zu", received.size(), given.size());
        for (const std::string &rule : bench.broken) {
            check(false, "rule broken: %s", rule.c_str());
        }
        printf("# seed %u: %zu bytes out, %zu in, %zu beats, %llu cycles\n", seed, sent.size(),
               received.size(), bench.memory0.beats.size(), (unsigned long long)bench.clock_edges);
        verdict("the host's bytes arrive in the memory, and no rule is broken");
    }
}

pid_t start_server(const char *qosimd, const std::string &url)
{
    const pid_t pid = fork();

    if (pid == 0) {
        execl(qosimd, qosimd, "-M", "virt,ram-home=client", "-m", "64K", "-global",
              "virtio-mmio.force-legacy=false", "-device", "virtio-serial-device", "-chardev",
              "null,id=c", "-device", "virtconsole,chardev=c", "--listen", url.c_str(), nullptr);
        _exit(127);
    }
    return pid;
}

void kill_server(const char *qosimd, const std::string &folder)
{
    const std::string url = "ipc://" + folder + "/socket";
    const pid_t server = start_server(qosimd, url);

    {
        Bench bench(1, Urls{ url, url, url, "" });
        Driver driver(bench);
        int response = -1;

        bench.reset();
        bench.cycles(2);
        check(!bench.lost(0), "no server");
        driver.start();
        driver.post(driver.tx, 0);
        bench.memory0.slip = Slip::RNever;
        bench.manager0.on_b = [&](const Write &, int r) { response = r; };
        bench.manager0.write({ transport + 0x50, 1, 0xf });
        bench.cycles(50);
        check(bench.dma_busy(0) && response == -1, "no DMA");
        kill(server, SIGKILL);
        waitpid(server, nullptr, 0);
        bench.memory0.slip = Slip::None;
        check(bench.drain(1000), "no answer");
        check(response == 2 && bench.lost(0), "response %d, lost %d", response, bench.lost(0));
        check(!bench.dma_busy(0), "still busy");
    }
    verdict("a server that is killed during a DMA is SLVERR and lost_o, in time");
}

} // namespace

int main(int argc, char **argv)
{
    char folder[] = P_tmpdir "/bridge_virtio.XXXXXX";

    if (argc < 3 || !mkdtemp(folder)) {
        fprintf(stderr, "usage: bridge_virtio SEED CHAINS | kill QOSIMD\n");
        return 2;
    }
    if (strcmp(argv[1], "kill") == 0) {
        kill_server(argv[2], folder);
    } else {
        transfer(static_cast<uint32_t>(strtoul(argv[1], nullptr, 0)), atoi(argv[2]), folder);
    }
    for (const char *name : { "/in", "/out", "/socket" }) {
        unlink((std::string(folder) + name).c_str());
    }
    rmdir(folder);
    return failures != 0;
}
