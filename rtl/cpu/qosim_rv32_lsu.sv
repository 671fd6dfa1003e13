// SPDX-License-Identifier: MIT
//
// Lanes of the data bus. Purely combinational: byte enables and write data from the address, and the addressed bytes
// of a word that was read. A store of 0xff to 0x12 gives be 0b0100 and wdata 0x00ff0000; a byte load from 0x12 takes
// bits 23:16.

module qosim_rv32_lsu
  import qosim_rv32_pkg::*;
(
  input  logic [1:0]  size_i,
  input  logic        unsigned_i,
  input  logic [1:0]  offset_i,     // address bits 1:0

  output logic        misaligned_o,
  output logic [3:0]  be_o,
  input  logic [31:0] store_data_i, // as in the register
  output logic [31:0] wdata_o,      // as on the bus, unused lanes zero
  input  logic [31:0] rdata_i,      // as on the bus
  output logic [31:0] load_data_o   // as in the register
);

  logic [31:0] addressed;
  assign addressed = rdata_i >> {offset_i, 3'b000};

  always_comb begin
    unique case (size_i)
      SizeByte: begin
        misaligned_o = 1'b0;
        be_o         = 4'b0001 << offset_i;
        wdata_o      = {24'b0, store_data_i[7:0]} << {offset_i, 3'b000};
        load_data_o  = {{24{addressed[7] & ~unsigned_i}}, addressed[7:0]};
      end

      SizeHalf: begin
        misaligned_o = offset_i[0];
        be_o         = 4'b0011 << offset_i;
        wdata_o      = {16'b0, store_data_i[15:0]} << {offset_i, 3'b000};
        load_data_o  = {{16{addressed[15] & ~unsigned_i}}, addressed[15:0]};
      end

      SizeWord: begin
        misaligned_o = offset_i != 2'b00;
        be_o         = 4'b1111;
        wdata_o      = store_data_i;
        load_data_o  = addressed;
      end

      default: begin
        misaligned_o = 1'b0;
        be_o         = '0;
        wdata_o      = '0;
        load_data_o  = '0;
      end
    endcase
  end

endmodule
