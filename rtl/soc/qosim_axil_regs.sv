// SPDX-License-Identifier: MIT
//
// AXI4-Lite subordinate in front of registers that answer in the same cycle: req_o for one cycle per access, with
// everything about it; rdata_i and err_i (SLVERR) belong to that cycle. A write waits for both its address and its
// data; of a write and a read at once the write goes first.

module qosim_axil_regs
  import qosim_dpi_pkg::*;
  import qosim_soc_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  axil_req_t   axil_i,
  output axil_rsp_t   axil_o,

  output logic        req_o,
  output logic        we_o,
  output logic [31:0] addr_o,
  output logic [3:0]  be_o,     // of a read: the lanes that it wants
  output logic [31:0] wdata_o,
  input  logic [31:0] rdata_i,
  input  logic        err_i
);

  logic      write_go, read_go;
  logic      b_valid_q, r_valid_q;
  axi_resp_e resp, b_resp_q, r_resp_q;
  logic [31:0] r_data_q;

  assign write_go = axil_i.aw_valid && axil_i.w_valid && (!b_valid_q || axil_i.b_ready);
  assign read_go  = axil_i.ar_valid && !write_go && (!r_valid_q || axil_i.r_ready);
  assign resp     = err_i ? AxiSlvErr : AxiOkay;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_valid_q <= 1'b0;
      b_resp_q  <= AxiOkay;
      r_valid_q <= 1'b0;
      r_resp_q  <= AxiOkay;
      r_data_q  <= '0;
    end else begin
      b_valid_q <= write_go || (b_valid_q && !axil_i.b_ready);
      r_valid_q <= read_go || (r_valid_q && !axil_i.r_ready);
      if (write_go) b_resp_q <= resp;
      if (read_go) begin
        r_resp_q <= resp;
        r_data_q <= rdata_i;
      end
    end
  end

  always_comb begin
    req_o   = write_go || read_go;
    we_o    = write_go;
    addr_o  = write_go ? axil_i.aw_addr : axil_i.ar_addr;
    wdata_o = axil_i.w_data;
    unique case (axil_i.ar_size)
      2'd0:    be_o = 4'b0001 << axil_i.ar_addr[1:0];
      2'd1:    be_o = 4'b0011 << {axil_i.ar_addr[1], 1'b0};
      default: be_o = 4'b1111;
    endcase
    if (write_go) be_o = axil_i.w_strb;

    axil_o.aw_ready = write_go;
    axil_o.w_ready  = write_go;
    axil_o.b_valid  = b_valid_q;
    axil_o.b_resp   = b_resp_q;
    axil_o.ar_ready = read_go;
    axil_o.r_valid  = r_valid_q;
    axil_o.r_data   = r_data_q;
    axil_o.r_resp   = r_resp_q;
  end

endmodule
