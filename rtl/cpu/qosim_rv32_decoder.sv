// SPDX-License-Identifier: MIT
//
// Turns one instruction word into control signals. Purely combinational. A word that RV32IM + Zicsr + Zifencei with
// machine mode only does not define comes out as KindIllegal; whether a CSR exists is the CSR file's business.

module qosim_rv32_decoder
  import qosim_rv32_pkg::*;
(
  input  logic [31:0] insn_i,
  output decoded_t    decoded_o
);

  logic [2:0] funct3;
  logic [6:0] funct7;
  assign funct3 = insn_i[14:12];
  assign funct7 = insn_i[31:25];

  logic [31:0] imm_i, imm_s, imm_b, imm_u, imm_j;
  assign imm_i = {{20{insn_i[31]}}, insn_i[31:20]};
  assign imm_s = {{20{insn_i[31]}}, insn_i[31:25], insn_i[11:7]};
  assign imm_b = {{19{insn_i[31]}}, insn_i[31], insn_i[7], insn_i[30:25], insn_i[11:8], 1'b0};
  assign imm_u = {insn_i[31:12], 12'b0};
  assign imm_j = {{11{insn_i[31]}}, insn_i[31], insn_i[19:12], insn_i[20], insn_i[30:21], 1'b0};

  // The operation that OP and OP-IMM share, without SUB and SRA, which need funct7.
  alu_op_e base_alu_op;
  always_comb begin
    unique case (funct3)
      3'b000:  base_alu_op = AluAdd;
      3'b001:  base_alu_op = AluSll;
      3'b010:  base_alu_op = AluSlt;
      3'b011:  base_alu_op = AluSltu;
      3'b100:  base_alu_op = AluXor;
      3'b101:  base_alu_op = AluSrl;
      3'b110:  base_alu_op = AluOr;
      default: base_alu_op = AluAnd;
    endcase
  end

  // SYSTEM without a CSR is defined for whole words only.
  kind_e system_kind;
  always_comb begin
    unique case (insn_i)
      32'h0000_0073: system_kind = KindEcall;
      32'h0010_0073: system_kind = KindEbreak;
      32'h3020_0073: system_kind = KindMret;
      32'h1050_0073: system_kind = KindWfi;
      default:       system_kind = KindIllegal;
    endcase
  end

  always_comb begin
    decoded_o.kind         = KindIllegal;
    decoded_o.alu_op       = AluAdd;
    decoded_o.op_a_sel     = OpARs1;
    decoded_o.op_b_sel     = OpBImm;
    decoded_o.branch_op    = branch_op_e'(funct3);
    decoded_o.muldiv_op    = muldiv_op_e'(funct3);
    decoded_o.csr_op       = csr_op_e'(funct3[1:0]);
    decoded_o.csr_imm      = funct3[2];
    decoded_o.mem_size     = funct3[1:0];
    decoded_o.mem_unsigned = funct3[2];
    decoded_o.imm          = imm_i;

    unique case (insn_i[6:0])
      OpcodeLui: begin
        decoded_o.kind     = KindAlu;
        decoded_o.op_a_sel = OpAZero;
        decoded_o.imm      = imm_u;
      end

      OpcodeAuipc: begin
        decoded_o.kind     = KindAlu;
        decoded_o.op_a_sel = OpAPc;
        decoded_o.imm      = imm_u;
      end

      OpcodeJal: begin
        decoded_o.kind     = KindJump;
        decoded_o.op_a_sel = OpAPc;
        decoded_o.imm      = imm_j;
      end

      OpcodeJalr: begin
        if (funct3 == 3'b000) decoded_o.kind = KindJump;
      end

      OpcodeBranch: begin
        if (funct3[2:1] != 2'b01) decoded_o.kind = KindBranch;
        decoded_o.op_a_sel = OpAPc;
        decoded_o.imm      = imm_b;
      end

      OpcodeLoad: begin
        // LB, LH, LW, LBU, LHU.
        if (funct3[1:0] != 2'b11 && funct3 != 3'b110) decoded_o.kind = KindLoad;
      end

      OpcodeStore: begin
        if (funct3 < 3'b011) decoded_o.kind = KindStore;
        decoded_o.imm = imm_s;
      end

      OpcodeOpImm: begin
        decoded_o.kind   = KindAlu;
        decoded_o.alu_op = base_alu_op;
        if (funct3 == 3'b001 && funct7 != 7'h00) decoded_o.kind = KindIllegal;
        if (funct3 == 3'b101) begin
          if (funct7 == 7'h20) decoded_o.alu_op = AluSra;
          else if (funct7 != 7'h00) decoded_o.kind = KindIllegal;
        end
      end

      OpcodeOp: begin
        decoded_o.op_b_sel = OpBRs2;
        unique case (funct7)
          7'h00: begin
            decoded_o.kind   = KindAlu;
            decoded_o.alu_op = base_alu_op;
          end
          7'h01: decoded_o.kind = KindMulDiv;
          7'h20: begin
            if (funct3 == 3'b000 || funct3 == 3'b101) decoded_o.kind = KindAlu;
            decoded_o.alu_op = (funct3 == 3'b000) ? AluSub : AluSra;
          end
          default: ;
        endcase
      end

      OpcodeMiscMem: begin
        // The other fields are reserved for finer fences and ignored, as the manual asks.
        if (funct3 < 3'b010) decoded_o.kind = KindFence;
      end

      OpcodeSystem: begin
        if (funct3[1:0] != 2'b00) decoded_o.kind = KindCsr;
        else decoded_o.kind = system_kind;
      end

      default: ;
    endcase
  end

endmodule
