// SPDX-License-Identifier: MIT
//
// Integer unit: the ten operations of OP and OP-IMM, and the branch comparison beside it, so that a branch has its
// condition and its target in the same cycle.

module qosim_rv32_alu
  import qosim_rv32_pkg::*;
(
  input  alu_op_e     op_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] result_o,

  input  branch_op_e  branch_op_i,
  input  logic [31:0] rs1_i,
  input  logic [31:0] rs2_i,
  output logic        branch_taken_o
);

  logic [4:0] shamt;
  assign shamt = b_i[4:0];

  always_comb begin
    unique case (op_i)
      AluAdd:  result_o = a_i + b_i;
      AluSub:  result_o = a_i - b_i;
      AluSll:  result_o = a_i << shamt;
      AluSlt:  result_o = {31'b0, $signed(a_i) < $signed(b_i)};
      AluSltu: result_o = {31'b0, a_i < b_i};
      AluXor:  result_o = a_i ^ b_i;
      AluSrl:  result_o = a_i >> shamt;
      AluSra:  result_o = $signed(a_i) >>> shamt;
      AluOr:   result_o = a_i | b_i;
      AluAnd:  result_o = a_i & b_i;
      default: result_o = '0;
    endcase
  end

  always_comb begin
    unique case (branch_op_i)
      BranchEq:  branch_taken_o = rs1_i == rs2_i;
      BranchNe:  branch_taken_o = rs1_i != rs2_i;
      BranchLt:  branch_taken_o = $signed(rs1_i) < $signed(rs2_i);
      BranchGe:  branch_taken_o = $signed(rs1_i) >= $signed(rs2_i);
      BranchLtu: branch_taken_o = rs1_i < rs2_i;
      BranchGeu: branch_taken_o = rs1_i >= rs2_i;
      default:   branch_taken_o = 1'b0;
    endcase
  end

endmodule
