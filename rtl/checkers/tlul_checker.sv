// SPDX-License-Identifier: MIT
//
// Watches one TileLink-UL link of 4 bytes (SiFive TileLink 1.8, 4 to 6) and reports each broken rule by name. It drives
// nothing.

`include "bus_rules.svh"

module tlul_checker #(
  parameter int unsigned SourceWidth = 4,
  parameter int unsigned MaxWait     = 64
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   a_valid_i,
  input logic                   a_ready_i,
  input logic [2:0]             a_opcode_i,
  input logic [2:0]             a_param_i,
  input logic [1:0]             a_size_i,
  input logic [SourceWidth-1:0] a_source_i,
  input logic [31:0]            a_address_i,
  input logic [3:0]             a_mask_i,
  input logic [31:0]            a_data_i,
  input logic                   a_corrupt_i,
  input logic                   d_valid_i,
  input logic                   d_ready_i,
  input logic [2:0]             d_opcode_i,
  input logic [1:0]             d_size_i,
  input logic [SourceWidth-1:0] d_source_i,
  input logic                   d_denied_i,
  input logic [31:0]            d_data_i,
  input logic                   d_corrupt_i
);

  import "DPI-C" function void bus_rule_broken(input string rule);

  localparam int unsigned Sources = 2 ** SourceWidth;

  logic       a_put, a_get, a_take, d_take;
  logic [3:0] lanes;
  assign a_put  = a_opcode_i == 3'd0 || a_opcode_i == 3'd1;
  assign a_get  = a_opcode_i == 3'd4;
  assign a_take = a_valid_i && a_ready_i;
  assign d_take = d_valid_i && d_ready_i;
  assign lanes  = 4'((8'd1 << (8'd1 << a_size_i)) - 8'd1) << a_address_i[1:0];

  // What is on the way, by source.
  logic [Sources-1:0]      open_q, get_q;
  logic [Sources-1:0][1:0] size_q;
  int                      count_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q  <= '0;
      get_q   <= '0;
      size_q  <= '0;
      count_q <= 0;
    end else begin
      if (d_take) open_q[d_source_i] <= 1'b0;
      if (a_take && !(d_take && d_source_i == a_source_i)) begin
        open_q[a_source_i] <= 1'b1;
        get_q[a_source_i]  <= a_get;
        size_q[a_source_i] <= a_size_i;
      end
      count_q <= count_q + int'(a_take) - int'(d_take);
    end
  end

  logic a_free;
  assign a_free = !open_q[a_source_i];

  // The answer's request: one on the way, or the one that is taken in this very cycle.
  logic       known, for_get, now;
  logic [1:0] for_size;
  assign now      = a_valid_i && a_source_i == d_source_i && !open_q[d_source_i];
  assign known    = open_q[d_source_i] || now;
  assign for_get  = now ? a_get : get_q[d_source_i];
  assign for_size = now ? a_size_i : size_q[d_source_i];

  `BUS_RULE(tl_a_valid_stays, a_valid_i && !a_ready_i |=> a_valid_i)
  `BUS_RULE(tl_a_holds, a_valid_i && !a_ready_i |=>
            $stable(a_opcode_i) && $stable(a_param_i) && $stable(a_size_i) && $stable(a_source_i) &&
            $stable(a_address_i) && $stable(a_mask_i) && $stable(a_data_i) && $stable(a_corrupt_i))
  `BUS_RULE(tl_a_opcode, a_valid_i |-> a_put || a_get)
  `BUS_RULE(tl_a_param, a_valid_i |-> a_param_i == '0)
  `BUS_RULE(tl_a_size, a_valid_i |-> a_size_i <= 2'd2)
  `BUS_RULE(tl_a_aligned, a_valid_i |-> (a_address_i & ((32'd1 << a_size_i) - 32'd1)) == '0)
  `BUS_RULE(tl_a_mask_within_size, a_valid_i |-> (a_mask_i & ~lanes) == '0)
  `BUS_RULE(tl_a_mask_whole, a_valid_i && a_opcode_i != 3'd1 |-> a_mask_i == lanes)
  `BUS_RULE(tl_a_get_not_corrupt, a_valid_i && a_get |-> !a_corrupt_i)
  `BUS_RULE(tl_a_source_free, a_valid_i |-> a_free)

  `BUS_RULE(tl_d_valid_stays, d_valid_i && !d_ready_i |=> d_valid_i)
  `BUS_RULE(tl_d_holds, d_valid_i && !d_ready_i |=>
            $stable(d_opcode_i) && $stable(d_size_i) && $stable(d_source_i) && $stable(d_denied_i) &&
            $stable(d_data_i) && $stable(d_corrupt_i))
  `BUS_RULE(tl_d_was_asked, d_valid_i |-> known)
  `BUS_RULE(tl_d_opcode, d_valid_i && known |-> d_opcode_i == 3'(for_get))
  `BUS_RULE(tl_d_size, d_valid_i && known |-> d_size_i == for_size)
  `BUS_RULE(tl_d_denied_data_is_corrupt, d_valid_i && d_denied_i && d_opcode_i == 3'd1 |-> d_corrupt_i)

  int unsigned a_wait_q, d_wait_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_wait_q <= 0;
      d_wait_q <= 0;
    end else begin
      if (!d_valid_i || d_ready_i) a_wait_q <= (a_valid_i && !a_ready_i) ? a_wait_q + 1 : 0;
      d_wait_q <= (count_q > 0 && !d_valid_i) ? d_wait_q + 1 : 0;
    end
  end
  `BUS_RULE(tl_a_taken_in_time, a_wait_q <= MaxWait)
  `BUS_RULE(tl_d_comes_in_time, d_wait_q <= MaxWait)
  `BUS_RULE_IN_RESET(tl_quiet_in_reset, !a_valid_i)
  `BUS_RULE_IN_RESET(tl_d_quiet_in_reset, !d_valid_i)

endmodule
