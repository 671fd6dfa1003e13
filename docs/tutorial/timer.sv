// SPDX-License-Identifier: MIT
//
// A timer with three registers on APB. It counts the clocks in which tick_i is high, so that its time is somebody else's business and
// not that of the bus.
//
//   0x0 ctrl     bit 0 enable; bit 1 irq_enable; bit 8 expired, which writing 1 to it clears
//   0x4 count    one more with each tick while enabled; may be written
//   0x8 compare  when count arrives here, expired is set and count begins again at 0
//
// irq_o is high while irq_enable and expired are. Other addresses answer with an error.

module timer #(
  parameter bit Bug = 1'b0 // for the tutorial, which finds out what it is
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        tick_i,

  input  logic        psel_i,
  input  logic        penable_i,
  input  logic        pwrite_i,
  input  logic [31:0] paddr_i,
  input  logic [31:0] pwdata_i,
  input  logic [3:0]  pstrb_i,
  output logic        pready_o,
  output logic [31:0] prdata_o,
  output logic        pslverr_o,

  output logic        irq_o
);

  localparam logic [31:0] Ctrl = 32'h0, Count = 32'h4, Compare = 32'h8;

  logic        enable, irq_enable, expired;
  logic [31:0] count, compare, wmask;
  logic        write;

  assign wmask = {{8{pstrb_i[3]}}, {8{pstrb_i[2]}}, {8{pstrb_i[1]}}, {8{pstrb_i[0]}}};
  assign write = psel_i && penable_i && pwrite_i;

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] value, input logic [31:0] mask);
    return (old & ~mask) | (value & mask);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {enable, irq_enable, expired} <= '0;
      count   <= '0;
      compare <= '1;
    end else begin
      if (tick_i && enable) begin
        if (count == compare) begin
          count   <= '0;
          expired <= 1'b1;
        end else begin
          count <= count + 1;
        end
      end
      if (write && paddr_i == Ctrl) begin
        if (pstrb_i[0]) {irq_enable, enable} <= pwdata_i[1:0];
        if (Bug ? |(pwdata_i & wmask) : (pwdata_i[8] && pstrb_i[1])) expired <= 1'b0;
      end
      if (write && paddr_i == Count)   count   <= merge(count, pwdata_i, wmask);
      if (write && paddr_i == Compare) compare <= merge(compare, pwdata_i, wmask);
    end
  end

  always_comb begin
    unique case (paddr_i)
      Ctrl:    prdata_o = {23'b0, expired, 6'b0, irq_enable, enable};
      Count:   prdata_o = count;
      Compare: prdata_o = compare;
      default: prdata_o = '0;
    endcase
  end

  assign pready_o  = 1'b1;
  assign pslverr_o = psel_i && penable_i && !(paddr_i inside {Ctrl, Count, Compare});
  assign irq_o     = expired && irq_enable;

endmodule
