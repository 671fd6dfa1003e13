// SPDX-License-Identifier: MIT
//
// APB manager with legal but nasty timing: transfers back to back (PSEL stays, PENABLE goes down for the setup cycle) or far
// apart, noise where nothing is selected. The wait states are nasty_apb_waits's.

module nasty_apb
  import nasty_pkg::*;
#(
  parameter int unsigned ErrorFrom = 32'h800
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        stop_i,
  output logic        idle_o,

  output logic        psel_o,
  output logic        penable_o,
  output logic        pwrite_o,
  output logic [31:0] paddr_o,
  output logic [31:0] pwdata_o,
  output logic [3:0]  pstrb_o,
  input  logic        pready_i,
  input  logic [31:0] prdata_i,
  input  logic        pslverr_i,

  output int          done_o,
  output int          situations_o   // kinds of nastiness that came about, a bit each
);

  localparam int SituationWaits = 0;  // many wait states
  localparam int SituationRow   = 1;  // many transfers without an idle cycle
  localparam int SituationReset = 2;  // a reset in the access phase

  Scoreboard board = new("apb", ErrorFrom, 1);

  mood_t    mood;
  int       gap;
  int       waited, in_a_row;
  request_t request;

  initial begin
    situations_o = 0;
    mood         = new_mood();
  end

  function automatic void answer();
    board.ends(request, request.write ? request.data : prdata_i, pslverr_i);
    if (waited > 8) situations_o[SituationWaits] = 1'b1;
    if (in_a_row > 8) situations_o[SituationRow] = 1'b1;
    waited = 0;
    gap    = delay(mood.pace[0]);
  endfunction

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      if (psel_o && penable_o) situations_o[SituationReset] = 1'b1;
      board.in_reset();
      gap       = 0;
      waited    = 0;
      psel_o    <= 1'b0;
      penable_o <= 1'b0;
    end else begin
      mood.left = mood.left - 1;
      if (mood.left < 0) mood = new_mood();
      if (psel_o && !penable_o) begin
        penable_o <= 1'b1;
        request.version = board.taken(request);
      end else if (psel_o && !pready_i) begin
        waited = waited + 1;
      end else begin
        if (psel_o) answer();
        psel_o    <= 1'b0;
        penable_o <= 1'b0;
        pwrite_o  <= 1'($urandom());
        paddr_o   <= $urandom();
        pwdata_o  <= $urandom();
        pstrb_o   <= 4'($urandom());
        in_a_row  = gap == 0 ? in_a_row + 1 : 0;
        if (gap > 0) begin
          gap = gap - 1;
        end else if (!stop_i) begin
          request = new_request(ErrorFrom, 1'b1);
          if (!request.write) request.strb = 4'b1111;
          request.version = board.begins(request);
          psel_o    <= 1'b1;
          pwrite_o  <= request.write;
          paddr_o   <= 32'(request.addr);
          pwdata_o  <= request.data;
          pstrb_o   <= request.write ? request.strb : '0;
        end
      end
    end
    idle_o <= !psel_o;
    done_o <= board.reads + board.writes;
  end

endmodule
