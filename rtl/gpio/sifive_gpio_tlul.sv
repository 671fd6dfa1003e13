// SPDX-License-Identifier: MIT
//
// TileLink Uncached Lightweight (SiFive TileLink 1.8, chapter 6) in front of the GPIO's registers: Get, PutFullData and
// PutPartialData of up to 4 bytes. Anything else is denied and changes nothing.

module sifive_gpio_tlul
  import sifive_gpio_pkg::*;
#(
  parameter int unsigned SourceWidth = 4
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    a_valid_i,
  output logic                    a_ready_o,
  input  logic [2:0]              a_opcode_i,
  input  logic [2:0]              a_param_i,
  input  logic [1:0]              a_size_i,
  input  logic [SourceWidth-1:0]  a_source_i,
  input  logic [RegAddrWidth-1:0] a_address_i,
  input  logic [3:0]              a_mask_i,
  input  logic [31:0]             a_data_i,
  input  logic                    a_corrupt_i,
  output logic                    d_valid_o,
  input  logic                    d_ready_i,
  output logic [2:0]              d_opcode_o,
  output logic [1:0]              d_param_o,
  output logic [1:0]              d_size_o,
  output logic [SourceWidth-1:0]  d_source_o,
  output logic                    d_denied_o,
  output logic [31:0]             d_data_o,
  output logic                    d_corrupt_o,

  output reg_req_t                reg_o,
  input  reg_rsp_t                reg_i
);

  typedef enum logic [2:0] {
    PutFullData    = 3'd0,
    PutPartialData = 3'd1,
    Get            = 3'd4
  } a_opcode_e;

  typedef enum logic [2:0] {
    AccessAck     = 3'd0,
    AccessAckData = 3'd1
  } d_opcode_e;

  logic       take, is_get, is_put, legal;
  logic [3:0] lanes;

  assign a_ready_o = !d_valid_o;
  assign take      = a_valid_i && a_ready_o;
  assign is_get    = a_opcode_i == Get;
  assign is_put    = a_opcode_i == PutFullData || a_opcode_i == PutPartialData;

  // The bytes that size and address name, and whether the address is one for that size.
  always_comb begin
    legal = a_param_i == '0 && (is_get || (is_put && !a_corrupt_i));
    case (a_size_i)
      2'd0: lanes = 4'b0001 << a_address_i[1:0];
      2'd1: begin
        lanes = 4'b0011 << a_address_i[1:0];
        if (a_address_i[0]) legal = 1'b0;
      end
      2'd2: begin
        lanes = 4'b1111;
        if (a_address_i[1:0] != '0) legal = 1'b0;
      end
      default: begin
        lanes = 4'b0000;
        legal = 1'b0;
      end
    endcase
    if ((a_mask_i & ~lanes) != '0) legal = 1'b0;
    if (a_opcode_i != PutPartialData && a_mask_i != lanes) legal = 1'b0;
  end

  assign reg_o.valid = take && legal;
  assign reg_o.write = is_put;
  assign reg_o.addr  = {a_address_i[RegAddrWidth-1:2], 2'b00};
  assign reg_o.be    = a_mask_i;
  assign reg_o.wdata = a_data_i;

  assign d_param_o = '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      d_valid_o   <= 1'b0;
      d_opcode_o  <= AccessAck;
      d_size_o    <= '0;
      d_source_o  <= '0;
      d_denied_o  <= 1'b0;
      d_data_o    <= '0;
      d_corrupt_o <= 1'b0;
    end else begin
      d_valid_o <= take || (d_valid_o && !d_ready_i);
      if (take) begin
        d_opcode_o  <= is_put ? AccessAck : AccessAckData;
        d_size_o    <= a_size_i;
        d_source_o  <= a_source_i;
        d_denied_o  <= !legal || reg_i.error;
        d_data_o    <= reg_i.rdata;
        d_corrupt_o <= !is_put && (!legal || reg_i.error);  // data of a denied answer is
      end
    end
  end

endmodule
