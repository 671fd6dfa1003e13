// SPDX-License-Identifier: MIT
//
// RAM with three ports: instructions, read only, answered in the next cycle, a bus error outside; data and DMA, over AXI4-Lite,
// whole words or byte lanes, which wait for nothing of each other. Of stores to one byte in one cycle DMA's stays. The load
// port writes words and is used while the rest is in reset.

module qosim_soc_ram
  import qosim_soc_pkg::*;
#(
  parameter logic [31:0] Size = 32'h0004_0000
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        load_we_i,
  input  logic [31:0] load_addr_i,   // in bytes from the RAM's start
  input  logic [31:0] load_wdata_i,

  input  logic        instr_req_i,
  input  logic [31:0] instr_addr_i,
  output logic        instr_gnt_o,
  output logic        instr_rvalid_o,
  output logic [31:0] instr_rdata_o,
  output logic        instr_err_o,

  input  axil_req_t   axil_i,
  output axil_rsp_t   axil_o,

  input  axil_req_t   dma_i,
  output axil_rsp_t   dma_o
);

  localparam int unsigned Words    = Size / 4;
  localparam int unsigned WordBits = $clog2(Words);

  logic [31:0] mem [Words];

  logic        req, we;
  logic [31:0] addr, wdata, offset, instr_offset;
  logic [3:0]  be;

  qosim_axil_regs u_regs (
    .clk_i,
    .rst_ni,
    .axil_i,
    .axil_o,
    .req_o  (req),
    .we_o   (we),
    .addr_o (addr),
    .be_o   (be),
    .wdata_o(wdata),
    .rdata_i(mem[offset[2 +: WordBits]]),
    .err_i  (1'b0)   // the interconnect sends only what is inside
  );

  logic        dma_req, dma_we;
  logic [31:0] dma_addr, dma_wdata, dma_offset;
  logic [3:0]  dma_be;

  qosim_axil_regs u_dma_regs (
    .clk_i,
    .rst_ni,
    .axil_i (dma_i),
    .axil_o (dma_o),
    .req_o  (dma_req),
    .we_o   (dma_we),
    .addr_o (dma_addr),
    .be_o   (dma_be),
    .wdata_o(dma_wdata),
    .rdata_i(mem[dma_offset[2 +: WordBits]]),
    .err_i  (dma_offset >= Size)
  );

  assign dma_offset   = dma_addr - RamBase;
  assign offset       = addr - RamBase;
  assign instr_offset = instr_addr_i - RamBase;
  assign instr_gnt_o  = instr_req_i;

  always_ff @(posedge clk_i) begin
    if (load_we_i) begin
      mem[load_addr_i[2 +: WordBits]] <= load_wdata_i;
    end else begin
      for (int unsigned i = 0; i < 4; i++) begin
        if (req && we && be[i]) mem[offset[2 +: WordBits]][8*i +: 8] <= wdata[8*i +: 8];
        if (dma_req && dma_we && dma_be[i] && dma_offset < Size) begin
          mem[dma_offset[2 +: WordBits]][8*i +: 8] <= dma_wdata[8*i +: 8];
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      instr_rvalid_o <= 1'b0;
      instr_rdata_o  <= '0;
      instr_err_o    <= 1'b0;
    end else begin
      instr_rvalid_o <= instr_req_i;
      if (instr_req_i) begin
        instr_rdata_o <= mem[instr_offset[2 +: WordBits]];
        instr_err_o   <= instr_offset >= Size;
      end
    end
  end

endmodule
