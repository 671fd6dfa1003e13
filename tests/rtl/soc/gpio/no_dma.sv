// SPDX-License-Identifier: MIT
//
// Stands where the SoC has its DMA manager, with the same name and ports: nothing behind the bus wants the RAM.

module qosim_axil_dma #(
  parameter logic [63:0] MemBase = 64'h0,
  parameter logic [63:0] MemSize = 64'h0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_awaddr_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  input  logic [1:0]  m_axil_bresp_i,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  output logic [31:0] m_axil_araddr_o,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  output logic        busy_o
);

  logic unused;
  assign unused = ^{clk_i, rst_ni, MemBase, MemSize, m_axil_awready_i, m_axil_wready_i, m_axil_bvalid_i, m_axil_bresp_i,
                    m_axil_arready_i, m_axil_rvalid_i, m_axil_rdata_i, m_axil_rresp_i};

  assign {m_axil_awvalid_o, m_axil_awaddr_o, m_axil_wvalid_o, m_axil_wdata_o, m_axil_wstrb_o} = '0;
  assign {m_axil_bready_o, m_axil_arvalid_o, m_axil_araddr_o, m_axil_rready_o, busy_o}        = '0;

endmodule
