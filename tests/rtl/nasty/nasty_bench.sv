// SPDX-License-Identifier: MIT
//
// For each of the four buses a nasty manager, a front end and a GPIO of its own, with a checker between the first two. Bus 0 is
// AXI4-Lite, 1 APB, 2 Wishbone, 3 TileLink-UL. Behind the front ends the upper half of the address space answers with errors,
// which the GPIO itself never does.

module nasty_bench
  import sifive_gpio_pkg::*;
(
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             stop_i,        // no more requests
  output logic [3:0]       idle_o,        // nothing is on the way
  output logic [3:0][31:0] done_o,        // requests that were answered, by bus
  output logic [3:0][31:0] situations_o   // kinds of nastiness that came about, by bus
);

  localparam int unsigned ErrorFrom = 32'h800;
  localparam int unsigned MaxWait   = 256;

  reg_req_t req[4];
  reg_rsp_t rsp[4];

  for (genvar bus = 0; bus < 4; bus++) begin : gen_gpio
    reg_rsp_t    own;
    logic [31:0] out, oe, pue, level;
    assign rsp[bus].rdata = own.rdata;
    assign rsp[bus].error = own.error || 32'(req[bus].addr) >= ErrorFrom;

    /* verilator lint_off PINCONNECTEMPTY */
    sifive_gpio u_gpio (
      .clk_i,
      .rst_ni,
      .reg_i      (req[bus]),
      .reg_o      (own),
      .pad_i      (level),
      .pad_o      (out),
      .pad_oe_o   (oe),
      .pad_ie_o   (),
      .pad_pue_o  (pue),
      .pad_ds_o   (),
      .iof0_oval_i('0),
      .iof0_oe_i  ('0),
      .iof0_ie_i  ('0),
      .iof1_oval_i('0),
      .iof1_oe_i  ('0),
      .iof1_ie_i  ('0),
      .iof_ival_o (),
      .irq_o      ()
    );

    sifive_gpio_pads u_pads (
      .out_i       (out),
      .oe_i        (oe),
      .pue_i       (pue),
      .outside_i   ('0),
      .outside_en_i('0),
      .level_o     (level),
      .conflict_o  ()
    );
    /* verilator lint_on PINCONNECTEMPTY */
  end

  // AXI4-Lite

  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] awaddr, wdata, araddr, rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;

  nasty_axil #(
    .ErrorFrom(ErrorFrom)
  ) u_axil_manager (
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
  ) u_axil_checker (
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

  sifive_gpio_axil u_axil (
    .clk_i,
    .rst_ni,
    .awvalid_i(awvalid),
    .awready_o(awready),
    .awaddr_i (awaddr[RegAddrWidth-1:0]),
    .wvalid_i (wvalid),
    .wready_o (wready),
    .wdata_i  (wdata),
    .wstrb_i  (wstrb),
    .bvalid_o (bvalid),
    .bready_i (bready),
    .bresp_o  (bresp),
    .arvalid_i(arvalid),
    .arready_o(arready),
    .araddr_i (araddr[RegAddrWidth-1:0]),
    .rvalid_o (rvalid),
    .rready_i (rready),
    .rdata_o  (rdata),
    .rresp_o  (rresp),
    .reg_o    (req[0]),
    .reg_i    (rsp[0])
  );

  // APB

  logic        psel, penable, pwrite, pready, pslverr, late_penable, early_pready, early_pslverr;
  logic [31:0] paddr, pwdata, prdata;
  logic [3:0]  pstrb;

  nasty_apb #(
    .ErrorFrom(ErrorFrom)
  ) u_apb_manager (
    .clk_i,
    .rst_ni,
    .stop_i,
    .idle_o      (idle_o[1]),
    .psel_o      (psel),
    .penable_o   (penable),
    .pwrite_o    (pwrite),
    .paddr_o     (paddr),
    .pwdata_o    (pwdata),
    .pstrb_o     (pstrb),
    .pready_i    (pready),
    .prdata_i    (prdata),
    .pslverr_i   (pslverr),
    .done_o      (done_o[1]),
    .situations_o(situations_o[1])
  );

  apb_checker #(
    .MaxWait(MaxWait)
  ) u_apb_checker (
    .clk_i,
    .rst_ni,
    .psel_i   (psel),
    .penable_i(penable),
    .pwrite_i (pwrite),
    .paddr_i  (paddr),
    .pwdata_i (pwdata),
    .pstrb_i  (pstrb),
    .pready_i (pready),
    .pslverr_i(pslverr)
  );

  nasty_apb_waits u_apb_waits (
    .clk_i,
    .rst_ni,
    .psel_i   (psel),
    .penable_i(penable),
    .penable_o(late_penable),
    .pready_i (early_pready),
    .pslverr_i(early_pslverr),
    .pready_o (pready),
    .pslverr_o(pslverr)
  );

  sifive_gpio_apb u_apb (
    .psel_i   (psel),
    .penable_i(late_penable),
    .pwrite_i (pwrite),
    .paddr_i  (paddr[RegAddrWidth-1:0]),
    .pwdata_i (pwdata),
    .pstrb_i  (pstrb),
    .pready_o (early_pready),
    .prdata_o (prdata),
    .pslverr_o(early_pslverr),
    .reg_o    (req[1]),
    .reg_i    (rsp[1])
  );

  // Wishbone

  logic        cyc, stb, stall, we, ack, err, late_stb, early_stall;
  logic [31:0] adr, dat_w, dat_r;
  logic [3:0]  sel;

  nasty_wb #(
    .ErrorFrom(ErrorFrom)
  ) u_wb_manager (
    .clk_i,
    .rst_ni,
    .stop_i,
    .idle_o      (idle_o[2]),
    .cyc_o       (cyc),
    .stb_o       (stb),
    .stall_i     (stall),
    .we_o        (we),
    .adr_o       (adr),
    .dat_o       (dat_w),
    .sel_o       (sel),
    .ack_i       (ack),
    .err_i       (err),
    .dat_i       (dat_r),
    .done_o      (done_o[2]),
    .situations_o(situations_o[2])
  );

  wb_checker #(
    .MaxWait(MaxWait)
  ) u_wb_checker (
    .clk_i,
    .rst_ni,
    .cyc_i  (cyc),
    .stb_i  (stb),
    .stall_i(stall),
    .we_i   (we),
    .adr_i  (adr),
    .dat_i  (dat_w),
    .sel_i  (sel),
    .ack_i  (ack),
    .err_i  (err),
    .rty_i  (1'b0)
  );

  nasty_wb_stalls u_wb_stalls (
    .clk_i,
    .rst_ni,
    .cyc_i  (cyc),
    .stb_i  (stb),
    .stb_o  (late_stb),
    .stall_i(early_stall),
    .stall_o(stall)
  );

  sifive_gpio_wb u_wb (
    .clk_i,
    .rst_ni,
    .cyc_i  (cyc),
    .stb_i  (late_stb),
    .stall_o(early_stall),
    .we_i   (we),
    .adr_i  (adr[RegAddrWidth-1:0]),
    .dat_i  (dat_w),
    .sel_i  (sel),
    .ack_o  (ack),
    .err_o  (err),
    .dat_o  (dat_r),
    .reg_o  (req[2]),
    .reg_i  (rsp[2])
  );

  // TileLink-UL

  logic        a_valid, a_ready, a_corrupt, d_valid, d_ready, d_denied, d_corrupt;
  logic [2:0]  a_opcode, a_param, d_opcode;
  logic [1:0]  a_size, d_size, d_param;
  logic [3:0]  a_source, a_mask, d_source;
  logic [31:0] a_address, a_data, d_data;

  nasty_tlul #(
    .ErrorFrom(ErrorFrom)
  ) u_tlul_manager (
    .clk_i,
    .rst_ni,
    .stop_i,
    .idle_o      (idle_o[3]),
    .a_valid_o   (a_valid),
    .a_ready_i   (a_ready),
    .a_opcode_o  (a_opcode),
    .a_param_o   (a_param),
    .a_size_o    (a_size),
    .a_source_o  (a_source),
    .a_address_o (a_address),
    .a_mask_o    (a_mask),
    .a_data_o    (a_data),
    .a_corrupt_o (a_corrupt),
    .d_valid_i   (d_valid),
    .d_ready_o   (d_ready),
    .d_opcode_i  (d_opcode),
    .d_size_i    (d_size),
    .d_source_i  (d_source),
    .d_denied_i  (d_denied),
    .d_data_i    (d_data),
    .d_corrupt_i (d_corrupt),
    .done_o      (done_o[3]),
    .situations_o(situations_o[3])
  );

  tlul_checker #(
    .MaxWait(MaxWait)
  ) u_tlul_checker (
    .clk_i,
    .rst_ni,
    .a_valid_i  (a_valid),
    .a_ready_i  (a_ready),
    .a_opcode_i (a_opcode),
    .a_param_i  (a_param),
    .a_size_i   (a_size),
    .a_source_i (a_source),
    .a_address_i(a_address),
    .a_mask_i   (a_mask),
    .a_data_i   (a_data),
    .a_corrupt_i(a_corrupt),
    .d_valid_i  (d_valid),
    .d_ready_i  (d_ready),
    .d_opcode_i (d_opcode),
    .d_size_i   (d_size),
    .d_source_i (d_source),
    .d_denied_i (d_denied),
    .d_data_i   (d_data),
    .d_corrupt_i(d_corrupt)
  );

  sifive_gpio_tlul u_tlul (
    .clk_i,
    .rst_ni,
    .a_valid_i  (a_valid),
    .a_ready_o  (a_ready),
    .a_opcode_i (a_opcode),
    .a_param_i  (a_param),
    .a_size_i   (a_size),
    .a_source_i (a_source),
    .a_address_i(a_address[RegAddrWidth-1:0]),
    .a_mask_i   (a_mask),
    .a_data_i   (a_data),
    .a_corrupt_i(a_corrupt),
    .d_valid_o  (d_valid),
    .d_ready_i  (d_ready),
    .d_opcode_o (d_opcode),
    .d_param_o  (d_param),
    .d_size_o   (d_size),
    .d_source_o (d_source),
    .d_denied_o (d_denied),
    .d_data_o   (d_data),
    .d_corrupt_o(d_corrupt),
    .reg_o      (req[3]),
    .reg_i      (rsp[3])
  );

  // TileLink-UL knows no parameters of answers.
  always_ff @(posedge clk_i) begin
    if (rst_ni && d_valid && d_param != '0) nasty_pkg::bus_rule_broken("tl_d_param");
  end

endmodule
