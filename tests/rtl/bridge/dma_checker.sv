// SPDX-License-Identifier: MIT
//
// What qosim_axil_dma promises beyond the protocol: one beat at a time, whole words at their addresses, the bytes of a beat in
// one run, responses taken without delay, and busy_o while any of it is to be seen. Told like axil_checker's rules.

`define DMA_RULE(rule, prop) \
  rule : assert property (@(posedge clk_i) disable iff (!rst_ni) prop) \
    else axil_rule_broken(Bus, `"rule`");

module dma_checker #(
  parameter int          Bus       = 0,
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned WordBytes = 4,
  parameter int unsigned MaxTake   = 2
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   awvalid_i,
  input logic                   awready_i,
  input logic [AddrWidth-1:0]   awaddr_i,
  input logic                   wvalid_i,
  input logic                   wready_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   bvalid_i,
  input logic                   bready_i,
  input logic                   arvalid_i,
  input logic                   arready_i,
  input logic [AddrWidth-1:0]   araddr_i,
  input logic                   rvalid_i,
  input logic                   rready_i,
  input logic                   busy_i
);

  import "DPI-C" function void axil_rule_broken(input int bus, input string rule);

  `DMA_RULE(dma_aw_is_aligned, awvalid_i |-> awaddr_i % WordBytes == 0)
  `DMA_RULE(dma_ar_is_aligned, arvalid_i |-> araddr_i % WordBytes == 0)
  `DMA_RULE(dma_write_has_bytes, wvalid_i |-> wstrb_i != '0)

  // A run's lowest bit added carries through all of it.
  logic [DataWidth/8:0] strb, carried;
  assign strb    = {1'b0, wstrb_i};
  assign carried = strb + (strb & (~strb + 1'b1));
  `DMA_RULE(dma_bytes_are_one_run, wvalid_i |-> (carried & strb) == '0)

  // Taken and not answered.
  logic aw_open_q, w_open_q, ar_open_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_open_q <= 1'b0;
      w_open_q  <= 1'b0;
      ar_open_q <= 1'b0;
    end else begin
      aw_open_q <= (aw_open_q || (awvalid_i && awready_i)) && !(bvalid_i && bready_i);
      w_open_q  <= (w_open_q || (wvalid_i && wready_i)) && !(bvalid_i && bready_i);
      ar_open_q <= (ar_open_q || (arvalid_i && arready_i)) && !(rvalid_i && rready_i);
    end
  end

  `DMA_RULE(dma_one_at_a_time, !((awvalid_i || wvalid_i || aw_open_q || w_open_q) && (arvalid_i || ar_open_q)))
  `DMA_RULE(dma_aw_one_at_a_time, awvalid_i |-> !aw_open_q)
  `DMA_RULE(dma_w_one_at_a_time, wvalid_i |-> !w_open_q)
  `DMA_RULE(dma_ar_one_at_a_time, arvalid_i |-> !ar_open_q)

  int unsigned b_wait_q, r_wait_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_wait_q <= 0;
      r_wait_q <= 0;
    end else begin
      b_wait_q <= (bvalid_i && !bready_i) ? b_wait_q + 1 : 0;
      r_wait_q <= (rvalid_i && !rready_i) ? r_wait_q + 1 : 0;
    end
  end
  `DMA_RULE(dma_takes_b, b_wait_q <= MaxTake)
  `DMA_RULE(dma_takes_r, r_wait_q <= MaxTake)

  // A beat begins and, unless it is given up, ends while busy.
  `DMA_RULE(dma_aw_is_busy, $rose(awvalid_i) |-> busy_i)
  `DMA_RULE(dma_ar_is_busy, $rose(arvalid_i) |-> busy_i)

endmodule
