// SPDX-License-Identifier: MIT
//
// The transmit half of a 16550, which is never busy: a byte stored to offset 0 comes out of tx_valid_o/tx_data_o for one
// cycle; offset 5 (line status) reads 0x60, empty. Everything else reads 0 and ignores writes.

module qosim_soc_console
  import qosim_soc_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  axil_req_t  axil_i,
  output axil_rsp_t  axil_o,
  output logic       tx_valid_o,
  output logic [7:0] tx_data_o
);

  localparam logic [31:0] LineStatusWord = 32'h0000_6000;  // offset 5 is lane 1 of word 4

  logic        req, we;
  logic [31:0] addr, wdata;
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
    .rdata_i(addr[11:2] == 10'd1 ? LineStatusWord : '0),
    .err_i  (1'b0)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tx_valid_o <= 1'b0;
      tx_data_o  <= '0;
    end else begin
      tx_valid_o <= req && we && be[0] && addr[11:2] == '0;
      tx_data_o  <= wdata[7:0];
    end
  end

endmodule
