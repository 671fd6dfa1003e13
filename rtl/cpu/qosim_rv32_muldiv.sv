// SPDX-License-Identifier: MIT
//
// M extension. The caller holds req_i and the operands until valid_o: a multiplication answers in the first cycle, a
// division in the 34th (one to load, 32 restoring steps of one quotient bit, one to answer).
//
// Division works on magnitudes and puts the signs back at the end. The two cases that the manual singles out need no
// detection of their own: dividing a magnitude by zero leaves a quotient of all ones and the dividend as remainder, and
// -2^31 / -1 is 2^31 / 1, which reads as -2^31 again.

module qosim_rv32_muldiv
  import qosim_rv32_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        req_i,
  input  muldiv_op_e  op_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic        valid_o,
  output logic [31:0] result_o
);

  typedef enum logic [1:0] {
    StIdle,
    StStep,
    StDone
  } div_state_e;

  // Multiplication: operands extended to 64 bits, the product modulo 2^64 is exact for every mix of signs.
  logic        mul_a_signed, mul_b_signed;
  logic [63:0] mul_a, mul_b, product;
  assign mul_a_signed = (op_i == MdMulh) || (op_i == MdMulhsu);
  assign mul_b_signed = (op_i == MdMulh);
  assign mul_a        = {{32{mul_a_signed & a_i[31]}}, a_i};
  assign mul_b        = {{32{mul_b_signed & b_i[31]}}, b_i};
  assign product      = mul_a * mul_b;

  // Division.
  logic is_div, div_signed, a_neg, b_neg, negate_quotient;
  assign is_div          = (op_i == MdDiv) || (op_i == MdDivu) || (op_i == MdRem) || (op_i == MdRemu);
  assign div_signed      = (op_i == MdDiv) || (op_i == MdRem);
  assign a_neg           = div_signed & a_i[31];
  assign b_neg           = div_signed & b_i[31];
  assign negate_quotient = (a_neg ^ b_neg) & (b_i != '0);

  div_state_e  state_d, state_q;
  logic [4:0]  count_d, count_q;
  logic [31:0] quotient_d, quotient_q;    // dividend bits leave at the top, quotient bits enter at the bottom
  logic [31:0] remainder_d, remainder_q;
  logic [31:0] divisor_d, divisor_q;

  logic [32:0] shifted, difference;
  assign shifted    = {remainder_q, quotient_q[31]};
  assign difference = shifted - {1'b0, divisor_q};

  always_comb begin
    state_d     = state_q;
    count_d     = count_q;
    quotient_d  = quotient_q;
    remainder_d = remainder_q;
    divisor_d   = divisor_q;

    unique case (state_q)
      StIdle: begin
        if (req_i && is_div) begin
          quotient_d  = a_neg ? -a_i : a_i;
          divisor_d   = b_neg ? -b_i : b_i;
          remainder_d = '0;
          count_d     = '0;
          state_d     = StStep;
        end
      end

      StStep: begin
        remainder_d = difference[32] ? shifted[31:0] : difference[31:0];
        quotient_d  = {quotient_q[30:0], ~difference[32]};
        count_d     = count_q + 5'd1;
        if (count_q == 5'd31) state_d = StDone;
      end

      StDone: state_d = StIdle;

      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      count_q     <= '0;
      quotient_q  <= '0;
      remainder_q <= '0;
      divisor_q   <= '0;
    end else begin
      state_q     <= state_d;
      count_q     <= count_d;
      quotient_q  <= quotient_d;
      remainder_q <= remainder_d;
      divisor_q   <= divisor_d;
    end
  end

  assign valid_o = req_i && (!is_div || (state_q == StDone));

  always_comb begin
    unique case (op_i)
      MdMul:                      result_o = product[31:0];
      MdMulh, MdMulhsu, MdMulhu:  result_o = product[63:32];
      MdDiv, MdDivu:              result_o = negate_quotient ? -quotient_q : quotient_q;
      MdRem, MdRemu:              result_o = a_neg ? -remainder_q : remainder_q;
      default:                    result_o = '0;
    endcase
  end

endmodule
