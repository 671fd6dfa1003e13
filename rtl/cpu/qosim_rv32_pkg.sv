// SPDX-License-Identifier: MIT
//
// Names shared by the parts of the RV32IM core: encodings, decoded instruction, CSR addresses, trap causes.

package qosim_rv32_pkg;

  // Major opcodes (instruction bits 6:0).
  typedef enum logic [6:0] {
    OpcodeLoad    = 7'h03,
    OpcodeMiscMem = 7'h0f,
    OpcodeOpImm   = 7'h13,
    OpcodeAuipc   = 7'h17,
    OpcodeStore   = 7'h23,
    OpcodeOp      = 7'h33,
    OpcodeLui     = 7'h37,
    OpcodeBranch  = 7'h63,
    OpcodeJalr    = 7'h67,
    OpcodeJal     = 7'h6f,
    OpcodeSystem  = 7'h73
  } opcode_e;

  // What the core's state machine has to do for an instruction.
  typedef enum logic [3:0] {
    KindIllegal,
    KindAlu,
    KindJump,    // JAL and JALR: the ALU computes the target
    KindBranch,
    KindLoad,
    KindStore,
    KindMulDiv,
    KindCsr,
    KindFence,   // FENCE and FENCE.I: nothing to wait for, no store is ever outstanding at an instruction's end
    KindEcall,
    KindEbreak,
    KindMret,
    KindWfi
  } kind_e;

  typedef enum logic [3:0] {
    AluAdd,
    AluSub,
    AluSll,
    AluSlt,
    AluSltu,
    AluXor,
    AluSrl,
    AluSra,
    AluOr,
    AluAnd
  } alu_op_e;

  typedef enum logic [1:0] {
    OpARs1,
    OpAPc,
    OpAZero
  } op_a_sel_e;

  typedef enum logic {
    OpBRs2,
    OpBImm
  } op_b_sel_e;

  // Valued as funct3 of the BRANCH opcode.
  typedef enum logic [2:0] {
    BranchEq  = 3'b000,
    BranchNe  = 3'b001,
    BranchLt  = 3'b100,
    BranchGe  = 3'b101,
    BranchLtu = 3'b110,
    BranchGeu = 3'b111
  } branch_op_e;

  // Valued as funct3 of the OP opcode with funct7 = 1.
  typedef enum logic [2:0] {
    MdMul    = 3'b000,
    MdMulh   = 3'b001,
    MdMulhsu = 3'b010,
    MdMulhu  = 3'b011,
    MdDiv    = 3'b100,
    MdDivu   = 3'b101,
    MdRem    = 3'b110,
    MdRemu   = 3'b111
  } muldiv_op_e;

  // Valued as funct3[1:0] of the CSR instructions.
  typedef enum logic [1:0] {
    CsrOpNone  = 2'b00,
    CsrOpWrite = 2'b01,
    CsrOpSet   = 2'b10,
    CsrOpClear = 2'b11
  } csr_op_e;

  // Access sizes on the data bus.
  localparam logic [1:0] SizeByte = 2'd0;
  localparam logic [1:0] SizeHalf = 2'd1;
  localparam logic [1:0] SizeWord = 2'd2;

  typedef struct packed {
    kind_e       kind;
    alu_op_e     alu_op;
    op_a_sel_e   op_a_sel;
    op_b_sel_e   op_b_sel;
    branch_op_e  branch_op;
    muldiv_op_e  muldiv_op;
    csr_op_e     csr_op;
    logic        csr_imm;       // the CSR operand is the 5-bit immediate in rs1's place
    logic [1:0]  mem_size;
    logic        mem_unsigned;
    logic [31:0] imm;
  } decoded_t;

  // Bit 5 marks an interrupt, the others are mcause's code.
  typedef enum logic [5:0] {
    CauseInsnMisaligned  = 6'h00,
    CauseInsnFault       = 6'h01,
    CauseIllegalInsn     = 6'h02,
    CauseBreakpoint      = 6'h03,
    CauseLoadMisaligned  = 6'h04,
    CauseLoadFault       = 6'h05,
    CauseStoreMisaligned = 6'h06,
    CauseStoreFault      = 6'h07,
    CauseEcallM          = 6'h0b,
    CauseIrqSoftware     = 6'h23,
    CauseIrqTimer        = 6'h27,
    CauseIrqExternal     = 6'h2b
  } cause_e;

  function automatic logic [31:0] mcause_of(cause_e cause);
    return {cause[5], 26'b0, cause[4:0]};
  endfunction

  // CSR addresses.
  localparam logic [11:0] CsrMstatus       = 12'h300;
  localparam logic [11:0] CsrMisa          = 12'h301;
  localparam logic [11:0] CsrMie           = 12'h304;
  localparam logic [11:0] CsrMtvec         = 12'h305;
  localparam logic [11:0] CsrMstatush      = 12'h310;
  localparam logic [11:0] CsrMcountinhibit = 12'h320;
  localparam logic [11:0] CsrMhpmevent3    = 12'h323;
  localparam logic [11:0] CsrMhpmevent31   = 12'h33f;
  localparam logic [11:0] CsrMscratch      = 12'h340;
  localparam logic [11:0] CsrMepc          = 12'h341;
  localparam logic [11:0] CsrMcause        = 12'h342;
  localparam logic [11:0] CsrMtval         = 12'h343;
  localparam logic [11:0] CsrMip           = 12'h344;
  localparam logic [11:0] CsrMcycle        = 12'hb00;
  localparam logic [11:0] CsrMinstret      = 12'hb02;
  localparam logic [11:0] CsrMhpmcounter3  = 12'hb03;
  localparam logic [11:0] CsrMhpmcounter31 = 12'hb1f;
  localparam logic [11:0] CsrMcycleh       = 12'hb80;
  localparam logic [11:0] CsrMinstreth     = 12'hb82;
  localparam logic [11:0] CsrMhpmcounter3h = 12'hb83;
  localparam logic [11:0] CsrMhpmcounter31h = 12'hb9f;
  localparam logic [11:0] CsrCycle         = 12'hc00;
  localparam logic [11:0] CsrInstret       = 12'hc02;
  localparam logic [11:0] CsrCycleh        = 12'hc80;
  localparam logic [11:0] CsrInstreth      = 12'hc82;
  localparam logic [11:0] CsrMvendorid     = 12'hf11;
  localparam logic [11:0] CsrMarchid       = 12'hf12;
  localparam logic [11:0] CsrMimpid        = 12'hf13;
  localparam logic [11:0] CsrMhartid       = 12'hf14;
  localparam logic [11:0] CsrMconfigptr    = 12'hf15;

  // Constant CSR values. misa: MXL = 1 (32 bits), extensions I and M. mimpid: "QO" and a version.
  localparam logic [31:0] MisaValue   = 32'h4000_1100;
  localparam logic [31:0] MimpidValue = 32'h514f_0001;

  // Bit positions in mie and mip, equal to the interrupts' cause codes.
  localparam int unsigned IrqSoftwareBit = 3;
  localparam int unsigned IrqTimerBit    = 7;
  localparam int unsigned IrqExternalBit = 11;

endpackage
