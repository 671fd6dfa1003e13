// SPDX-License-Identifier: MIT
//
// Wishbone B4, pipelined, in front of the GPIO's registers: never stalls, answers in the next cycle.

module sifive_gpio_wb
  import sifive_gpio_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    cyc_i,
  input  logic                    stb_i,
  output logic                    stall_o,
  input  logic                    we_i,
  input  logic [RegAddrWidth-1:0] adr_i,
  input  logic [31:0]             dat_i,
  input  logic [3:0]              sel_i,
  output logic                    ack_o,
  output logic                    err_o,
  output logic [31:0]             dat_o,

  output reg_req_t                reg_o,
  input  reg_rsp_t                reg_i
);

  logic        ack_q, err_q;
  logic [31:0] dat_q;

  assign stall_o = 1'b0;
  // A manager that ends the cycle gives up what was not answered.
  assign ack_o   = ack_q && cyc_i;
  assign err_o   = err_q && cyc_i;
  assign dat_o   = dat_q;

  assign reg_o.valid = cyc_i && stb_i;
  assign reg_o.write = we_i;
  assign reg_o.addr  = {adr_i[RegAddrWidth-1:2], 2'b00};
  assign reg_o.be    = sel_i;
  assign reg_o.wdata = dat_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ack_q <= 1'b0;
      err_q <= 1'b0;
      dat_q <= '0;
    end else begin
      ack_q <= reg_o.valid && !reg_i.error;
      err_q <= reg_o.valid && reg_i.error;
      if (reg_o.valid) dat_q <= reg_i.rdata;
    end
  end

endmodule
