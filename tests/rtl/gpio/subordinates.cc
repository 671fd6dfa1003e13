#include "tests/rtl/gpio/subordinates.h"

/* --- The device --- */

static uint32_t lane_mask(uint8_t strobes)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < 4; i++) {
        mask |= (strobes >> i & 1) * (0xffu << (8 * i));
    }
    return mask;
}

Device::Device()
{
    registers[3] = 0xcafe0003;
    registers[4] = UINT32_MAX;
}

uint32_t *Device::word(uint32_t address)
{
    return address & 0x1000 ? &registers[address / 4 % 16] : &ram[address / 4 % 1024];
}

Device::Result Device::read(uint32_t address)
{
    const unsigned number = address / 4 % 16;

    if (!(address & 0x1000)) {
        return { false, *word(address) };
    }
    if (number >= 8) {
        return { true, 0 };
    }
    return { false, number == 5 ? registers[5]++ : registers[number] };
}

Device::Result Device::write(uint32_t address, uint32_t data, uint8_t strobes)
{
    const unsigned number = address & 0x1000 ? address / 4 % 16 : 0;
    const uint32_t mask = lane_mask(strobes);
    uint32_t *target = word(address);

    if (number >= 8) {
        return { true, 0 };
    }
    if (number == 4) {
        *target &= ~(data & mask);
    } else if (number != 3) {
        *target = (*target & ~mask) | (data & mask);
    }
    return { false, 0 };
}

/* --- AXI4-Lite: a buffer of one behind each channel --- */

class AxilSubordinate : public Subordinate
{
  public:
    using Subordinate::Subordinate;
    void drive() override;
    void sample() override;
    void reset() override
    {
        aw = w = ar = b = r = false;
        t.axil_bvalid = slip == Slip::AnswerInReset;
        t.axil_rvalid = 0;
    }

  private:
    void misbehave();

    bool aw = false, w = false, ar = false, b = false, r = false;
    uint32_t waddr = 0, wdata = 0, raddr = 0, rdata = 0;
    uint8_t wstrb = 0, bresp = 0, rresp = 0;
};

void AxilSubordinate::drive()
{
    if (aw && w && !b && slip != Slip::AnswerNever && chance(answer_percent)) {
        bresp = device.write(waddr, wdata, wstrb).error ? 2 : 0;
        aw = w = false;
        b = true;
    }
    if (ar && !r && slip != Slip::AnswerNever && chance(answer_percent)) {
        const Device::Result result = device.read(raddr);
        rdata = result.data;
        rresp = result.error ? 3 : 0;
        ar = false;
        r = true;
    }
    t.axil_awready = !aw && slip != Slip::RequestNever && chance(ready_percent);
    t.axil_wready = !w && chance(ready_percent);
    t.axil_arready = !ar && chance(ready_percent);
    t.axil_bvalid = b;
    t.axil_rvalid = r;
    t.axil_bresp = b ? bresp : random() & 3;
    t.axil_rresp = r ? rresp : random() & 3;
    t.axil_rdata = r ? rdata : random();
    misbehave();
}

void AxilSubordinate::misbehave()
{
    const bool now = odd();

    if (slip == Slip::AnswerDropped) {
        t.axil_rvalid = r && now;
    } else if (slip == Slip::AnswerChanged) {
        t.axil_rdata ^= now;
    } else if (slip == Slip::AnswerUnasked) {
        t.axil_bvalid = 1;
    } else if (slip == Slip::AnswerWrong) {
        t.axil_bresp = 1;
    }
}

void AxilSubordinate::sample()
{
    b = b && !t.axil_bready;
    r = r && !t.axil_rready;
    if (t.axil_awvalid && t.axil_awready) {
        aw = true;
        waddr = t.axil_awaddr;
    }
    if (t.axil_wvalid && t.axil_wready) {
        w = true;
        wdata = t.axil_wdata;
        wstrb = t.axil_wstrb;
    }
    if (t.axil_arvalid && t.axil_arready) {
        ar = true;
        raddr = t.axil_araddr;
    }
}

/* --- APB --- */

class ApbSubordinate : public Subordinate
{
  public:
    using Subordinate::Subordinate;
    void drive() override;
    void sample() override
    {
        setup = t.apb_psel && !t.apb_penable;
    }
    void reset() override
    {
        setup = access = false;
        t.apb_pready = t.apb_pslverr = 0;
    }

  private:
    bool setup = false, access = false;
};

// Answers are decided before the manager's signals of this cycle are seen, from the setup that was.
void ApbSubordinate::drive()
{
    access = setup || (access && !t.apb_pready);
    const bool answer = access && slip != Slip::RequestNever && chance(answer_percent);

    t.apb_pready = access ? answer : random() & 1;
    t.apb_prdata = random();
    t.apb_pslverr = slip == Slip::AnswerUnasked;
    if (answer) {
        const Device::Result result = t.apb_pwrite
                                          ? device.write(t.apb_paddr, t.apb_pwdata, t.apb_pstrb)
                                          : device.read(t.apb_paddr);
        t.apb_prdata = result.data;
        t.apb_pslverr = result.error;
    }
}

