// SPDX-License-Identifier: MIT
//
// A GPIO that is reached by any of four buses (bus_i: 0 AXI4-Lite, 1 APB, 2 Wishbone, 3 TileLink-UL), with pads, and a
// checker on each bus.

module gpio_bench
  import sifive_gpio_pkg::*;
#(
  parameter int unsigned NumPins    = 32,
  parameter int unsigned SyncStages = 3,
  parameter logic [31:0] Iof0Pins   = 32'h00ff_0f0f,
  parameter logic [31:0] Iof1Pins   = 32'h0f0f_3c3c
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  bus_i,
  input  logic [63:0] op_id_i,  // number of the operation that goes on, for whoever looks at a waveform

  input  logic        axil_awvalid,
  output logic        axil_awready,
  input  logic [31:0] axil_awaddr,
  input  logic        axil_wvalid,
  output logic        axil_wready,
  input  logic [31:0] axil_wdata,
  input  logic [3:0]  axil_wstrb,
  output logic        axil_bvalid,
  input  logic        axil_bready,
  output logic [1:0]  axil_bresp,
  input  logic        axil_arvalid,
  output logic        axil_arready,
  input  logic [31:0] axil_araddr,
  output logic        axil_rvalid,
  input  logic        axil_rready,
  output logic [31:0] axil_rdata,
  output logic [1:0]  axil_rresp,

  input  logic        apb_psel,
  input  logic        apb_penable,
  input  logic        apb_pwrite,
  input  logic [31:0] apb_paddr,
  input  logic [31:0] apb_pwdata,
  input  logic [3:0]  apb_pstrb,
  output logic        apb_pready,
  output logic [31:0] apb_prdata,
  output logic        apb_pslverr,

  input  logic        wb_cyc,
  input  logic        wb_stb,
  output logic        wb_stall,
  input  logic        wb_we,
  input  logic [31:0] wb_adr,
  input  logic [31:0] wb_dat_w,
  input  logic [3:0]  wb_sel,
  output logic        wb_ack,
  output logic        wb_err,
  output logic        wb_rty,
  output logic [31:0] wb_dat_r,

  input  logic        tl_a_valid,
  output logic        tl_a_ready,
  input  logic [2:0]  tl_a_opcode,
  input  logic [2:0]  tl_a_param,
  input  logic [1:0]  tl_a_size,
  input  logic [3:0]  tl_a_source,
  input  logic [31:0] tl_a_address,
  input  logic [3:0]  tl_a_mask,
  input  logic [31:0] tl_a_data,
  input  logic        tl_a_corrupt,
  output logic        tl_d_valid,
  input  logic        tl_d_ready,
  output logic [2:0]  tl_d_opcode,
  output logic [1:0]  tl_d_size,
  output logic [3:0]  tl_d_source,
  output logic        tl_d_denied,
  output logic [31:0] tl_d_data,
  output logic        tl_d_corrupt,

  input  logic [31:0] outside,
  input  logic [31:0] outside_en,
  input  logic [31:0] iof0_oval,
  input  logic [31:0] iof0_oe,
  input  logic [31:0] iof0_ie,
  input  logic [31:0] iof1_oval,
  input  logic [31:0] iof1_oe,
  input  logic [31:0] iof1_ie,
  output logic [31:0] iof_ival,
  output logic [31:0] pad,
  output logic [31:0] pad_oe,
  output logic [31:0] irq
);

  reg_req_t req[4];
  reg_rsp_t rsp;

  sifive_gpio_axil u_axil (
    .clk_i,
    .rst_ni,
    .awvalid_i(axil_awvalid),
    .awready_o(axil_awready),
    .awaddr_i(axil_awaddr[RegAddrWidth-1:0]),
    .wvalid_i(axil_wvalid),
    .wready_o(axil_wready),
    .wdata_i(axil_wdata),
    .wstrb_i(axil_wstrb),
    .bvalid_o(axil_bvalid),
    .bready_i(axil_bready),
    .bresp_o(axil_bresp),
    .arvalid_i(axil_arvalid),
    .arready_o(axil_arready),
    .araddr_i(axil_araddr[RegAddrWidth-1:0]),
    .rvalid_o(axil_rvalid),
    .rready_i(axil_rready),
    .rdata_o(axil_rdata),
    .rresp_o(axil_rresp),
    .reg_o(req[0]),
    .reg_i(rsp)
  );

  sifive_gpio_apb u_apb (
    .psel_i(apb_psel),
    .penable_i(apb_penable),
    .pwrite_i(apb_pwrite),
    .paddr_i(apb_paddr[RegAddrWidth-1:0]),
    .pwdata_i(apb_pwdata),
    .pstrb_i(apb_pstrb),
    .pready_o(apb_pready),
    .prdata_o(apb_prdata),
    .pslverr_o(apb_pslverr),
    .reg_o(req[1]),
    .reg_i(rsp)
  );

  sifive_gpio_wb u_wb (
    .clk_i,
    .rst_ni,
    .cyc_i(wb_cyc),
    .stb_i(wb_stb),
    .stall_o(wb_stall),
    .we_i(wb_we),
    .adr_i(wb_adr[RegAddrWidth-1:0]),
    .dat_i(wb_dat_w),
    .sel_i(wb_sel),
    .ack_o(wb_ack),
    .err_o(wb_err),
    .dat_o(wb_dat_r),
    .reg_o(req[2]),
    .reg_i(rsp)
  );
  assign wb_rty = 1'b0;

  logic [1:0] unused_d_param;
  sifive_gpio_tlul u_tlul (
    .clk_i,
    .rst_ni,
    .a_valid_i(tl_a_valid),
    .a_ready_o(tl_a_ready),
    .a_opcode_i(tl_a_opcode),
    .a_param_i(tl_a_param),
    .a_size_i(tl_a_size),
    .a_source_i(tl_a_source),
    .a_address_i(tl_a_address[RegAddrWidth-1:0]),
    .a_mask_i(tl_a_mask),
    .a_data_i(tl_a_data),
    .a_corrupt_i(tl_a_corrupt),
    .d_valid_o(tl_d_valid),
    .d_ready_i(tl_d_ready),
    .d_opcode_o(tl_d_opcode),
    .d_size_o(tl_d_size),
    .d_source_o(tl_d_source),
    .d_denied_o(tl_d_denied),
    .d_data_o(tl_d_data),
    .d_corrupt_o(tl_d_corrupt),
    .d_param_o(unused_d_param),
    .reg_o(req[3]),
    .reg_i(rsp)
  );

  logic [NumPins-1:0] level, out, oe, ie, pue, ds, conflict, ival, pin_irq;

  sifive_gpio #(
    .NumPins   (NumPins),
    .SyncStages(SyncStages),
    .Iof0Pins  (Iof0Pins),
    .Iof1Pins  (Iof1Pins)
  ) u_gpio (
    .clk_i,
    .rst_ni,
    .reg_i      (req[bus_i]),
    .reg_o      (rsp),
    .pad_i      (level),
    .pad_o      (out),
    .pad_oe_o   (oe),
    .pad_ie_o   (ie),
    .pad_pue_o  (pue),
    .pad_ds_o   (ds),
    .iof0_oval_i(iof0_oval[NumPins-1:0]),
    .iof0_oe_i  (iof0_oe[NumPins-1:0]),
    .iof0_ie_i  (iof0_ie[NumPins-1:0]),
    .iof1_oval_i(iof1_oval[NumPins-1:0]),
    .iof1_oe_i  (iof1_oe[NumPins-1:0]),
    .iof1_ie_i  (iof1_ie[NumPins-1:0]),
    .iof_ival_o (ival),
    .irq_o      (pin_irq)
  );

  sifive_gpio_pads #(
    .NumPins(NumPins)
  ) u_pads (
    .out_i       (out),
    .oe_i        (oe),
    .pue_i       (pue),
    .outside_i   (outside[NumPins-1:0]),
    .outside_en_i(outside_en[NumPins-1:0]),
    .level_o     (level),
    .conflict_o  (conflict)
  );

  logic unused;
  assign unused = ^{op_id_i, ie, ds, conflict};

  assign iof_ival = 32'(ival);
  assign pad      = 32'(out);
  assign pad_oe   = 32'(oe);
  assign irq      = 32'(pin_irq);

  axil_checker #(
    .MaxAccept  (64),
    .MaxResponse(64)
  ) u_axil_checker (
    .clk_i,
    .rst_ni,
    .hold_i(1'b0),
    .awvalid_i(axil_awvalid),
    .awready_i(axil_awready),
    .awaddr_i(axil_awaddr),
    .wvalid_i(axil_wvalid),
    .wready_i(axil_wready),
    .wdata_i(axil_wdata),
    .wstrb_i(axil_wstrb),
    .bvalid_i(axil_bvalid),
    .bready_i(axil_bready),
    .bresp_i(axil_bresp),
    .arvalid_i(axil_arvalid),
    .arready_i(axil_arready),
    .araddr_i(axil_araddr),
    .rvalid_i(axil_rvalid),
    .rready_i(axil_rready),
    .rdata_i(axil_rdata),
    .rresp_i(axil_rresp)
  );

  apb_checker u_apb_checker (
    .clk_i,
    .rst_ni,
    .psel_i(apb_psel),
    .penable_i(apb_penable),
    .pwrite_i(apb_pwrite),
    .paddr_i(apb_paddr),
    .pwdata_i(apb_pwdata),
    .pstrb_i(apb_pstrb),
    .pready_i(apb_pready),
    .pslverr_i(apb_pslverr)
  );

  wb_checker u_wb_checker (
    .clk_i,
    .rst_ni,
    .cyc_i(wb_cyc),
    .stb_i(wb_stb),
    .stall_i(wb_stall),
    .we_i(wb_we),
    .adr_i(wb_adr),
    .dat_i(wb_dat_w),
    .sel_i(wb_sel),
    .ack_i(wb_ack),
    .err_i(wb_err),
    .rty_i(wb_rty)
  );

  tlul_checker u_tlul_checker (
    .clk_i,
    .rst_ni,
    .a_valid_i(tl_a_valid),
    .a_ready_i(tl_a_ready),
    .a_opcode_i(tl_a_opcode),
    .a_param_i(tl_a_param),
    .a_size_i(tl_a_size),
    .a_source_i(tl_a_source),
    .a_address_i(tl_a_address),
    .a_mask_i(tl_a_mask),
    .a_data_i(tl_a_data),
    .a_corrupt_i(tl_a_corrupt),
    .d_valid_i(tl_d_valid),
    .d_ready_i(tl_d_ready),
    .d_opcode_i(tl_d_opcode),
    .d_size_i(tl_d_size),
    .d_source_i(tl_d_source),
    .d_denied_i(tl_d_denied),
    .d_data_i(tl_d_data),
    .d_corrupt_i(tl_d_corrupt)
  );

endmodule
