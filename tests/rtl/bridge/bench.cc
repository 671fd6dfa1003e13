#include "tests/rtl/bridge/bench.h"

#include <cstdarg>

#include "Vbridge_bench.h"
#include "Vbridge_bench__Dpi.h"
#include "verilated.h"

namespace bench
{

int failures;
static int told_failures;
static Bench *current;

void check(bool ok, const char *format, ...)
{
    va_list args;

    if (ok) {
        return;
    }
    failures++;
    va_start(args, format);
    printf("# ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

void verdict(const char *name)
{
    printf("%s - %s\n", failures == told_failures ? "ok" : "not ok", name);
    fflush(stdout);
    told_failures = failures;
}

uint64_t low_bytes(uint64_t value, unsigned size)
{
    return size >= 8 ? value : value & ((1ull << (8 * size)) - 1);
}

// Halves a block of lanes until it is strobed whole or not at all.
static void cut(const Write &w, uint64_t base, unsigned lane, unsigned size,
                std::vector<Piece> &out)
{
    const unsigned mask = ((1u << size) - 1) << lane;

    if ((w.strb & mask) == mask) {
        out.push_back({ base + lane, size, low_bytes(w.data >> (8 * lane), size) });
    } else if (w.strb & mask) {
        cut(w, base, lane, size / 2, out);
        cut(w, base, lane + size / 2, size / 2, out);
    }
}

std::vector<Piece> pieces_of(const Write &w, uint64_t base, unsigned width)
{
    std::vector<Piece> out;

    cut(w, base, 0, width, out);
    return out;
}

template <typename T> static void set_bit(T &bits, int i, bool value)
{
    bits = static_cast<T>((bits & ~(1u << i)) | (static_cast<unsigned>(value) << i));
}

template <typename T> static bool get_bit(T bits, int i)
{
    return (bits >> i & 1) != 0;
}

// Bus @i's part of a port that is packed for both.
template <typename T> static void set_field(T &bits, int i, int width, uint64_t value)
{
    const T mask = static_cast<T>((1ull << width) - 1) << (i * width);

    bits = (bits & static_cast<T>(~mask)) | (static_cast<T>(value) << (i * width) & mask);
}

template <typename T> static unsigned get_field(T bits, int i, int width)
{
    return static_cast<unsigned>(bits >> (i * width)) & ((1u << width) - 1);
}

void Manager::drive()
{
    Vbridge_bench &t = *bench.top;

    aw_held = aw_held || (!aw_todo.empty() && bench.chance(aw_chance));
    w_held = w_held || (!w_todo.empty() && bench.chance(w_chance));
    ar_held = ar_held || (!ar_todo.empty() && bench.chance(ar_chance));
    set_bit(t.awvalid_i, bus, aw_held);
    set_bit(t.wvalid_i, bus, w_held);
    set_bit(t.arvalid_i, bus, ar_held);
    set_bit(t.bready_i, bus, bench.chance(b_chance));
    set_bit(t.rready_i, bus, bench.chance(r_chance));
    const uint64_t data = w_held ? w_todo.front().data : bench.random();
    set_field(t.awaddr_i, bus, 32, aw_held ? aw_todo.front().addr : bench.random());
    const size_t low_word = bus ? 2 : 0;
    t.wdata_i[low_word] = static_cast<uint32_t>(data);
    t.wdata_i[low_word + 1] = static_cast<uint32_t>(data >> 32);
    set_field(t.wstrb_i, bus, 8, w_held ? w_todo.front().strb : bench.random());
    set_field(t.araddr_i, bus, 32, ar_held ? ar_todo.front().addr : bench.random());
    set_field(t.arsize_i, bus, 2, ar_held ? ar_todo.front().size : bench.random());
    misbehave();
}

// Breaks one rule in every second cycle.
void Manager::misbehave()
{
    Vbridge_bench &t = *bench.top;

    if (bench.clock_edges % 2 == 0) {
        return;
    }
    switch (misdeed) {
    case Misdeed::AwDrop:
        set_bit(t.awvalid_i, bus, false);
        break;
    case Misdeed::AwChange:
        t.awaddr_i ^= 4ull << (32 * bus);
        break;
    case Misdeed::WDrop:
        set_bit(t.wvalid_i, bus, false);
        break;
    case Misdeed::WChange:
        t.wstrb_i ^= static_cast<uint16_t>(1u << (8 * bus));
        break;
    case Misdeed::ArDrop:
        set_bit(t.arvalid_i, bus, false);
        break;
    case Misdeed::ArChange:
        t.araddr_i ^= 4ull << (32 * bus);
        break;
    default:
        break;
    }
}

void Manager::sample()
{
    Vbridge_bench &t = *bench.top;

    if (get_bit(t.awvalid_i & t.awready_o, bus) && aw_held) {
        aw_held = false;
        aw_todo.pop_front();
    }
    if (get_bit(t.wvalid_i & t.wready_o, bus) && w_held) {
        w_held = false;
        w_todo.pop_front();
    }
    if (get_bit(t.arvalid_i & t.arready_o, bus) && ar_held) {
        ar_held = false;
        ar_todo.pop_front();
    }
    if (get_bit(t.bvalid_o & t.bready_i, bus) && !b_todo.empty()) {
        const Write w = b_todo.front();
        b_todo.pop_front();
        on_b(w, static_cast<int>(get_field(t.bresp_o, bus, 2)));
    }
    if (get_bit(t.rvalid_o & t.rready_i, bus) && !r_todo.empty()) {
        const Read r = r_todo.front();
        r_todo.pop_front();
        const size_t low_word = bus ? 2 : 0;
        const uint64_t data = t.rdata_o[low_word] | static_cast<uint64_t>(t.rdata_o[low_word + 1])
                                                        << 32;
        on_r(r, data, static_cast<int>(get_field(t.rresp_o, bus, 2)));
    }
}

int Memory::random_response()
{
    return bench.chance(slverr_chance) ? 2 : bench.chance(decerr_chance) ? 3 : 0;
}

void Memory::answer_write()
{
    write.resp = random_response();
    for (unsigned i = 0; i < width && write.resp == 0; i++) {
        if (write.strb >> i & 1) {
            bytes[(write.addr + i) & 0xffff] = static_cast<uint8_t>(write.data >> (8 * i));
        }
    }
    beats.push_back(write);
    aw_full = w_full = false;
    b_held = true;
}

void Memory::answer_read()
{
    read.resp = random_response();
    read.data = 0;
    for (unsigned i = 0; i < width; i++) {
        read.data |= static_cast<uint64_t>(bytes[(read.addr + i) & 0xffff]) << (8 * i);
    }
    beats.push_back(read);
    ar_full = false;
    r_held = true;
}

void Memory::drive()
{
    Vbridge_bench &t = *bench.top;

    if (aw_full && w_full && !b_held && slip != Slip::BNever && bench.chance(b_chance)) {
        answer_write();
    }
    if (ar_full && !r_held && slip != Slip::RNever && bench.chance(r_chance)) {
        answer_read();
    }
    set_bit(t.m_awready_i, bus, !aw_full && slip != Slip::AwNever && bench.chance(aw_chance));
    set_bit(t.m_wready_i, bus, !w_full && slip != Slip::WNever && bench.chance(w_chance));
    set_bit(t.m_arready_i, bus, !ar_full && slip != Slip::ArNever && bench.chance(ar_chance));
    set_bit(t.m_bvalid_i, bus, b_held);
    set_bit(t.m_rvalid_i, bus, r_held);
    set_field(t.m_bresp_i, bus, 2, b_held ? static_cast<unsigned>(write.resp) : bench.random());
    set_field(t.m_rresp_i, bus, 2, r_held ? static_cast<unsigned>(read.resp) : bench.random());
    const uint64_t data = r_held ? read.data : bench.random();
    const size_t low_word = bus ? 2 : 0;
    t.m_rdata_i[low_word] = static_cast<uint32_t>(data);
    t.m_rdata_i[low_word + 1] = static_cast<uint32_t>(data >> 32);
    misbehave();
}

// Breaks one rule, those about steadiness in every second cycle.
void Memory::misbehave()
{
    Vbridge_bench &t = *bench.top;
    const bool odd = bench.clock_edges % 2 == 1;

    switch (slip) {
    case Slip::BDrop:
        set_bit(t.m_bvalid_i, bus, b_held && odd);
        break;
    case Slip::BChange:
        set_field(t.m_bresp_i, bus, 2, odd ? 2 : 0);
        break;
    case Slip::BUnasked:
        set_bit(t.m_bvalid_i, bus, true);
        break;
    case Slip::BExOkay:
        set_field(t.m_bresp_i, bus, 2, 1);
        break;
    case Slip::RDrop:
        set_bit(t.m_rvalid_i, bus, r_held && odd);
        break;
    case Slip::RChange:
        t.m_rdata_i[bus ? 2 : 0] ^= odd;
        break;
    case Slip::RUnasked:
        set_bit(t.m_rvalid_i, bus, true);
        break;
    case Slip::RExOkay:
        set_field(t.m_rresp_i, bus, 2, 1);
        break;
    default:
        break;
    }
}

void Memory::sample()
{
    Vbridge_bench &t = *bench.top;
    const size_t low_word = bus ? 2 : 0;

    if (get_bit(t.m_bvalid_i & t.m_bready_o, bus)) {
        b_held = false;
    }
    if (get_bit(t.m_rvalid_i & t.m_rready_o, bus)) {
        r_held = false;
    }
    if (get_bit(t.m_awvalid_o & t.m_awready_i, bus)) {
        aw_full = write.is_write = true;
        write.addr = static_cast<uint32_t>(t.m_awaddr_o >> (32 * bus));
    }
    if (get_bit(t.m_wvalid_o & t.m_wready_i, bus)) {
        w_full = true;
        write.strb = static_cast<uint8_t>(get_field(t.m_wstrb_o, bus, 8));
        write.data = t.m_wdata_o[low_word] | static_cast<uint64_t>(t.m_wdata_o[low_word + 1]) << 32;
    }
    if (get_bit(t.m_arvalid_o & t.m_arready_i, bus)) {
        ar_full = true;
        read = {};
        read.addr = static_cast<uint32_t>(t.m_araddr_o >> (32 * bus));
    }
}

void Memory::reset()
{
    Vbridge_bench &t = *bench.top;

    aw_full = w_full = ar_full = b_held = r_held = false;
    set_bit(t.m_bvalid_i, bus, false);
    set_bit(t.m_rvalid_i, bus, slip == Slip::RInReset);
}

Bench::Bench(uint32_t seed, const std::string &url, const std::string &url1)
    : Bench(seed, Urls{ url, url1, "", "" })
{
}

Bench::Bench(uint32_t seed, const Urls &urls)
    : context(new VerilatedContext), manager0(*this, 0), manager1(*this, 1), memory0(*this, 0),
      memory1(*this, 1), rng(seed)
{
    const std::string plusargs[] = { "+url=" + urls.bridge0, "+url1=" + urls.bridge1,
                                     "+dma0=" + urls.dma0, "+dma1=" + urls.dma1 };
    const char *argv[] = { "bridge_bench", plusargs[0].c_str(), plusargs[1].c_str(),
                           plusargs[2].c_str(), plusargs[3].c_str() };

    context->commandArgs(5, argv);
    context->fatalOnError(false);
    top = std::make_unique<Vbridge_bench>(context.get());
    current = this;
}

Bench::~Bench()
{
    top->final();
    current = nullptr;
}

void Bench::reset(int n)
{
    top->rst_ni = 0;
    memory0.reset();
    memory1.reset();
    top->awvalid_i = top->wvalid_i = top->arvalid_i = 0;
    for (int i = 0; i < n; i++) {
        top->arvalid_i = manager0.misdeed == Misdeed::ValidInReset;
        top->clk_i = 0;
        top->eval();
        top->clk_i = 1;
        top->eval();
    }
    top->arvalid_i = 0;
    top->m_rvalid_i = 0;
    top->clk_i = 0;
    top->eval();
    top->rst_ni = 1;
    top->eval();
    clock_edges = 0;
}

void Bench::cycle()
{
    manager0.drive();
    manager1.drive();
    memory0.drive();
    memory1.drive();
    top->clk_i = 0;
    top->eval();
    manager0.sample();
    manager1.sample();
    memory0.sample();
    memory1.sample();
    top->clk_i = 1;
    top->eval();
    clock_edges++;
}

void Bench::cycles(int n)
{
    while (n-- > 0) {
        cycle();
    }
}

bool Bench::drain(int limit)
{
    while (limit-- > 0) {
        if (manager0.idle() && manager1.idle()) {
            return true;
        }
        cycle();
    }
    return false;
}

bool Bench::chance(int percent)
{
    return static_cast<int>(rng() % 100) < percent;
}

uint32_t Bench::random()
{
    return static_cast<uint32_t>(rng());
}

uint64_t Bench::irqs(int bus) const
{
    // 53 bits each, in 32-bit words
    uint64_t value = 0;
    for (int i = 0; i < 53; i++) {
        const int bit = 53 * bus + i;
        value |= static_cast<uint64_t>(top->irq_o[bit / 32] >> (bit % 32) & 1) << i;
    }
    return value;
}

bool Bench::bvalid(int bus) const
{
    return get_bit(top->bvalid_o, bus);
}

void Bench::fault(int number)
{
    top->fault_i = static_cast<CData>(number);
}

bool Bench::dma_busy(int bus) const
{
    return get_bit(top->m_busy_o, bus);
}

bool Bench::lost(int bus) const
{
    return get_bit(top->lost_o, bus);
}

bool Bench::stopped() const
{
    return context->gotError();
}

} // namespace bench

// What the checkers call.
void axil_rule_broken(int bus, const char *rule)
{
    if (bench::current) {
        bench::current->broken.insert(std::to_string(bus) + ":" + rule);
    }
}
