// SPDX-License-Identifier: MIT
//
// Put between a manager and a subordinate that never waits, so that it does: at random, and in runs.

// The subordinate sees the access phase when its wait states are over.
module nasty_apb_waits
  import nasty_pkg::*;
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic psel_i,
  input  logic penable_i,
  output logic penable_o,
  input  logic pready_i,
  input  logic pslverr_i,
  output logic pready_o,
  output logic pslverr_o
);

  pace_e       pace_q;
  int unsigned wait_q;
  logic        over;

  assign over      = wait_q == 0;
  assign penable_o = penable_i && over;
  assign pready_o  = pready_i && over;
  assign pslverr_o = pslverr_i && over;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wait_q <= 0;
      pace_q <= PaceNone;
    end else begin
      if (below(200) == 0) pace_q <= pace_e'(2'(below(4)));
      if (psel_i && penable_i && !over) wait_q <= wait_q - 1;
      else if (psel_i && penable_o && pready_i) wait_q <= delay(pace_q);
    end
  end

endmodule

// The subordinate sees the strobe when it is no longer stalled.
module nasty_wb_stalls
  import nasty_pkg::*;
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic cyc_i,
  input  logic stb_i,
  output logic stb_o,
  input  logic stall_i,
  output logic stall_o
);

  pace_e       pace_q;
  int unsigned wait_q;
  logic        over;

  assign over    = wait_q == 0;
  assign stb_o   = stb_i && over;
  assign stall_o = stall_i || !over;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wait_q <= 0;
      pace_q <= PaceNone;
    end else begin
      if (below(200) == 0) pace_q <= pace_e'(2'(below(4)));
      if (cyc_i && stb_i && !over) wait_q <= wait_q - 1;
      else if (cyc_i && stb_o && !stall_i) wait_q <= delay(pace_q);
    end
  end

endmodule
