// SPDX-License-Identifier: MIT
//
// Watches one pipelined Wishbone bus (B4, 3 and 5) and reports each broken rule by name. It drives nothing.

`include "bus_rules.svh"

module wb_checker #(
  parameter int unsigned MaxWait = 64
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        cyc_i,
  input logic        stb_i,
  input logic        stall_i,
  input logic        we_i,
  input logic [31:0] adr_i,
  input logic [31:0] dat_i,
  input logic [3:0]  sel_i,
  input logic        ack_i,
  input logic        err_i,
  input logic        rty_i
);

  import "DPI-C" function void bus_rule_broken(input string rule);

  logic taken, answer;
  assign taken  = cyc_i && stb_i && !stall_i;
  assign answer = ack_i || err_i || rty_i;

  // Requests taken and not answered; the answer may come in the cycle that takes the request.
  int open_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) open_q <= 0;
    else open_q <= cyc_i ? open_q + int'(taken) - int'(answer) : 0;
  end

  `BUS_RULE(wb_strobe_needs_cycle, stb_i |-> cyc_i)
  `BUS_RULE(wb_stalled_request_stays, cyc_i && stb_i && stall_i |=> cyc_i && stb_i)
  `BUS_RULE(wb_stalled_request_holds, cyc_i && stb_i && stall_i |=>
            $stable(we_i) && $stable(adr_i) && $stable(sel_i) && $stable(dat_i))
  `BUS_RULE(wb_cycle_until_answered, open_q + int'(taken) > int'(answer) |=> cyc_i)
  `BUS_RULE(wb_word_address, cyc_i && stb_i |-> adr_i[1:0] == '0)
  `BUS_RULE(wb_one_answer, 32'(ack_i) + 32'(err_i) + 32'(rty_i) <= 1)
  `BUS_RULE(wb_answer_was_asked, answer |-> cyc_i && open_q + int'(taken) > 0)

  int unsigned stall_q, wait_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stall_q <= 0;
      wait_q  <= 0;
    end else begin
      stall_q <= (cyc_i && stb_i && stall_i) ? stall_q + 1 : 0;
      wait_q  <= (cyc_i && open_q > 0 && !answer) ? wait_q + 1 : 0;
    end
  end
  `BUS_RULE(wb_taken_in_time, stall_q <= MaxWait)
  `BUS_RULE(wb_answered_in_time, wait_q <= MaxWait)
  `BUS_RULE_IN_RESET(wb_quiet_in_reset, !cyc_i && !stb_i)

endmodule
