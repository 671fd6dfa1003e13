// One rule of a protocol, told to the bench by name when it is broken.

`ifndef BUS_RULES_SVH
`define BUS_RULES_SVH

`define BUS_RULE(rule, prop) \
  rule : assert property (@(posedge clk_i) disable iff (!rst_ni) prop) \
    else bus_rule_broken(`"rule`");

`define BUS_RULE_IN_RESET(rule, prop) \
  rule : assert property (@(posedge clk_i) !rst_ni |-> prop) \
    else bus_rule_broken(`"rule`");

`endif
