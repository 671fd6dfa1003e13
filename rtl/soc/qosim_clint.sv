// SPDX-License-Identifier: MIT
//
// Timer and software interrupt where QEMU's and SiFive's CLINT has them: msip at 0x0000, mtimecmp at 0x4000, mtime at
// 0xbff8. mtime counts once every TickCycles cycles and can be written. mtimecmp comes out of reset as all ones, so
// that no interrupt is pending. Only words can be accessed; other offsets read 0 and ignore writes.

module qosim_clint
  import qosim_soc_pkg::*;
#(
  parameter int unsigned TickCycles = 10
) (
  input  logic      clk_i,
  input  logic      rst_ni,
  input  axil_req_t axil_i,
  output axil_rsp_t axil_o,
  output logic      irq_software_o,
  output logic      irq_timer_o
);

  localparam logic [15:0] OffMsip      = 16'h0000;
  localparam logic [15:0] OffMtimecmp  = 16'h4000;
  localparam logic [15:0] OffMtimecmpH = 16'h4004;
  localparam logic [15:0] OffMtime     = 16'hbff8;
  localparam logic [15:0] OffMtimeH    = 16'hbffc;

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

  logic        msip_d, msip_q, irq_timer_q;
  logic [63:0] mtime_d, mtime_q, mtimecmp_d, mtimecmp_q;
  logic [31:0] tick_d, tick_q;
  assign err = be != 4'b1111;

  always_comb begin
    msip_d     = msip_q;
    mtimecmp_d = mtimecmp_q;
    mtime_d    = mtime_q;
    tick_d     = tick_q + 32'd1;
    rdata      = '0;
    if (tick_q == TickCycles - 32'd1) begin
      tick_d  = '0;
      mtime_d = mtime_q + 64'd1;
    end

    if (req && !err) begin
      unique case (addr[15:0])
        OffMsip: begin
          rdata = 32'(msip_q);
          if (we) msip_d = wdata[0];
        end
        OffMtimecmp: begin
          rdata = mtimecmp_q[31:0];
          if (we) mtimecmp_d[31:0] = wdata;
        end
        OffMtimecmpH: begin
          rdata = mtimecmp_q[63:32];
          if (we) mtimecmp_d[63:32] = wdata;
        end
        OffMtime: begin
          rdata = mtime_q[31:0];
          if (we) mtime_d[31:0] = wdata;
        end
        OffMtimeH: begin
          rdata = mtime_q[63:32];
          if (we) mtime_d[63:32] = wdata;
        end
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      msip_q      <= 1'b0;
      mtimecmp_q  <= '1;
      mtime_q     <= '0;
      tick_q      <= '0;
      irq_timer_q <= 1'b0;
    end else begin
      msip_q      <= msip_d;
      mtimecmp_q  <= mtimecmp_d;
      mtime_q     <= mtime_d;
      tick_q      <= tick_d;
      irq_timer_q <= mtime_d >= mtimecmp_d;
    end
  end

  assign irq_software_o = msip_q;
  assign irq_timer_o    = irq_timer_q;

endmodule
