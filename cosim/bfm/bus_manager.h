/*
 * Bus drivers for Verilated designs: each plays the manager of one bus, a cycle at a time.
 *
 * A driver holds pointers to the ports of the design and knows nothing else of it. Each cycle the bench lets the driver put its
 * signals before the rising edge and look at the answers just before it:
 *
 *     AxilManager bus(ports_of(top), { .valid_percent = 50 }, seed);
 *     auto cycle = [&] {
 *         bus.drive();
 *         top.clk_i = 0; top.eval();
 *         bus.sample();
 *         top.clk_i = 1; top.eval();
 *     };
 *     Response r = bus.transfer(Request::read(0x10, 4), cycle);
 *
 * The design must have settled with clk low when sample() is called. What goes wrong on the bus is in the response, never an
 * abort: an error that the design answers, an answer that breaks the protocol, or none at all in time.
 */
#ifndef QOSIM_COSIM_BFM_BUS_MANAGER_H
#define QOSIM_COSIM_BFM_BUS_MANAGER_H

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace qosim::bfm
{

enum class Status {
    Okay,
    Error,       // SLVERR, PSLVERR, ERR, denied or corrupt
    DecodeError, // DECERR
    Retry,       // RTY
    Violation,   // the answer breaks the bus's rules: BusManager::violation()
    Stuck,       // no answer in time: BusManager::stuck()
};

const char *status_name(Status status);

/*
 * One access to 1, 2 or 4 bytes at an address that is a multiple of the size. Data is by lane: a store of 0xff to 0x12 is
 * address 0x12, data 0x00ff0000, strobes 0b0100. A write may have any strobes within its word; then its size is 4.
 */
struct Request {
    bool write;
    uint32_t address;
    unsigned size;
    uint32_t data;
    uint8_t strobes; // of a read: the lanes that are wanted

    static Request read(uint32_t address, unsigned size);
    // The low @size bytes of @value.
    static Request store(uint32_t address, unsigned size, uint32_t value);
    // The lanes of @data that @strobes names, in the word at @address.
    static Request lanes(uint32_t address, uint32_t data, uint8_t strobes);
};

struct Response {
    uint64_t id; // as submit() gave it
    Request request;
    Status status;
    uint32_t data; // of a read: all lanes as they came

    // What a read gave, the lanes that were wanted only, moved down to bit 0.
    uint32_t value() const;
};

// Chances are in percent per cycle, 1 to 100.
struct Timing {
    int valid_percent = 100;  // that a request that waits is put on the bus
    int ready_percent = 100;  // that an answer is taken
    unsigned outstanding = 1; // requests on the bus at a time, where the bus knows that
    unsigned limit = 1000;    // cycles that a handshake may take before the bus counts as stuck
};

// splitmix64: quick to seed, so that every request can have a seed of its own.
class Random
{
  public:
    explicit Random(uint32_t seed) : state_(seed)
    {
    }
    void seed(uint32_t seed)
    {
        state_ = seed;
    }
    uint32_t operator()()
    {
        uint64_t z = (state_ += UINT64_C(0x9e3779b97f4a7c15));

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return static_cast<uint32_t>(z >> 32);
    }

  private:
    uint64_t state_;
};

class BusManager
{
  public:
    BusManager(const Timing &timing, uint32_t seed) : timing_(timing), rng_(seed)
    {
    }
    virtual ~BusManager() = default;
    BusManager(const BusManager &) = delete;
    BusManager &operator=(const BusManager &) = delete;

    virtual const char *name() const = 0;

    // Queues @request and returns its number. Requests start in order; their answers may overtake where the bus allows it.
    uint64_t submit(const Request &request);
    // The next answer that has come; false when there is none.
    bool take(Response &response);
    bool idle() const;

    // Puts this cycle's signals, and looks at what came of them.
    void drive();
    void sample();

    // Lets the bus go and forgets all requests, unanswered and stuck ones too; to be called while the design is in reset.
    void reset();

    // Submits @request and calls @cycle until it is answered. Ends: a stuck bus is an answer, too. Other answers that came
    // meanwhile are dropped, so use it with nothing else on the way.
    Response transfer(const Request &request, const std::function<void()> &cycle);

    // The handshake that did not come ("AWVALID is up, no AWREADY for 1000 cycles"), "" while the bus works. From then on all
    // requests end as Status::Stuck, until reset().
    const std::string &stuck() const
    {
        return stuck_;
    }
    // The first rule that an answer broke, "" if none.
    const std::string &violation() const
    {
        return violation_;
    }
    // What is random begins anew.
    void seed(uint32_t seed)
    {
        rng_.seed(seed);
    }
    void set_timing(const Timing &timing)
    {
        timing_ = timing;
    }

  protected:
    struct Operation {
        uint64_t id;
        Request request;
    };
    static constexpr unsigned max_handshakes = 5;

    virtual void put() = 0;     // before the edge
    virtual void look() = 0;    // at the edge
    virtual void release() = 0; // idle signals, no state

    bool valid_now();
    bool ready_now();
    uint32_t random();
    // Whether another request may start, and which that is.
    bool may_start() const;
    Operation start();
    void finish(const Operation &operation, Status status, uint32_t data = 0);
    void violate(const std::string &what);
    // One cycle of handshake number @handshake: whether it is the other side that lets us wait, and what for.
    void wait(unsigned handshake, bool waiting, const char *what);

    const Timing &timing() const
    {
        return timing_;
    }

  private:
    void give_up();

    Timing timing_;
    Random rng_;
    uint64_t next_id_ = 0;
    std::deque<Operation> todo_;
    std::vector<Operation> open_;
    std::deque<Response> answers_;
    std::array<unsigned, max_handshakes> waited_ = {};
    std::string stuck_, violation_;
};

} // namespace qosim::bfm

#endif
