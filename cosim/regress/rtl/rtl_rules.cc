#include "cosim/regress/rtl/rtl_rules.h"

#include <utility>

namespace
{

thread_local std::string first_rule;

} // namespace

// Names and types are those that Verilator derives from the checkers' import declarations.
extern "C" void bus_rule_broken(const char *rule);
extern "C" void axil_rule_broken(int bus, const char *rule);

void bus_rule_broken(const char *rule)
{
    if (first_rule.empty()) {
        first_rule = rule;
    }
}

void axil_rule_broken(int /*bus*/, const char *rule)
{
    bus_rule_broken(rule);
}

namespace qosim::regress
{

std::string rtl_take_broken_rule()
{
    return first_rule.empty() ? std::string() : std::exchange(first_rule, std::string());
}

} // namespace qosim::regress
