// SPDX-License-Identifier: MIT
//
// APB (AMBA 4, with PSTRB) in front of the GPIO's registers: no wait states.

module sifive_gpio_apb
  import sifive_gpio_pkg::*;
(
  input  logic                    psel_i,
  input  logic                    penable_i,
  input  logic                    pwrite_i,
  input  logic [RegAddrWidth-1:0] paddr_i,
  input  logic [31:0]             pwdata_i,
  input  logic [3:0]              pstrb_i,
  output logic                    pready_o,
  output logic [31:0]             prdata_o,
  output logic                    pslverr_o,

  output reg_req_t                reg_o,
  input  reg_rsp_t                reg_i
);

  assign reg_o.valid = psel_i && penable_i;
  assign reg_o.write = pwrite_i;
  assign reg_o.addr  = {paddr_i[RegAddrWidth-1:2], 2'b00};
  assign reg_o.be    = pwrite_i ? pstrb_i : 4'b1111;
  assign reg_o.wdata = pwdata_i;

  assign pready_o  = 1'b1;
  assign prdata_o  = reg_i.rdata;
  assign pslverr_o = reg_o.valid && reg_i.error;

endmodule
