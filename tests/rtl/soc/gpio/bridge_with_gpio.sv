// SPDX-License-Identifier: MIT
//
// Stands where the SoC has its bridge, with the same name and ports: instead of a server behind it there is the GPIO's RTL at
// 0x10012000, with a protocol checker on the bus and somebody at the buttons. The core, its bus and the interrupt controller are the
// demo SoC's, and know nothing of it.

module qosim_axil_bridge
  import sifive_gpio_pkg::*;
#(
  parameter int unsigned NumIrqs     = 32,
  parameter int unsigned ClkPeriodPs = 10_000,
  parameter bit          StopOnLoss  = 1'b1
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               s_axil_awvalid_i,
  output logic               s_axil_awready_o,
  input  logic [31:0]        s_axil_awaddr_i,
  input  logic               s_axil_wvalid_i,
  output logic               s_axil_wready_o,
  input  logic [31:0]        s_axil_wdata_i,
  input  logic [3:0]         s_axil_wstrb_i,
  output logic               s_axil_bvalid_o,
  input  logic               s_axil_bready_i,
  output logic [1:0]         s_axil_bresp_o,
  input  logic               s_axil_arvalid_i,
  output logic               s_axil_arready_o,
  input  logic [31:0]        s_axil_araddr_i,
  input  logic [1:0]         s_axil_arsize_i,
  output logic               s_axil_rvalid_o,
  input  logic               s_axil_rready_i,
  output logic [31:0]        s_axil_rdata_o,
  output logic [1:0]         s_axil_rresp_o,

  output logic [NumIrqs-1:0] irq_o,
  output logic               lost_o
);

  localparam int unsigned FirstButton = 8;
  localparam int unsigned Buttons     = 4;
  localparam int unsigned FirstSource = 8; // of pin 0, as on sifive_e

  logic unused;
  assign unused = ^{StopOnLoss, ClkPeriodPs, s_axil_arsize_i, conflict, ie, ds, ival};

  reg_req_t    req;
  reg_rsp_t    rsp;
  logic [31:0] out, oe, ie, pue, ds, ival, level, conflict, irq, buttons;

  // Beyond the GPIO is nothing: an offset that no register has.
  function automatic logic [RegAddrWidth-1:0] offset(input logic [31:0] address);
    return address[31:RegAddrWidth] == 20'h10012 ? address[RegAddrWidth-1:0] : '1;
  endfunction

  sifive_gpio_axil u_axil (
    .clk_i,
    .rst_ni,
    .awvalid_i(s_axil_awvalid_i),
    .awready_o(s_axil_awready_o),
    .awaddr_i (offset(s_axil_awaddr_i)),
    .wvalid_i (s_axil_wvalid_i),
    .wready_o (s_axil_wready_o),
    .wdata_i  (s_axil_wdata_i),
    .wstrb_i  (s_axil_wstrb_i),
    .bvalid_o (s_axil_bvalid_o),
    .bready_i (s_axil_bready_i),
    .bresp_o  (s_axil_bresp_o),
    .arvalid_i(s_axil_arvalid_i),
    .arready_o(s_axil_arready_o),
    .araddr_i (offset(s_axil_araddr_i)),
    .rvalid_o (s_axil_rvalid_o),
    .rready_i (s_axil_rready_i),
    .rdata_o  (s_axil_rdata_o),
    .rresp_o  (s_axil_rresp_o),
    .reg_o    (req),
    .reg_i    (rsp)
  );

  sifive_gpio u_gpio (
    .clk_i,
    .rst_ni,
    .reg_i      (req),
    .reg_o      (rsp),
    .pad_i      (level),
    .pad_o      (out),
    .pad_oe_o   (oe),
    .pad_ie_o   (ie),
    .pad_pue_o  (pue),
    .pad_ds_o   (ds),
    .iof0_oval_i('0),
    .iof0_oe_i  ('0),
    .iof0_ie_i  ('0),
    .iof1_oval_i('0),
    .iof1_oe_i  ('0),
    .iof1_ie_i  ('0),
    .iof_ival_o (ival),
    .irq_o      (irq)
  );

  sifive_gpio_pads u_pads (
    .out_i       (out),
    .oe_i        (oe),
    .pue_i       (pue),
    .outside_i   (buttons),
    .outside_en_i(32'h0000_0f00),
    .level_o     (level),
    .conflict_o  (conflict)
  );

  axil_checker u_checker (
    .clk_i,
    .rst_ni,
    .hold_i   (1'b0),
    .awvalid_i(s_axil_awvalid_i),
    .awready_i(s_axil_awready_o),
    .awaddr_i (s_axil_awaddr_i),
    .wvalid_i (s_axil_wvalid_i),
    .wready_i (s_axil_wready_o),
    .wdata_i  (s_axil_wdata_i),
    .wstrb_i  (s_axil_wstrb_i),
    .bvalid_i (s_axil_bvalid_o),
    .bready_i (s_axil_bready_i),
    .bresp_i  (s_axil_bresp_o),
    .arvalid_i(s_axil_arvalid_i),
    .arready_i(s_axil_arready_o),
    .araddr_i (s_axil_araddr_i),
    .rvalid_i (s_axil_rvalid_o),
    .rready_i (s_axil_rready_i),
    .rdata_i  (s_axil_rdata_o),
    .rresp_i  (s_axil_rresp_o)
  );

  always_comb begin
    irq_o = '0;
    irq_o[FirstSource +: 32] = irq;
  end
  assign lost_o = 1'b0;

  // Each button is pressed and released once. The light at n says that edge n is awaited (rtl/soc/firmware/lights.h); enabled
  // buttons say that the firmware is done with its walk. The finger comes 100 clocks later.
  logic [2:0] edges;
  logic [6:0] clocks;
  logic       is_awaited;

  assign is_awaited = oe[7:0] == '1 && out[7:0] == 8'd1 << edges && buttons_enabled;

  logic buttons_enabled, all_done;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      buttons_enabled <= 1'b0;
    end else if (req.valid && req.write && req.addr == RegRiseIe) begin
      buttons_enabled <= req.wdata[FirstButton +: Buttons] == '1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      buttons  <= '0;
      edges    <= '0;
      clocks   <= '0;
      all_done <= 1'b0;
    end else if (!is_awaited || all_done) begin
      clocks <= '0;
    end else if (clocks < 100) begin
      clocks <= clocks + 1;
    end else begin
      clocks <= '0;
      edges  <= edges + 1;
      all_done <= edges == '1;
      buttons[FirstButton + 32'(edges[2:1])] <= !edges[0];
    end
  end

endmodule
