// SPDX-License-Identifier: MIT
//
// AXI4-Lite in front of the GPIO's registers. Address and data of a write are taken in any order, each into a buffer of one;
// no output depends on an input in the same cycle except arready_o, which gives way to a write that is complete.

module sifive_gpio_axil
  import sifive_gpio_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    awvalid_i,
  output logic                    awready_o,
  input  logic [RegAddrWidth-1:0] awaddr_i,
  input  logic                    wvalid_i,
  output logic                    wready_o,
  input  logic [31:0]             wdata_i,
  input  logic [3:0]              wstrb_i,
  output logic                    bvalid_o,
  input  logic                    bready_i,
  output logic [1:0]              bresp_o,
  input  logic                    arvalid_i,
  output logic                    arready_o,
  input  logic [RegAddrWidth-1:0] araddr_i,
  output logic                    rvalid_o,
  input  logic                    rready_i,
  output logic [31:0]             rdata_o,
  output logic [1:0]              rresp_o,

  output reg_req_t                reg_o,
  input  reg_rsp_t                reg_i
);

  localparam logic [1:0] RespOkay   = 2'b00;
  localparam logic [1:0] RespSlvErr = 2'b10;

  logic                    aw_full_q, w_full_q, b_valid_q, r_valid_q;
  logic [RegAddrWidth-1:0] aw_addr_q;
  logic [31:0]             w_data_q, r_data_q;
  logic [3:0]              w_strb_q;
  logic [1:0]              resp, b_resp_q, r_resp_q;
  logic                    write_go, read_go;

  assign write_go = aw_full_q && w_full_q && !b_valid_q;
  assign read_go  = arvalid_i && arready_o;
  assign resp     = reg_i.error ? RespSlvErr : RespOkay;

  assign awready_o = !aw_full_q;
  assign wready_o  = !w_full_q;
  assign arready_o = !r_valid_q && !write_go;
  assign bvalid_o  = b_valid_q;
  assign bresp_o   = b_resp_q;
  assign rvalid_o  = r_valid_q;
  assign rdata_o   = r_data_q;
  assign rresp_o   = r_resp_q;

  assign reg_o.valid = write_go || read_go;
  assign reg_o.write = write_go;
  assign reg_o.addr  = {write_go ? aw_addr_q[RegAddrWidth-1:2] : araddr_i[RegAddrWidth-1:2], 2'b00};
  assign reg_o.be    = write_go ? w_strb_q : 4'b1111;
  assign reg_o.wdata = w_data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_full_q <= 1'b0;
      aw_addr_q <= '0;
      w_full_q  <= 1'b0;
      w_data_q  <= '0;
      w_strb_q  <= '0;
      b_valid_q <= 1'b0;
      b_resp_q  <= RespOkay;
      r_valid_q <= 1'b0;
      r_data_q  <= '0;
      r_resp_q  <= RespOkay;
    end else begin
      aw_full_q <= (aw_full_q || awvalid_i) && !write_go;
      w_full_q  <= (w_full_q || wvalid_i) && !write_go;
      b_valid_q <= write_go || (b_valid_q && !bready_i);
      r_valid_q <= read_go || (r_valid_q && !rready_i);
      if (awvalid_i && awready_o) aw_addr_q <= awaddr_i;
      if (wvalid_i && wready_o) begin
        w_data_q <= wdata_i;
        w_strb_q <= wstrb_i;
      end
      if (write_go) b_resp_q <= resp;
      if (read_go) begin
        r_data_q <= reg_i.rdata;
        r_resp_q <= resp;
      end
    end
  end

endmodule
