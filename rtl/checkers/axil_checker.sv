// SPDX-License-Identifier: MIT
//
// Watches one AXI4-Lite bus and reports each broken rule of the protocol (AMBA AXI, A3 and B1) by name to the bench.
// It drives nothing. Bounds are in cycles; the bounds for the subordinate run only while the manager takes responses, and
// not while hold_i excuses it.

`define AXIL_RULE(rule, prop) \
  rule : assert property (@(posedge clk_i) disable iff (!rst_ni) prop) \
    else axil_rule_broken(Bus, `"rule`");

module axil_checker #(
  parameter int          Bus         = 0,   // told to the bench with each broken rule
  parameter int unsigned AddrWidth   = 32,
  parameter int unsigned DataWidth   = 32,
  parameter int unsigned MaxAccept   = 16,
  parameter int unsigned MaxResponse = 16
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   hold_i,
  input logic                   awvalid_i,
  input logic                   awready_i,
  input logic [AddrWidth-1:0]   awaddr_i,
  input logic                   wvalid_i,
  input logic                   wready_i,
  input logic [DataWidth-1:0]   wdata_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   bvalid_i,
  input logic                   bready_i,
  input logic [1:0]             bresp_i,
  input logic                   arvalid_i,
  input logic                   arready_i,
  input logic [AddrWidth-1:0]   araddr_i,
  input logic                   rvalid_i,
  input logic                   rready_i,
  input logic [DataWidth-1:0]   rdata_i,
  input logic [1:0]             rresp_i
);

  import "DPI-C" function void axil_rule_broken(input int bus, input string rule);

  // A3.2.1: once asserted, VALID stays, and what it announces holds still, until READY.
  `AXIL_RULE(aw_valid_stays, awvalid_i && !awready_i |=> awvalid_i)
  `AXIL_RULE(aw_payload_holds, awvalid_i && !awready_i |=> $stable(awaddr_i))
  `AXIL_RULE(w_valid_stays, wvalid_i && !wready_i |=> wvalid_i)
  `AXIL_RULE(w_payload_holds, wvalid_i && !wready_i |=> $stable(wdata_i) && $stable(wstrb_i))
  `AXIL_RULE(b_valid_stays, bvalid_i && !bready_i |=> bvalid_i)
  `AXIL_RULE(b_payload_holds, bvalid_i && !bready_i |=> $stable(bresp_i))
  `AXIL_RULE(ar_valid_stays, arvalid_i && !arready_i |=> arvalid_i)
  `AXIL_RULE(ar_payload_holds, arvalid_i && !arready_i |=> $stable(araddr_i))
  `AXIL_RULE(r_valid_stays, rvalid_i && !rready_i |=> rvalid_i)
  `AXIL_RULE(r_payload_holds, rvalid_i && !rready_i |=> $stable(rdata_i) && $stable(rresp_i))

  // B1.1.1: no exclusive accesses.
  `AXIL_RULE(b_not_exokay, bvalid_i |-> bresp_i != 2'b01)
  `AXIL_RULE(r_not_exokay, rvalid_i |-> rresp_i != 2'b01)

  // Requests taken and not answered.
  int aw_open_q, w_open_q, ar_open_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_open_q <= 0;
      w_open_q  <= 0;
      ar_open_q <= 0;
    end else begin
      aw_open_q <= aw_open_q + int'(awvalid_i && awready_i) - int'(bvalid_i && bready_i);
      w_open_q  <= w_open_q + int'(wvalid_i && wready_i) - int'(bvalid_i && bready_i);
      ar_open_q <= ar_open_q + int'(arvalid_i && arready_i) - int'(rvalid_i && rready_i);
    end
  end

  // A3.3.1: a response follows its request, both halves of it for a write.
  `AXIL_RULE(b_was_asked, bvalid_i |-> aw_open_q > 0 && w_open_q > 0)
  `AXIL_RULE(r_was_asked, rvalid_i |-> ar_open_q > 0)

  // Bounded waits. A channel's clock stops while the manager itself holds a response up.
  int unsigned b_wait_q, r_wait_q, aw_wait_q, w_wait_q, ar_wait_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_wait_q  <= 0;
      r_wait_q  <= 0;
      aw_wait_q <= 0;
      w_wait_q  <= 0;
      ar_wait_q <= 0;
    end else if (!hold_i) begin
      b_wait_q <= (aw_open_q > 0 && w_open_q > 0 && !bvalid_i) ? b_wait_q + 1 : 0;
      r_wait_q <= (ar_open_q > 0 && !rvalid_i) ? r_wait_q + 1 : 0;
      if (!bvalid_i) aw_wait_q <= (awvalid_i && !awready_i && aw_open_q <= w_open_q) ? aw_wait_q + 1 : 0;
      if (!bvalid_i) w_wait_q  <= (wvalid_i && !wready_i && w_open_q <= aw_open_q) ? w_wait_q + 1 : 0;
      if (!rvalid_i) ar_wait_q <= (arvalid_i && !arready_i) ? ar_wait_q + 1 : 0;
    end
  end

  `AXIL_RULE(b_comes_in_time, b_wait_q <= MaxResponse)
  `AXIL_RULE(r_comes_in_time, r_wait_q <= MaxResponse)
  `AXIL_RULE(aw_taken_in_time, aw_wait_q <= MaxAccept)
  `AXIL_RULE(w_taken_in_time, w_wait_q <= MaxAccept)
  `AXIL_RULE(ar_taken_in_time, ar_wait_q <= MaxAccept)

  // A3.1.2: valids are low in reset.
  manager_quiet_in_reset : assert property (@(posedge clk_i) !rst_ni |-> !(awvalid_i || wvalid_i || arvalid_i))
    else axil_rule_broken(Bus, "manager_quiet_in_reset");
  subordinate_quiet_in_reset : assert property (@(posedge clk_i) !rst_ni |-> !(bvalid_i || rvalid_i))
    else axil_rule_broken(Bus, "subordinate_quiet_in_reset");

endmodule
