// SPDX-License-Identifier: MIT
//
// Four buses with a checker each and nothing behind them: managers and subordinates are both on the C++ side.

module bfm_bench (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        axil_awvalid,
  input  logic        axil_awready,
  input  logic [31:0] axil_awaddr,
  input  logic        axil_wvalid,
  input  logic        axil_wready,
  input  logic [31:0] axil_wdata,
  input  logic [3:0]  axil_wstrb,
  input  logic        axil_bvalid,
  input  logic        axil_bready,
  input  logic [1:0]  axil_bresp,
  input  logic        axil_arvalid,
  input  logic        axil_arready,
  input  logic [31:0] axil_araddr,
  input  logic        axil_rvalid,
  input  logic        axil_rready,
  input  logic [31:0] axil_rdata,
  input  logic [1:0]  axil_rresp,

  input  logic        apb_psel,
  input  logic        apb_penable,
  input  logic        apb_pwrite,
  input  logic [31:0] apb_paddr,
  input  logic [31:0] apb_pwdata,
  input  logic [3:0]  apb_pstrb,
  input  logic        apb_pready,
  input  logic [31:0] apb_prdata,
  input  logic        apb_pslverr,

  input  logic        wb_cyc,
  input  logic        wb_stb,
  input  logic        wb_stall,
  input  logic        wb_we,
  input  logic [31:0] wb_adr,
  input  logic [31:0] wb_dat_w,
  input  logic [3:0]  wb_sel,
  input  logic        wb_ack,
  input  logic        wb_err,
  input  logic        wb_rty,
  input  logic [31:0] wb_dat_r,

  input  logic        tl_a_valid,
  input  logic        tl_a_ready,
  input  logic [2:0]  tl_a_opcode,
  input  logic [2:0]  tl_a_param,
  input  logic [1:0]  tl_a_size,
  input  logic [3:0]  tl_a_source,
  input  logic [31:0] tl_a_address,
  input  logic [3:0]  tl_a_mask,
  input  logic [31:0] tl_a_data,
  input  logic        tl_a_corrupt,
  input  logic        tl_d_valid,
  input  logic        tl_d_ready,
  input  logic [2:0]  tl_d_opcode,
  input  logic [1:0]  tl_d_size,
  input  logic [3:0]  tl_d_source,
  input  logic        tl_d_denied,
  input  logic [31:0] tl_d_data,
  input  logic        tl_d_corrupt
);

  // Far beyond what any of the random timings comes to.
  localparam int unsigned MaxWait = 256;

  axil_checker #(
    .MaxAccept  (MaxWait),
    .MaxResponse(MaxWait)
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

  apb_checker #(
    .MaxWait(MaxWait)
  ) u_apb_checker (
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

  wb_checker #(
    .MaxWait(MaxWait)
  ) u_wb_checker (
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

  tlul_checker #(
    .MaxWait(MaxWait)
  ) u_tlul_checker (
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

  logic unused_data;
  assign unused_data = ^apb_prdata ^ ^wb_dat_r;

endmodule
