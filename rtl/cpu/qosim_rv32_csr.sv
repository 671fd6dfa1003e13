// SPDX-License-Identifier: MIT
//
// Machine-mode CSRs, trap entry and return, interrupt selection and the two counters. Machine mode is the only mode, so
// mstatus.MPP reads as 3 for ever. Reads are combinational; a write takes effect at the end of the cycle with commit_i.

module qosim_rv32_csr
  import qosim_rv32_pkg::*;
#(
  parameter logic [31:0] HartId = 32'd0
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  // The CSR instruction under execution. illegal_o holds for addr_i and write_i alone; commit_i says that the
  // instruction really completes in this cycle.
  input  logic [11:0] addr_i,
  input  csr_op_e     op_i,
  input  logic        write_i,      // the instruction writes: CSRRW(I), or the set/clear forms with rs1's field not 0
  input  logic [31:0] operand_i,
  input  logic        commit_i,
  output logic [31:0] rdata_o,
  output logic        illegal_o,

  // Trap entry (pc_i goes to mepc) and return.
  input  logic        trap_i,
  input  cause_e      trap_cause_i,
  input  logic [31:0] trap_tval_i,
  input  logic [31:2] trap_pc_i,
  output logic [31:0] trap_vector_o,
  input  logic        mret_i,
  output logic [31:0] mepc_o,

  // Interrupt lines are levels.
  input  logic        irq_software_i,
  input  logic        irq_timer_i,
  input  logic        irq_external_i,
  output logic        irq_wakeup_o, // something is pending and enabled in mie, whatever mstatus.MIE says
  output logic        irq_take_o,   // ... and mstatus.MIE lets it in
  output cause_e      irq_cause_o,

  input  logic        retire_i      // an instruction completes in this cycle
);

  // Storage.
  logic        mstatus_mie_d, mstatus_mie_q;
  logic        mstatus_mpie_d, mstatus_mpie_q;
  logic        mie_software_d, mie_software_q;
  logic        mie_timer_d, mie_timer_q;
  logic        mie_external_d, mie_external_q;
  logic        inhibit_cycle_d, inhibit_cycle_q;
  logic        inhibit_instret_d, inhibit_instret_q;
  logic        mtvec_vectored_d, mtvec_vectored_q;
  logic [29:0] mtvec_base_d, mtvec_base_q;
  logic [29:0] mepc_d, mepc_q;
  logic [31:0] mscratch_d, mscratch_q;
  logic [31:0] mcause_d, mcause_q;
  logic [31:0] mtval_d, mtval_q;
  logic [63:0] mcycle_d, mcycle_q;
  logic [63:0] minstret_d, minstret_q;

  // Interrupts.
  logic [31:0] mip, mie;
  always_comb begin
    mip                 = '0;
    mip[IrqSoftwareBit] = irq_software_i;
    mip[IrqTimerBit]    = irq_timer_i;
    mip[IrqExternalBit] = irq_external_i;
    mie                 = '0;
    mie[IrqSoftwareBit] = mie_software_q;
    mie[IrqTimerBit]    = mie_timer_q;
    mie[IrqExternalBit] = mie_external_q;
  end

  assign irq_wakeup_o = |(mip & mie);
  assign irq_take_o   = irq_wakeup_o && mstatus_mie_q;

  always_comb begin
    if (irq_external_i && mie_external_q)      irq_cause_o = CauseIrqExternal;
    else if (irq_software_i && mie_software_q) irq_cause_o = CauseIrqSoftware;
    else                                       irq_cause_o = CauseIrqTimer;
  end

  // Vectors. An exception goes to the base in both modes.
  logic [31:0] vector_offset;
  assign vector_offset = (mtvec_vectored_q && trap_cause_i[5]) ? {25'b0, trap_cause_i[4:0], 2'b00} : '0;
  assign trap_vector_o = {mtvec_base_q, 2'b00} + vector_offset;
  assign mepc_o        = {mepc_q, 2'b00};

  // Read. Performance counters that count nothing exist and read as zero, as the manual demands.
  logic exists, is_hpm;
  assign is_hpm = (addr_i >= CsrMhpmevent3 && addr_i <= CsrMhpmevent31) ||
                  (addr_i >= CsrMhpmcounter3 && addr_i <= CsrMhpmcounter31) ||
                  (addr_i >= CsrMhpmcounter3h && addr_i <= CsrMhpmcounter31h);

  always_comb begin
    rdata_o = '0;
    exists  = 1'b1;
    unique case (addr_i)
      CsrMstatus:       rdata_o = {19'b0, 2'b11, 3'b0, mstatus_mpie_q, 3'b0, mstatus_mie_q, 3'b0};
      CsrMisa:          rdata_o = MisaValue;
      CsrMie:           rdata_o = mie;
      CsrMtvec:         rdata_o = {mtvec_base_q, 1'b0, mtvec_vectored_q};
      CsrMcountinhibit: rdata_o = {29'b0, inhibit_instret_q, 1'b0, inhibit_cycle_q};
      CsrMscratch:      rdata_o = mscratch_q;
      CsrMepc:          rdata_o = {mepc_q, 2'b00};
      CsrMcause:        rdata_o = mcause_q;
      CsrMtval:         rdata_o = mtval_q;
      CsrMip:           rdata_o = mip;
      CsrMcycle,
      CsrCycle:         rdata_o = mcycle_q[31:0];
      CsrMcycleh,
      CsrCycleh:        rdata_o = mcycle_q[63:32];
      CsrMinstret,
      CsrInstret:       rdata_o = minstret_q[31:0];
      CsrMinstreth,
      CsrInstreth:      rdata_o = minstret_q[63:32];
      CsrMimpid:        rdata_o = MimpidValue;
      CsrMhartid:       rdata_o = HartId;
      CsrMstatush,
      CsrMvendorid,
      CsrMarchid,
      CsrMconfigptr:    rdata_o = '0;
      default:          exists  = is_hpm;
    endcase
  end

  // Addresses with 3 in their top two bits are read-only.
  assign illegal_o = !exists || (write_i && addr_i[11:10] == 2'b11);

  logic [31:0] wdata;
  always_comb begin
    unique case (op_i)
      CsrOpSet:   wdata = rdata_o | operand_i;
      CsrOpClear: wdata = rdata_o & ~operand_i;
      default:    wdata = operand_i;
    endcase
  end

  // Next state. commit_i, trap_i and mret_i exclude one another. A counter that is written does not count in that
  // cycle: the next instruction reads what was written (minstret), plus the cycles since (mcycle).
  always_comb begin
    mstatus_mie_d     = mstatus_mie_q;
    mstatus_mpie_d    = mstatus_mpie_q;
    mie_software_d    = mie_software_q;
    mie_timer_d       = mie_timer_q;
    mie_external_d    = mie_external_q;
    inhibit_cycle_d   = inhibit_cycle_q;
    inhibit_instret_d = inhibit_instret_q;
    mtvec_vectored_d  = mtvec_vectored_q;
    mtvec_base_d      = mtvec_base_q;
    mepc_d            = mepc_q;
    mscratch_d        = mscratch_q;
    mcause_d          = mcause_q;
    mtval_d           = mtval_q;
    mcycle_d          = inhibit_cycle_q ? mcycle_q : mcycle_q + 64'd1;
    minstret_d        = (retire_i && !inhibit_instret_q) ? minstret_q + 64'd1 : minstret_q;

    if (commit_i && write_i) begin
      unique case (addr_i)
        CsrMstatus: begin
          mstatus_mie_d  = wdata[3];
          mstatus_mpie_d = wdata[7];
        end
        CsrMie: begin
          mie_software_d = wdata[IrqSoftwareBit];
          mie_timer_d    = wdata[IrqTimerBit];
          mie_external_d = wdata[IrqExternalBit];
        end
        CsrMtvec: begin
          // The reserved modes 2 and 3 leave the register alone.
          if (!wdata[1]) begin
            mtvec_base_d     = wdata[31:2];
            mtvec_vectored_d = wdata[0];
          end
        end
        CsrMcountinhibit: begin
          inhibit_cycle_d   = wdata[0];
          inhibit_instret_d = wdata[2];
        end
        CsrMscratch:  mscratch_d = wdata;
        CsrMepc:      mepc_d     = wdata[31:2];
        CsrMcause:    mcause_d   = wdata;
        CsrMtval:     mtval_d    = wdata;
        CsrMcycle:    mcycle_d   = {mcycle_q[63:32], wdata};
        CsrMcycleh:   mcycle_d   = {wdata, mcycle_q[31:0]};
        CsrMinstret:  minstret_d = {minstret_q[63:32], wdata};
        CsrMinstreth: minstret_d = {wdata, minstret_q[31:0]};
        default: ;
      endcase
    end

    if (trap_i) begin
      mstatus_mpie_d = mstatus_mie_q;
      mstatus_mie_d  = 1'b0;
      mepc_d         = trap_pc_i;
      mcause_d       = mcause_of(trap_cause_i);
      mtval_d        = trap_tval_i;
    end else if (mret_i) begin
      mstatus_mie_d  = mstatus_mpie_q;
      mstatus_mpie_d = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mstatus_mie_q     <= 1'b0;
      mstatus_mpie_q    <= 1'b0;
      mie_software_q    <= 1'b0;
      mie_timer_q       <= 1'b0;
      mie_external_q    <= 1'b0;
      inhibit_cycle_q   <= 1'b0;
      inhibit_instret_q <= 1'b0;
      mtvec_vectored_q  <= 1'b0;
      mtvec_base_q      <= '0;
      mepc_q            <= '0;
      mscratch_q        <= '0;
      mcause_q          <= '0;
      mtval_q           <= '0;
      mcycle_q          <= '0;
      minstret_q        <= '0;
    end else begin
      mstatus_mie_q     <= mstatus_mie_d;
      mstatus_mpie_q    <= mstatus_mpie_d;
      mie_software_q    <= mie_software_d;
      mie_timer_q       <= mie_timer_d;
      mie_external_q    <= mie_external_d;
      inhibit_cycle_q   <= inhibit_cycle_d;
      inhibit_instret_q <= inhibit_instret_d;
      mtvec_vectored_q  <= mtvec_vectored_d;
      mtvec_base_q      <= mtvec_base_d;
      mepc_q            <= mepc_d;
      mscratch_q        <= mscratch_d;
      mcause_q          <= mcause_d;
      mtval_q           <= mtval_d;
      mcycle_q          <= mcycle_d;
      minstret_q        <= minstret_d;
    end
  end

endmodule
