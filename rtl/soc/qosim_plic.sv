// SPDX-License-Identifier: MIT
//
// Platform-level interrupt controller, RISC-V PLIC 1.0.0, one context, level-triggered sources, registers where QEMU's
// and SiFive's have them:
//   0x000000 + 4 * n  priority of source n, 0 (never) to 7
//   0x001000          pending, one bit a source, read only
//   0x002000          enable, one bit a source
//   0x200000          threshold, 0 to 7
//   0x200004          claim (read), complete (write)
// A claim gives the pending and enabled source of the highest priority, of equals the lowest number, 0 if there is
// none, whatever the threshold is. The gateway of a source passes one request on and then none until it was completed;
// what is pending stays so even if the level falls. Only words can be accessed; other offsets read 0 and ignore writes.

module qosim_plic
  import qosim_soc_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  axil_req_t          axil_i,
  output axil_rsp_t          axil_o,
  input  logic [NumIrqs-1:1] irq_i,
  output logic               irq_external_o
);

  localparam int unsigned PrioBits = 3;
  localparam int unsigned IdBits   = $clog2(NumIrqs);

  localparam logic [25:0] OffPending   = 26'h000_1000;
  localparam logic [25:0] OffEnable    = 26'h000_2000;
  localparam logic [25:0] OffThreshold = 26'h020_0000;
  localparam logic [25:0] OffClaim     = 26'h020_0004;

  logic        req, we, err;
  logic [31:0] addr, wdata, rdata;
  logic [3:0]  be;

  qosim_axil_regs u_regs (
    .clk_i,
    .rst_ni,
    .axil_i,
    .axil_o,
    .req_o  (req),
    .we_o   (we),
    .addr_o (addr),
    .be_o   (be),
    .wdata_o(wdata),
    .rdata_i(rdata),
    .err_i  (err)
  );

  logic [NumIrqs-1:0][PrioBits-1:0] prio_d, prio_q;
  logic [63:0]                      enable_d, enable_q;
  logic [NumIrqs-1:0]               pending_d, pending_q, serving_d, serving_q;
  logic [PrioBits-1:0]              threshold_d, threshold_q;

  // The most urgent source.
  logic [IdBits-1:0]   best_id;
  logic [PrioBits-1:0] best_prio;
  always_comb begin
    best_id   = '0;
    best_prio = '0;
    if ((pending_q & NumIrqs'(enable_q)) != '0) begin
      for (int unsigned i = 1; i < NumIrqs; i++) begin
        if (pending_q[i] && enable_q[i] && prio_q[i] > best_prio) begin
          best_id   = IdBits'(i);
          best_prio = prio_q[i];
        end
      end
    end
  end
  assign irq_external_o = best_prio > threshold_q;

  // Registers.
  logic [25:0]       offset;
  logic [IdBits-1:0] prio_id, complete_id;
  logic              is_prio, is_complete_id;
  assign offset         = {addr[25:2], 2'b00};
  assign prio_id        = addr[2 +: IdBits];
  assign is_prio        = offset[25:12] == '0 && offset[11:2] != '0 && offset[11:2] < 10'(NumIrqs);
  assign complete_id    = wdata[IdBits-1:0];
  assign is_complete_id = wdata < NumIrqs;
  assign err            = be != 4'b1111;

  always_comb begin
    prio_d      = prio_q;
    enable_d    = enable_q;
    threshold_d = threshold_q;
    pending_d   = pending_q;
    serving_d   = serving_q;
    rdata       = '0;

    for (int unsigned i = 1; i < NumIrqs; i++) begin
      if (irq_i[i] && !serving_q[i]) pending_d[i] = 1'b1;
    end

    if (req && !err) begin
      if (is_prio) begin
        rdata = 32'(prio_q[prio_id]);
        if (we) prio_d[prio_id] = wdata[PrioBits-1:0];
      end else begin
        unique case (offset)
          OffPending:         rdata = pending_q[31:0];
          OffPending + 26'd4: rdata = 32'(pending_q[NumIrqs-1:32]);
          OffEnable: begin
            rdata = enable_q[31:0];
            if (we) enable_d[31:0] = {wdata[31:1], 1'b0};
          end
          OffEnable + 26'd4: begin
            rdata = enable_q[63:32];
            if (we) enable_d[63:32] = 32'(wdata[NumIrqs-33:0]);
          end
          OffThreshold: begin
            rdata = 32'(threshold_q);
            if (we) threshold_d = wdata[PrioBits-1:0];
          end
          OffClaim: begin
            rdata = 32'(best_id);
            if (we) begin
              if (is_complete_id) serving_d[complete_id] = 1'b0;
            end else if (best_id != '0) begin
              pending_d[best_id] = 1'b0;
              serving_d[best_id] = 1'b1;
            end
          end
          default: ;
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      prio_q      <= '0;
      enable_q    <= '0;
      threshold_q <= '0;
      pending_q   <= '0;
      serving_q   <= '0;
    end else begin
      prio_q      <= prio_d;
      enable_q    <= enable_d;
      threshold_q <= threshold_d;
      pending_q   <= pending_d;
      serving_q   <= serving_d;
    end
  end

endmodule