/* --- Wishbone --- */

class WishboneSubordinate : public Subordinate
{
  public:
    using Subordinate::Subordinate;
    void drive() override;
    void sample() override;
    void reset() override
    {
        todo.clear();
        t.wb_stall = t.wb_ack = t.wb_err = t.wb_rty = 0;
    }

  private:
    std::deque<Device::Result> todo;
};

void WishboneSubordinate::drive()
{
    const bool answer = !todo.empty() && slip != Slip::AnswerNever && chance(answer_percent);

    t.wb_stall = slip == Slip::RequestNever || todo.size() >= 4 || !chance(ready_percent);
    t.wb_ack = answer && !todo.front().error;
    t.wb_err = answer && todo.front().error;
    t.wb_rty = 0;
    t.wb_dat_r = answer ? todo.front().data : random();
    if (answer) {
        todo.pop_front();
    }
    if (slip == Slip::AnswerTwice && answer) {
        t.wb_ack = t.wb_err = 1;
    } else if (slip == Slip::AnswerUnasked && todo.empty() && !answer) {
        t.wb_ack = 1;
    }
}

void WishboneSubordinate::sample()
{
    if (t.wb_cyc && t.wb_stb && !t.wb_stall) {
        todo.push_back(t.wb_we ? device.write(t.wb_adr, t.wb_dat_w, t.wb_sel)
                               : device.read(t.wb_adr));
    }
}

/* --- TileLink: answers in any order --- */

class TileLinkSubordinate : public Subordinate
{
  public:
    using Subordinate::Subordinate;
    void drive() override;
    void sample() override;
    void reset() override
    {
        todo.clear();
        up = false;
        t.tl_a_ready = 0;
        t.tl_d_valid = slip == Slip::AnswerInReset;
    }

  private:
    struct Answer {
        bool is_get;
        uint8_t source, size;
        Device::Result result;
    };
    void choose();
    void misbehave();

    std::vector<Answer> todo;
    Answer now = {};
    bool up = false;
};

void TileLinkSubordinate::choose()
{
    const size_t i = random() % todo.size();

    now = todo[i];
    todo.erase(todo.begin() + static_cast<std::ptrdiff_t>(i));
    up = true;
}

void TileLinkSubordinate::drive()
{
    if (!up && !todo.empty() && slip != Slip::AnswerNever && chance(answer_percent)) {
        choose();
    }
    t.tl_a_ready = slip != Slip::RequestNever && todo.size() < 8 && chance(ready_percent);
    t.tl_d_valid = up;
    t.tl_d_opcode = up ? now.is_get : random() & 7;
    t.tl_d_size = up ? now.size : random() & 3;
    t.tl_d_source = up ? now.source : random() & 15;
    t.tl_d_denied = up ? now.result.error : random() & 1;
    t.tl_d_corrupt = up ? now.is_get && now.result.error : random() & 1;
    t.tl_d_data = up ? now.result.data : random();
    misbehave();
}

void TileLinkSubordinate::misbehave()
{
    const bool flip = odd();

    switch (slip) {
    case Slip::AnswerDropped:
        t.tl_d_valid = up && flip;
        break;
    case Slip::AnswerChanged:
        t.tl_d_data ^= flip;
        break;
    case Slip::AnswerUnasked:
        t.tl_d_valid = 1;
        break;
    case Slip::AnswerWrong:
        t.tl_d_opcode ^= 1;
        break;
    case Slip::SizeWrong:
        t.tl_d_size ^= 1;
        break;
    case Slip::DeniedNotCorrupt:
        t.tl_d_denied = 1;
        t.tl_d_corrupt = 0;
        break;
    default:
        break;
    }
}

void TileLinkSubordinate::sample()
{
    up = up && !(t.tl_d_valid && t.tl_d_ready);
    if (t.tl_a_valid && t.tl_a_ready) {
        const bool is_get = t.tl_a_opcode == 4;

        todo.push_back({ is_get, t.tl_a_source, t.tl_a_size,
                         is_get ? device.read(t.tl_a_address)
                                : device.write(t.tl_a_address, t.tl_a_data, t.tl_a_mask) });
    }
}

std::unique_ptr<Subordinate> make_subordinate(Vbfm_bench &top, unsigned bus, uint32_t seed)
{
    switch (bus) {
    case 0:
        return std::make_unique<AxilSubordinate>(top, seed);
    case 1:
        return std::make_unique<ApbSubordinate>(top, seed);
    case 2:
        return std::make_unique<WishboneSubordinate>(top, seed);
    default:
        return std::make_unique<TileLinkSubordinate>(top, seed);
    }
}
