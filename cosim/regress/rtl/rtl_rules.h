/* What the checkers on benches tell by DPI (rtl/checkers), which know no object to tell it to. */
#ifndef QOSIM_COSIM_REGRESS_RTL_RTL_RULES_H
#define QOSIM_COSIM_REGRESS_RTL_RTL_RULES_H

#include <string>

namespace qosim::regress
{

// The first rule that was broken since the last call, by whichever design this thread evaluated; "" if none.
std::string rtl_take_broken_rule();

} // namespace qosim::regress

#endif
