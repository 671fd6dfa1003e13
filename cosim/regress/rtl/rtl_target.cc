#include "cosim/regress/rtl/rtl_target.h"

#include <cinttypes>

#include "cosim/regress/error.h"
#include "cosim/regress/rtl/rtl_runner.h"

namespace qosim::regress
{

namespace
{

struct RtlTarget {
    Target parent;
    RtlRunner *runner;
    char *about;
};

RtlRunner &runner_of(const Target *target)
{
    return *reinterpret_cast<const RtlTarget *>(target)->runner;
}

bool run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    RtlRunner &runner = runner_of(target);

    for (size_t i = 0; i < n; i++) {
        if (runner.clocks_of(ops[i]) > RtlRunner::clocks_max) {
            regress_trouble(error,
                            "%s: %" PRIu64 " ns are more than the %" PRIu64
                            " clocks that RTL is given at a time",
                            target->name, ops[i].value, RtlRunner::clocks_max);
            return false;
        }
        outcomes[i] = runner.run(ops[i]);
    }
    return true;
}

bool restart(Target *target, GError ** /*error*/)
{
    runner_of(target).restart();
    return true;
}

void begin(Target *target)
{
    runner_of(target).begin();
}

const char *note(const Target *target)
{
    return runner_of(target).note().c_str();
}

const char *about(const Target *target)
{
    return reinterpret_cast<const RtlTarget *>(target)->about;
}

void watch(Target *target, Wave *wave)
{
    runner_of(target).watch(wave);
}

bool trace(Target *target, const char *path, GError **error)
{
    RtlDevice &device = runner_of(target).device();

    if (path ? !device.trace_open(path) : !device.trace_close()) {
        regress_trouble(error, "%s",
                        path ? "the design was made without waveforms, or the file cannot be opened"
                             : "it is not complete");
        return false;
    }
    return true;
}

void close(Target *target)
{
    auto *rtl = reinterpret_cast<RtlTarget *>(target);

    delete rtl->runner;
    g_free(rtl->about);
    delete rtl;
}

TargetClass make_class()
{
    TargetClass c = {};

    c.kind = "rtl";
    c.observes = OBSERVED_ALL;
    c.batch = 16;
    c.run = run;
    c.restart = restart;
    c.begin = begin;
    c.note = note;
    c.about = about;
    c.watch = watch;
    c.trace = trace;
    c.close = close;
    return c;
}

const TargetClass rtl_class = make_class();

void take_options(RtlOptions &options, RtlWords &words)
{
    RtlLatency &l = options.latency;

    l.irq = words.take("irq", 0, 1000, l.irq);
    l.out = words.take("out", 0, 1000, l.out);
    l.driven = words.take("driven", 0, 1000, l.driven);
    l.data = words.take("data", 0, 1000, l.data);
    options.limit = words.take("limit", 1, 1000000, options.limit);
    options.period_ns = words.take("period", 1, 1000000, options.period_ns);
}

} // namespace

Target *rtl_target_new(const char *name, const RegressDevice *device, const RtlMaker &make,
                       RtlOptions options, RtlWords &words, GError **error)
{
    RtlTarget *rtl = nullptr;

    take_options(options, words);
    if (!words.done(name, error)) {
        return nullptr;
    }
    rtl = new RtlTarget();
    target_init(&rtl->parent, &rtl_class, device, name);
    rtl->parent.takes = options.takes;
    rtl->parent.n_lines = options.n_lines > 0 ? options.n_lines : device->n_lines;
    rtl->runner = new RtlRunner(make, options);
    rtl->about = g_strdup_printf(
        "%s%sclocks until what an operation leads to is compared, and then "
        "stays: irq %u, out %u, driven %u, data %u; a handshake may take %u",
        options.about.c_str(), options.about.empty() ? "" : "; ", options.latency.irq,
        options.latency.out, options.latency.driven, options.latency.data, options.limit);
    return &rtl->parent;
}

} // namespace qosim::regress
