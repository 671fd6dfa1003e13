// SPDX-License-Identifier: MIT
//
// Watches one APB bus (AMBA APB, 2 and 3) and reports each broken rule by name. It drives nothing.

`include "bus_rules.svh"

module apb_checker #(
  parameter int unsigned MaxWait = 64
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        psel_i,
  input logic        penable_i,
  input logic        pwrite_i,
  input logic [31:0] paddr_i,
  input logic [31:0] pwdata_i,
  input logic [3:0]  pstrb_i,
  input logic        pready_i,
  input logic        pslverr_i
);

  import "DPI-C" function void bus_rule_broken(input string rule);

  // Setup is one cycle; access follows and lasts until PREADY.
  `BUS_RULE(apb_setup_first, !psel_i || (psel_i && penable_i && pready_i) |=> !penable_i)
  `BUS_RULE(apb_access_after_setup, psel_i && !penable_i |=> psel_i && penable_i)
  `BUS_RULE(apb_access_lasts, psel_i && penable_i && !pready_i |=> psel_i && penable_i)
  `BUS_RULE(apb_enable_needs_select, penable_i |-> psel_i)
  `BUS_RULE(apb_request_holds, psel_i && !(penable_i && pready_i) |=>
            $stable(paddr_i) && $stable(pwrite_i) && $stable(pstrb_i))
  `BUS_RULE(apb_data_holds, psel_i && pwrite_i && !(penable_i && pready_i) |=> $stable(pwdata_i))
  `BUS_RULE(apb_no_strobes_on_reads, psel_i && !pwrite_i |-> pstrb_i == '0)
  `BUS_RULE(apb_word_address, psel_i |-> paddr_i[1:0] == '0)
  // Recommended, and what ours do: an error only where it counts.
  `BUS_RULE(apb_error_with_ready, pslverr_i |-> psel_i && penable_i && pready_i)

  int unsigned wait_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wait_q <= 0;
    else wait_q <= (psel_i && penable_i && !pready_i) ? wait_q + 1 : 0;
  end
  `BUS_RULE(apb_ready_in_time, wait_q <= MaxWait)
  `BUS_RULE_IN_RESET(apb_quiet_in_reset, !psel_i)

endmodule
