// SPDX-License-Identifier: MIT
//
// The AXI4-Lite bridge with a nasty manager, and behind it a server with a GPIO, variant=fe310. Behind the GPIO's 0x100 bytes is
// nothing: decode errors. The ports are those of nasty_bench; buses 1 to 3 are not there.

module nasty_bridge_bench (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             stop_i,
  output logic [3:0]       idle_o,
  output logic [3:0][31:0] done_o,
  output logic [3:0][31:0] situations_o
);

  localparam int unsigned MaxWait = 256;

  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready, lost;
  logic [31:0] awaddr, wdata, araddr, rdata, irq;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;

  assign idle_o[3:1]       = '1;
  assign done_o[3:1]       = '0;
  assign situations_o[3:1] = '0;

  nasty_axil #(
    .Name       ("bridge"),
    .ErrorFrom  (32'h100),
    .ResetClears(1'b0)
  ) u_manager (
    .clk_i,
    .rst_ni,
    .stop_i,
    .idle_o      (idle_o[0]),
    .awvalid_o   (awvalid),
    .awready_i   (awready),
    .awaddr_o    (awaddr),
    .wvalid_o    (wvalid),
    .wready_i    (wready),
    .wdata_o     (wdata),
    .wstrb_o     (wstrb),
    .bvalid_i    (bvalid),
    .bready_o    (bready),
    .bresp_i     (bresp),
    .arvalid_o   (arvalid),
    .arready_i   (arready),
    .araddr_o    (araddr),
    .rvalid_i    (rvalid),
    .rready_o    (rready),
    .rdata_i     (rdata),
    .rresp_i     (rresp),
    .done_o      (done_o[0]),
    .situations_o(situations_o[0])
  );

  axil_checker #(
    .MaxAccept  (MaxWait),
    .MaxResponse(MaxWait)
  ) u_checker (
    .clk_i,
    .rst_ni,
    .hold_i   (1'b0),
    .awvalid_i(awvalid),
    .awready_i(awready),
    .awaddr_i (awaddr),
    .wvalid_i (wvalid),
    .wready_i (wready),
    .wdata_i  (wdata),
    .wstrb_i  (wstrb),
    .bvalid_i (bvalid),
    .bready_i (bready),
    .bresp_i  (bresp),
    .arvalid_i(arvalid),
    .arready_i(arready),
    .araddr_i (araddr),
    .rvalid_i (rvalid),
    .rready_i (rready),
    .rdata_i  (rdata),
    .rresp_i  (rresp)
  );

  qosim_axil_bridge #(
    .BaseAddr  (64'h1001_2000),
    .StopOnLoss(1'b0),
    .DefaultUrl("inproc:sifive_e -global sifive_soc.gpio.variant=fe310")
  ) u_bridge (
    .clk_i,
    .rst_ni,
    .s_axil_awvalid_i(awvalid),
    .s_axil_awready_o(awready),
    .s_axil_awaddr_i (awaddr),
    .s_axil_wvalid_i (wvalid),
    .s_axil_wready_o (wready),
    .s_axil_wdata_i  (wdata),
    .s_axil_wstrb_i  (wstrb),
    .s_axil_bvalid_o (bvalid),
    .s_axil_bready_i (bready),
    .s_axil_bresp_o  (bresp),
    .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready),
    .s_axil_araddr_i (araddr),
    .s_axil_arsize_i (2'd2),
    .s_axil_rvalid_o (rvalid),
    .s_axil_rready_i (rready),
    .s_axil_rdata_o  (rdata),
    .s_axil_rresp_o  (rresp),
    .irq_o           (irq),
    .lost_o          (lost)
  );

  // Noise on the payload has bits above the region; the bridge must never use it, so here they are seen as they are.
  always_ff @(posedge clk_i) begin
    if (rst_ni && lost) nasty_pkg::bus_rule_broken("server_lost");
  end

  logic unused_irq;
  assign unused_irq = ^irq;

endmodule
