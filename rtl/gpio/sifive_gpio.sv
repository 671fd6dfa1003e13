// SPDX-License-Identifier: MIT
//
// SiFive GPIO as in the FE310-G002's manual (chapter 17): up to 32 pins, each with two hardware functions and an interrupt.
// Same behaviour as the model sifive_soc.gpio with variant=fe310, but in clocks: an input shows in input_val SyncStages + 1
// clocks after the pad, and in high_ip and low_ip one clock later.
//
// A field is NumPins wide and takes a write only if the byte enables cover all of its bytes: with 32 pins a store of 0xff to
// address 0x0c of one byte (be 4'b0001) changes nothing.

module sifive_gpio
  import sifive_gpio_pkg::*;
#(
  parameter int unsigned NumPins    = 32,
  parameter int unsigned SyncStages = 3,   // 0 to 3
  parameter logic [31:0] Iof0Pins   = '0,  // pins that have hardware function 0
  parameter logic [31:0] Iof1Pins   = '0
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  reg_req_t           reg_i,
  output reg_rsp_t           reg_o,

  input  logic [NumPins-1:0] pad_i,
  output logic [NumPins-1:0] pad_o,
  output logic [NumPins-1:0] pad_oe_o,
  output logic [NumPins-1:0] pad_ie_o,
  output logic [NumPins-1:0] pad_pue_o,
  output logic [NumPins-1:0] pad_ds_o,

  input  logic [NumPins-1:0] iof0_oval_i,
  input  logic [NumPins-1:0] iof0_oe_i,
  input  logic [NumPins-1:0] iof0_ie_i,
  input  logic [NumPins-1:0] iof1_oval_i,
  input  logic [NumPins-1:0] iof1_oe_i,
  input  logic [NumPins-1:0] iof1_ie_i,
  output logic [NumPins-1:0] iof_ival_o,   // for both functions

  output logic [NumPins-1:0] irq_o
);

  localparam logic [31:0] PinMask   = 32'hffff_ffff >> (32 - NumPins);
  localparam logic [3:0]  FieldMask = {|PinMask[31:24], |PinMask[23:16], |PinMask[15:8], 1'b1};

  typedef logic [NumPins-1:0] pins_t;

  // Registers
  pins_t value_q;
  pins_t input_en_q, output_en_q, output_val_q, pue_q, ds_q, iof_en_q, iof_sel_q, out_xor_q;
  pins_t rise_ie_q, fall_ie_q, high_ie_q, low_ie_q;
  pins_t rise_ip_q, fall_ip_q, high_ip_q, low_ip_q;

  // Writes

  logic  write;
  pins_t wdata;
  pins_t rise_clear, fall_clear, high_clear, low_clear;

  assign write = reg_i.valid && reg_i.write && (reg_i.be & FieldMask) == FieldMask;
  assign wdata = reg_i.wdata[NumPins-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      input_en_q   <= '0;
      output_en_q  <= '0;
      output_val_q <= '0;
      pue_q        <= '0;
      ds_q         <= '0;
      rise_ie_q    <= '0;
      fall_ie_q    <= '0;
      high_ie_q    <= '0;
      low_ie_q     <= '0;
      iof_en_q     <= '0;
      iof_sel_q    <= '0;
      out_xor_q    <= '0;
    end else if (write) begin
      case (reg_i.addr)
        RegInputEn:   input_en_q   <= wdata;
        RegOutputEn:  output_en_q  <= wdata;
        RegOutputVal: output_val_q <= wdata;
        RegPue:       pue_q        <= wdata;
        RegDs:        ds_q         <= wdata;
        RegRiseIe:    rise_ie_q    <= wdata;
        RegFallIe:    fall_ie_q    <= wdata;
        RegHighIe:    high_ie_q    <= wdata;
        RegLowIe:     low_ie_q     <= wdata;
        RegIofEn:     iof_en_q     <= wdata;
        RegIofSel:    iof_sel_q    <= wdata;
        RegOutXor:    out_xor_q    <= wdata;
        default: ;
      endcase
    end
  end

  assign rise_clear = (write && reg_i.addr == RegRiseIp) ? wdata : '0;
  assign fall_clear = (write && reg_i.addr == RegFallIp) ? wdata : '0;
  assign high_clear = (write && reg_i.addr == RegHighIp) ? wdata : '0;
  assign low_clear  = (write && reg_i.addr == RegLowIp) ? wdata : '0;

  // Reads

  pins_t rdata;

  always_comb begin
    case (reg_i.addr)
      RegInputVal:  rdata = value_q;
      RegInputEn:   rdata = input_en_q;
      RegOutputEn:  rdata = output_en_q;
      RegOutputVal: rdata = output_val_q;
      RegPue:       rdata = pue_q;
      RegDs:        rdata = ds_q;
      RegRiseIe:    rdata = rise_ie_q;
      RegRiseIp:    rdata = rise_ip_q;
      RegFallIe:    rdata = fall_ie_q;
      RegFallIp:    rdata = fall_ip_q;
      RegHighIe:    rdata = high_ie_q;
      RegHighIp:    rdata = high_ip_q;
      RegLowIe:     rdata = low_ie_q;
      RegLowIp:     rdata = low_ip_q;
      RegIofEn:     rdata = iof_en_q;
      RegIofSel:    rdata = iof_sel_q;
      RegOutXor:    rdata = out_xor_q;
      default:      rdata = '0;
    endcase
  end

  assign reg_o.rdata = 32'(rdata);
  assign reg_o.error = 1'b0;

  // Pads: software's, or those of the function that a pin is handed to and has. The inversion comes last.

  pins_t iof0, iof1, software;

  assign iof0     = iof_en_q & ~iof_sel_q & Iof0Pins[NumPins-1:0];
  assign iof1     = iof_en_q & iof_sel_q & Iof1Pins[NumPins-1:0];
  assign software = ~(iof0 | iof1);

  assign pad_o    = ((iof0 & iof0_oval_i) | (iof1 & iof1_oval_i) | (software & output_val_q)) ^ out_xor_q;
  assign pad_oe_o = (iof0 & iof0_oe_i) | (iof1 & iof1_oe_i) | (software & output_en_q);
  assign pad_ie_o = (iof0 & iof0_ie_i) | (iof1 & iof1_ie_i) | (software & input_en_q);

  assign pad_pue_o = pue_q;
  assign pad_ds_o  = ds_q;

  // Inputs

  pins_t in_sync;

  sifive_gpio_sync #(
    .Width (NumPins),
    .Stages(SyncStages)
  ) u_sync (
    .clk_i,
    .rst_ni,
    .d_i   (pad_i & pad_ie_o),
    .q_o   (in_sync)
  );

  // Set wins over clear.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      value_q   <= '0;
      rise_ip_q <= '0;
      fall_ip_q <= '0;
      high_ip_q <= '0;
      low_ip_q  <= '0;
    end else begin
      value_q   <= in_sync;
      rise_ip_q <= (rise_ip_q & ~rise_clear) | (in_sync & ~value_q);
      fall_ip_q <= (fall_ip_q & ~fall_clear) | (~in_sync & value_q);
      high_ip_q <= (high_ip_q & ~high_clear) | value_q;
      low_ip_q  <= (low_ip_q & ~low_clear) | ~value_q;
    end
  end

  assign iof_ival_o = in_sync;

  assign irq_o = (rise_ip_q & rise_ie_q) | (fall_ip_q & fall_ie_q) | (high_ip_q & high_ie_q) | (low_ip_q & low_ie_q);

endmodule
