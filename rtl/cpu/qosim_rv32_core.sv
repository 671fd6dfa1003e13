// SPDX-License-Identifier: MIT
//
// RV32IM + Zicsr + Zifencei, machine mode only. One instruction at a time: fetch, execute, and for a load or store the
// data access, so every trap is precise and FENCE.I has nothing to flush. docs/cpu.md tells registers, traps and cycle
// counts.
//
// Both buses follow one rule: req and its payload stay until gnt; each gnt is followed, one cycle later at the
// earliest, by exactly one rvalid (for a store too), which qualifies rdata and err. The core never has more than one
// access outstanding.

module qosim_rv32_core
  import qosim_rv32_pkg::*;
#(
  parameter logic [31:0] ResetAddr = 32'h8000_0000,
  parameter logic [31:0] HartId    = 32'd0
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  // Instruction bus
  output logic        instr_req_o,
  output logic [31:0] instr_addr_o,   // word aligned
  input  logic        instr_gnt_i,
  input  logic        instr_rvalid_i,
  input  logic [31:0] instr_rdata_i,
  input  logic        instr_err_i,

  // Data bus
  output logic        data_req_o,
  output logic        data_we_o,
  output logic [3:0]  data_be_o,      // lanes of the access, for loads too
  output logic [1:0]  data_size_o,    // 0 byte, 1 half, 2 word
  output logic [31:0] data_addr_o,    // byte address, aligned to its size
  output logic [31:0] data_wdata_o,   // in the lanes that data_be_o names, the others zero
  input  logic        data_gnt_i,
  input  logic        data_rvalid_i,
  input  logic [31:0] data_rdata_i,   // the whole word that holds the address
  input  logic        data_err_i,

  // Interrupt levels
  input  logic        irq_software_i,
  input  logic        irq_timer_i,
  input  logic        irq_external_i,

  output logic        sleeping_o,     // in WFI

  // Trace: one pulse per instruction that completed, one per trap taken
  output logic        retire_valid_o,
  output logic [31:0] retire_pc_o,
  output logic [31:0] retire_insn_o,
  output logic        trap_valid_o,
  output logic [31:0] trap_cause_o    // as written to mcause
);

  typedef enum logic [2:0] {
    StFetch,      // instruction request
    StFetchWait,  // instruction response
    StExec,       // everything that takes one cycle, and the only place where interrupts enter
    StMulDiv,
    StMem,        // data request
    StMemWait,    // data response
    StSleep       // WFI
  } core_state_e;

  core_state_e state_d, state_q;
  logic [31:0] pc_d, pc_q;
  logic [31:0] insn_d, insn_q;
  logic        fetch_err_d, fetch_err_q;

  // Decode and operands. They hang on insn_q and pc_q and so hold still while a multi-cycle instruction runs.
  decoded_t    dec;
  logic [4:0]  rs1, rs2, rd;
  logic [31:0] rs1_data, rs2_data;
  assign rs1 = insn_q[19:15];
  assign rs2 = insn_q[24:20];
  assign rd  = insn_q[11:7];

  qosim_rv32_decoder u_decoder (
    .insn_i   (insn_q),
    .decoded_o(dec)
  );

  logic        rd_we;
  logic [31:0] rd_wdata;

  qosim_rv32_regfile u_regfile (
    .clk_i,
    .raddr_a_i(rs1),
    .rdata_a_o(rs1_data),
    .raddr_b_i(rs2),
    .rdata_b_o(rs2_data),
    .we_i     (rd_we),
    .waddr_i  (rd),
    .wdata_i  (rd_wdata)
  );

  // The ALU makes results, jump targets and data addresses.
  logic [31:0] op_a, op_b, alu_result;
  logic        branch_taken;
  always_comb begin
    unique case (dec.op_a_sel)
      OpAPc:   op_a = pc_q;
      OpAZero: op_a = '0;
      default: op_a = rs1_data;
    endcase
  end
  assign op_b = (dec.op_b_sel == OpBImm) ? dec.imm : rs2_data;

  qosim_rv32_alu u_alu (
    .op_i          (dec.alu_op),
    .a_i           (op_a),
    .b_i           (op_b),
    .result_o      (alu_result),
    .branch_op_i   (dec.branch_op),
    .rs1_i         (rs1_data),
    .rs2_i         (rs2_data),
    .branch_taken_o(branch_taken)
  );

  logic        muldiv_valid;
  logic [31:0] muldiv_result;

  qosim_rv32_muldiv u_muldiv (
    .clk_i,
    .rst_ni,
    .req_i   (state_q == StMulDiv),
    .op_i    (dec.muldiv_op),
    .a_i     (rs1_data),
    .b_i     (rs2_data),
    .valid_o (muldiv_valid),
    .result_o(muldiv_result)
  );

  logic        mem_misaligned;
  logic [31:0] load_data;

  qosim_rv32_lsu u_lsu (
    .size_i      (dec.mem_size),
    .unsigned_i  (dec.mem_unsigned),
    .offset_i    (alu_result[1:0]),
    .misaligned_o(mem_misaligned),
    .be_o        (data_be_o),
    .store_data_i(rs2_data),
    .wdata_o     (data_wdata_o),
    .rdata_i     (data_rdata_i),
    .load_data_o (load_data)
  );

  // Next PC of an instruction that does not trap.
  logic [31:0] pc_plus_4, jump_target;
  logic        jump_taken;
  assign pc_plus_4   = pc_q + 32'd4;
  assign jump_target = {alu_result[31:1], 1'b0};
  assign jump_taken  = (dec.kind == KindJump) || (dec.kind == KindBranch && branch_taken);

  // CSR file
  logic        retire, trap, csr_write, csr_illegal, irq_wakeup, irq_take;
  logic [31:0] csr_rdata, trap_tval, trap_vector, mepc;
  cause_e      trap_cause, irq_cause;

  assign csr_write = (dec.csr_op == CsrOpWrite) || (rs1 != '0);

  qosim_rv32_csr #(
    .HartId(HartId)
  ) u_csr (
    .clk_i,
    .rst_ni,
    .addr_i        (insn_q[31:20]),
    .op_i          (dec.csr_op),
    .write_i       (csr_write),
    .operand_i     (dec.csr_imm ? {27'b0, rs1} : rs1_data),
    .commit_i      (retire && dec.kind == KindCsr),
    .rdata_o       (csr_rdata),
    .illegal_o     (csr_illegal),
    .trap_i        (trap),
    .trap_cause_i  (trap_cause),
    .trap_tval_i   (trap_tval),
    .trap_pc_i     (pc_q[31:2]),
    .trap_vector_o (trap_vector),
    .mret_i        (retire && dec.kind == KindMret),
    .mepc_o        (mepc),
    .irq_software_i,
    .irq_timer_i,
    .irq_external_i,
    .irq_wakeup_o  (irq_wakeup),
    .irq_take_o    (irq_take),
    .irq_cause_o   (irq_cause),
    .retire_i      (retire)
  );

  // What stops the instruction in StExec, highest priority first. Nothing of it has had an effect yet.
  logic        exec_trap;
  cause_e      exec_cause;
  logic [31:0] exec_tval;
  logic [31:0] illegal_tval;
  assign illegal_tval = (insn_q[1:0] == 2'b11) ? insn_q : {16'b0, insn_q[15:0]};

  always_comb begin
    exec_trap  = 1'b1;
    exec_cause = CauseIllegalInsn;
    exec_tval  = '0;
    if (irq_take) begin
      exec_cause = irq_cause;
    end else if (fetch_err_q) begin
      exec_cause = CauseInsnFault;
      exec_tval  = pc_q;
    end else if (dec.kind == KindIllegal || (dec.kind == KindCsr && csr_illegal)) begin
      exec_cause = CauseIllegalInsn;
      exec_tval  = illegal_tval;
    end else if (dec.kind == KindEbreak) begin
      exec_cause = CauseBreakpoint;
    end else if (dec.kind == KindEcall) begin
      exec_cause = CauseEcallM;
    end else if (jump_taken && jump_target[1]) begin
      exec_cause = CauseInsnMisaligned;
      exec_tval  = jump_target;
    end else if (dec.kind == KindLoad && mem_misaligned) begin
      exec_cause = CauseLoadMisaligned;
      exec_tval  = alu_result;
    end else if (dec.kind == KindStore && mem_misaligned) begin
      exec_cause = CauseStoreMisaligned;
      exec_tval  = alu_result;
    end else begin
      exec_trap = 1'b0;
    end
  end

  // State machine. retire and trap end the instruction; where the PC goes is decided below.
  always_comb begin
    state_d     = state_q;
    insn_d      = insn_q;
    fetch_err_d = fetch_err_q;
    retire      = 1'b0;
    trap        = 1'b0;
    trap_cause  = exec_cause;
    trap_tval   = exec_tval;
    rd_we       = 1'b0;
    rd_wdata    = alu_result;

    unique case (state_q)
      StFetch: begin
        if (instr_gnt_i) state_d = StFetchWait;
      end

      StFetchWait: begin
        if (instr_rvalid_i) begin
          insn_d      = instr_rdata_i;
          fetch_err_d = instr_err_i;
          state_d     = StExec;
        end
      end

      StExec: begin
        state_d = StFetch;
        if (exec_trap) begin
          trap = 1'b1;
        end else begin
          unique case (dec.kind)
            KindLoad, KindStore: state_d = StMem;
            KindMulDiv:          state_d = StMulDiv;
            KindWfi: begin
              retire  = 1'b1;
              state_d = StSleep;
            end
            default:             retire = 1'b1;
          endcase
          rd_we = (dec.kind == KindAlu) || (dec.kind == KindJump) || (dec.kind == KindCsr);
          if (dec.kind == KindJump) rd_wdata = pc_plus_4;
          if (dec.kind == KindCsr)  rd_wdata = csr_rdata;
        end
      end

      StMulDiv: begin
        rd_wdata = muldiv_result;
        if (muldiv_valid) begin
          rd_we   = 1'b1;
          retire  = 1'b1;
          state_d = StFetch;
        end
      end

      StMem: begin
        if (data_gnt_i) state_d = StMemWait;
      end

      StMemWait: begin
        rd_wdata   = load_data;
        trap_cause = (dec.kind == KindStore) ? CauseStoreFault : CauseLoadFault;
        trap_tval  = alu_result;
        if (data_rvalid_i) begin
          trap    = data_err_i;
          retire  = !data_err_i;
          rd_we   = !data_err_i && (dec.kind == KindLoad);
          state_d = StFetch;
        end
      end

      StSleep: begin
        if (irq_wakeup) state_d = StFetch;
      end

      default: state_d = StFetch;
    endcase
  end

  always_comb begin
    pc_d = pc_q;
    if (trap) begin
      pc_d = trap_vector;
    end else if (retire) begin
      if (dec.kind == KindMret) pc_d = mepc;
      else if (jump_taken)      pc_d = jump_target;
      else                      pc_d = pc_plus_4;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StFetch;
      pc_q        <= ResetAddr;
      insn_q      <= '0;
      fetch_err_q <= 1'b0;
    end else begin
      state_q     <= state_d;
      pc_q        <= pc_d;
      insn_q      <= insn_d;
      fetch_err_q <= fetch_err_d;
    end
  end

  assign instr_req_o    = state_q == StFetch;
  assign instr_addr_o   = pc_q;
  assign data_req_o     = state_q == StMem;
  assign data_we_o      = dec.kind == KindStore;
  assign data_size_o    = dec.mem_size;
  assign data_addr_o    = alu_result;
  assign sleeping_o     = state_q == StSleep;
  assign retire_valid_o = retire;
  assign retire_pc_o    = pc_q;
  assign retire_insn_o  = insn_q;
  assign trap_valid_o   = trap;
  assign trap_cause_o   = mcause_of(trap_cause);

endmodule
