// SPDX-License-Identifier: MIT
//
// How firmware ends the simulation, as QEMU's sifive_test does it: a word stored to offset 0 with 0x5555 in its low half
// is success, with 0x3333 failure, and the high half is then the exit code (0 counts as 1). Other values are ignored.
// The first verdict stays.

module qosim_soc_finisher
  import qosim_soc_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  axil_req_t   axil_i,
  output axil_rsp_t   axil_o,
  output logic        exit_valid_o,
  output logic [15:0] exit_code_o
);

  localparam logic [15:0] Pass = 16'h5555;
  localparam logic [15:0] Fail = 16'h3333;

  logic        req, we, err, verdict;
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
    .rdata_i('0),
    .err_i  (err)
  );

  assign err     = be != 4'b1111;
  assign verdict = req && we && !err && addr[11:2] == '0 && (wdata[15:0] == Pass || wdata[15:0] == Fail);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      exit_valid_o <= 1'b0;
      exit_code_o  <= '0;
    end else if (verdict && !exit_valid_o) begin
      exit_valid_o <= 1'b1;
      if (wdata[15:0] == Fail) exit_code_o <= (wdata[31:16] == '0) ? 16'd1 : wdata[31:16];
    end
  end

endmodule
