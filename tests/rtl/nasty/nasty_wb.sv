// SPDX-License-Identifier: MIT
//
// Pipelined Wishbone manager with legal but nasty timing: strobes back to back over reads and writes, several requests open,
// pauses with CYC up and down, a request that is stalled for long, noise where there is no strobe.

module nasty_wb
  import nasty_pkg::*;
#(
  parameter int unsigned ErrorFrom = 32'h800
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        stop_i,
  output logic        idle_o,

  output logic        cyc_o,
  output logic        stb_o,
  input  logic        stall_i,
  output logic        we_o,
  output logic [31:0] adr_o,
  output logic [31:0] dat_o,
  output logic [3:0]  sel_o,
  input  logic        ack_i,
  input  logic        err_i,
  input  logic [31:0] dat_i,

  output int          done_o,
  output int          situations_o   // kinds of nastiness that came about, a bit each
);

  localparam int SituationStall = 0;  // a request that is stalled for long
  localparam int SituationRow   = 1;  // many requests without a pause
  localparam int SituationPause = 2;  // CYC stays up with nothing on the way
  localparam int SituationReset = 3;  // a reset with requests open

  Scoreboard board = new("wishbone", ErrorFrom, 1);

  mood_t    mood;
  int       gap;
  int       stalled, in_a_row;
  request_t now;        // on the bus
  request_t open[$];    // taken

  initial begin
    situations_o = 0;
    mood         = new_mood();
  end

  function automatic void take();
    if (stb_o && stall_i) stalled = stalled + 1;
    if (!stb_o || stall_i) return;
    now.version = board.taken(now);
    open.push_back(now);
    if (stalled > 8) situations_o[SituationStall] = 1'b1;
    stalled = 0;
  endfunction

  function automatic void answer();
    if (!(ack_i || err_i) || open.size() == 0) return;
    board.ends(open[0], open[0].write ? open[0].data : dat_i, err_i);
    void'(open.pop_front());
  endfunction

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      if (open.size() > 0) situations_o[SituationReset] = 1'b1;
      open.delete();
      board.in_reset();
      gap     = 0;
      stalled = 0;
      cyc_o   <= 1'b0;
      stb_o   <= 1'b0;
    end else begin
      mood.left = mood.left - 1;
      if (mood.left < 0) mood = new_mood();
      take();
      answer();
      if (!stb_o || !stall_i) begin
        // CYC stays while an answer is due; whether it stays without one is a matter of mood.
        stb_o <= 1'b0;
        cyc_o <= open.size() > 0 || (cyc_o && mood.tease[0]);
        we_o  <= 1'($urandom());
        adr_o <= $urandom();
        dat_o <= $urandom();
        sel_o <= 4'($urandom());
        if (cyc_o && open.size() == 0 && mood.tease[0]) situations_o[SituationPause] = 1'b1;
        in_a_row = gap == 0 ? in_a_row + 1 : 0;
        if (gap > 0) begin
          gap = gap - 1;
        end else if (!stop_i && open.size() < int'(MaxOpen)) begin
          if (in_a_row > 8) situations_o[SituationRow] = 1'b1;
          now = new_request(ErrorFrom, 1'b1);
          now.version = board.begins(now);
          stb_o <= 1'b1;
          cyc_o <= 1'b1;
          we_o  <= now.write;
          adr_o <= 32'(now.addr);
          dat_o <= now.data;
          sel_o <= now.strb;
          gap   = delay(mood.pace[0]);
        end
      end
    end
    idle_o <= open.size() == 0 && !stb_o;
    done_o <= board.reads + board.writes;
  end

endmodule
