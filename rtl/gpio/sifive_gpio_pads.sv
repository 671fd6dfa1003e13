// SPDX-License-Identifier: MIT
//
// Two-level stand-in for the pads of a sifive_gpio: the strongest driver gives a pin's level. Two drivers that disagree are
// electrically undefined; here the chip's is stronger, and conflict_o tells. The pull-up is weaker than both, and a pin that
// floats is low.

module sifive_gpio_pads #(
  parameter int unsigned NumPins = 32
) (
  input  logic [NumPins-1:0] out_i,        // from the GPIO
  input  logic [NumPins-1:0] oe_i,
  input  logic [NumPins-1:0] pue_i,
  input  logic [NumPins-1:0] outside_i,    // level that somebody outside drives
  input  logic [NumPins-1:0] outside_en_i, // somebody does
  output logic [NumPins-1:0] level_o,
  output logic [NumPins-1:0] conflict_o
);

  assign level_o    = (oe_i & out_i) | (~oe_i & ((outside_en_i & outside_i) | (~outside_en_i & pue_i)));
  assign conflict_o = oe_i & outside_en_i & (out_i ^ outside_i);

endmodule
