// SPDX-License-Identifier: MIT
//
// The demo SoC: RV32IM core, RAM, interrupt controller, timer, console, and behind a bridge the device models of a Qosim
// server. docs/soc.md has its address map.

module qosim_soc_top
  import qosim_soc_pkg::*;
#(
  parameter logic [31:0] RamSize     = 32'h0004_0000,
  parameter int unsigned ClkPeriodPs = 10_000
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  // Firmware goes in here while rst_ni is low, a word a cycle.
  input  logic        load_we_i,
  input  logic [31:0] load_addr_i,    // in bytes from the RAM's start
  input  logic [31:0] load_wdata_i,

  output logic        console_valid_o,
  output logic [7:0]  console_data_o,
  output logic        exit_valid_o,
  output logic [15:0] exit_code_o,
  output logic        server_lost_o,

  output logic        sleeping_o,
  output logic        retire_valid_o,
  output logic [31:0] retire_pc_o,
  output logic [31:0] retire_insn_o,
  output logic        trap_valid_o,
  output logic [31:0] trap_cause_o
);

  logic        instr_req, instr_gnt, instr_rvalid, instr_err;
  logic [31:0] instr_addr, instr_rdata;
  logic        data_req, data_we, data_gnt, data_rvalid, data_err;
  logic [3:0]  data_be;
  logic [1:0]  data_size;
  logic [31:0] data_addr, data_wdata, data_rdata;
  logic        irq_software, irq_timer, irq_external;

  qosim_rv32_core #(
    .ResetAddr(RamBase),
    .HartId   (32'd0)
  ) u_core (
    .clk_i,
    .rst_ni,
    .instr_req_o   (instr_req),
    .instr_addr_o  (instr_addr),
    .instr_gnt_i   (instr_gnt),
    .instr_rvalid_i(instr_rvalid),
    .instr_rdata_i (instr_rdata),
    .instr_err_i   (instr_err),
    .data_req_o    (data_req),
    .data_we_o     (data_we),
    .data_be_o     (data_be),
    .data_size_o   (data_size),
    .data_addr_o   (data_addr),
    .data_wdata_o  (data_wdata),
    .data_gnt_i    (data_gnt),
    .data_rvalid_i (data_rvalid),
    .data_rdata_i  (data_rdata),
    .data_err_i    (data_err),
    .irq_software_i(irq_software),
    .irq_timer_i   (irq_timer),
    .irq_external_i(irq_external),
    .sleeping_o,
    .retire_valid_o,
    .retire_pc_o,
    .retire_insn_o,
    .trap_valid_o,
    .trap_cause_o
  );

  axil_req_t               manager_req;
  axil_rsp_t               manager_rsp;
  axil_req_t [NumSubs-1:0] sub_req;
  axil_rsp_t [NumSubs-1:0] sub_rsp;
  axil_req_t               dma_req;
  axil_rsp_t               dma_rsp;
  logic                    dma_busy;

  qosim_core_axil u_core_axil (
    .clk_i,
    .rst_ni,
    .hold_i       (dma_busy),
    .data_req_i   (data_req),
    .data_we_i    (data_we),
    .data_be_i    (data_be),
    .data_size_i  (data_size),
    .data_addr_i  (data_addr),
    .data_wdata_i (data_wdata),
    .data_gnt_o   (data_gnt),
    .data_rvalid_o(data_rvalid),
    .data_rdata_o (data_rdata),
    .data_err_o   (data_err),
    .axil_o       (manager_req),
    .axil_i       (manager_rsp)
  );

  qosim_axil_demux #(
    .RamSize(RamSize)
  ) u_demux (
    .clk_i,
    .rst_ni,
    .manager_i(manager_req),
    .manager_o(manager_rsp),
    .subs_o   (sub_req),
    .subs_i   (sub_rsp)
  );

  qosim_soc_ram #(
    .Size(RamSize)
  ) u_ram (
    .clk_i,
    .rst_ni,
    .load_we_i,
    .load_addr_i,
    .load_wdata_i,
    .instr_req_i   (instr_req),
    .instr_addr_i  (instr_addr),
    .instr_gnt_o   (instr_gnt),
    .instr_rvalid_o(instr_rvalid),
    .instr_rdata_o (instr_rdata),
    .instr_err_o   (instr_err),
    .axil_i        (sub_req[SubRam]),
    .axil_o        (sub_rsp[SubRam]),
    .dma_i         (dma_req),
    .dma_o         (dma_rsp)
  );

  logic [NumIrqs-1:0] server_irq;

  qosim_plic u_plic (
    .clk_i,
    .rst_ni,
    .axil_i        (sub_req[SubPlic]),
    .axil_o        (sub_rsp[SubPlic]),
    .irq_i         (server_irq[NumIrqs-1:1]),
    .irq_external_o(irq_external)
  );

  qosim_clint u_clint (
    .clk_i,
    .rst_ni,
    .axil_i        (sub_req[SubClint]),
    .axil_o        (sub_rsp[SubClint]),
    .irq_software_o(irq_software),
    .irq_timer_o   (irq_timer)
  );

  qosim_soc_console u_console (
    .clk_i,
    .rst_ni,
    .axil_i    (sub_req[SubUart]),
    .axil_o    (sub_rsp[SubUart]),
    .tx_valid_o(console_valid_o),
    .tx_data_o (console_data_o)
  );

  qosim_soc_finisher u_finisher (
    .clk_i,
    .rst_ni,
    .axil_i(sub_req[SubFinisher]),
    .axil_o(sub_rsp[SubFinisher]),
    .exit_valid_o,
    .exit_code_o
  );

  // The program around the SoC ends the simulation when the server is lost, with its own exit status.
  qosim_axil_bridge #(
    .NumIrqs    (NumIrqs),
    .ClkPeriodPs(ClkPeriodPs),
    .StopOnLoss (1'b0)
  ) u_bridge (
    .clk_i,
    .rst_ni,
    .s_axil_awvalid_i(sub_req[SubBridge].aw_valid),
    .s_axil_awready_o(sub_rsp[SubBridge].aw_ready),
    .s_axil_awaddr_i (sub_req[SubBridge].aw_addr),
    .s_axil_wvalid_i (sub_req[SubBridge].w_valid),
    .s_axil_wready_o (sub_rsp[SubBridge].w_ready),
    .s_axil_wdata_i  (sub_req[SubBridge].w_data),
    .s_axil_wstrb_i  (sub_req[SubBridge].w_strb),
    .s_axil_bvalid_o (sub_rsp[SubBridge].b_valid),
    .s_axil_bready_i (sub_req[SubBridge].b_ready),
    .s_axil_bresp_o  (sub_rsp[SubBridge].b_resp),
    .s_axil_arvalid_i(sub_req[SubBridge].ar_valid),
    .s_axil_arready_o(sub_rsp[SubBridge].ar_ready),
    .s_axil_araddr_i (sub_req[SubBridge].ar_addr),
    .s_axil_arsize_i (sub_req[SubBridge].ar_size),
    .s_axil_rvalid_o (sub_rsp[SubBridge].r_valid),
    .s_axil_rready_i (sub_req[SubBridge].r_ready),
    .s_axil_rdata_o  (sub_rsp[SubBridge].r_data),
    .s_axil_rresp_o  (sub_rsp[SubBridge].r_resp),
    .irq_o           (server_irq),
    .lost_o          (server_lost_o)
  );

  // RAM has a port of its own for the server's devices, so that they reach it while the core waits for the bridge.
  qosim_axil_dma #(
    .MemBase(64'(RamBase)),
    .MemSize(64'(RamSize))
  ) u_dma (
    .clk_i,
    .rst_ni,
    .m_axil_awvalid_o(dma_req.aw_valid),
    .m_axil_awready_i(dma_rsp.aw_ready),
    .m_axil_awaddr_o (dma_req.aw_addr),
    .m_axil_wvalid_o (dma_req.w_valid),
    .m_axil_wready_i (dma_rsp.w_ready),
    .m_axil_wdata_o  (dma_req.w_data),
    .m_axil_wstrb_o  (dma_req.w_strb),
    .m_axil_bvalid_i (dma_rsp.b_valid),
    .m_axil_bready_o (dma_req.b_ready),
    .m_axil_bresp_i  (dma_rsp.b_resp),
    .m_axil_arvalid_o(dma_req.ar_valid),
    .m_axil_arready_i(dma_rsp.ar_ready),
    .m_axil_araddr_o (dma_req.ar_addr),
    .m_axil_rvalid_i (dma_rsp.r_valid),
    .m_axil_rready_o (dma_req.r_ready),
    .m_axil_rdata_i  (dma_rsp.r_data),
    .m_axil_rresp_i  (dma_rsp.r_resp),
    .busy_o          (dma_busy)
  );
  assign dma_req.ar_size = 2'd2;

endmodule
