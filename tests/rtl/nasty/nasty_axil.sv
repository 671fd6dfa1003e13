// SPDX-License-Identifier: MIT
//
// AXI4-Lite manager with legal but nasty timing: address and data of a write each in their own time, either many cycles before
// the other, several requests open, no idle cycle between them or long ones, responses that are taken late, READYs that go
// down just when VALID comes, noise where nothing is announced.

module nasty_axil
  import nasty_pkg::*;
#(
  parameter string       Name        = "axil",
  parameter int unsigned ErrorFrom   = 32'h800,  // offsets from here on are answered with an error
  parameter bit          ResetClears = 1'b1      // the registers
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        stop_i,        // no more requests
  output logic        idle_o,

  output logic        awvalid_o,
  input  logic        awready_i,
  output logic [31:0] awaddr_o,
  output logic        wvalid_o,
  input  logic        wready_i,
  output logic [31:0] wdata_o,
  output logic [3:0]  wstrb_o,
  input  logic        bvalid_i,
  output logic        bready_o,
  input  logic [1:0]  bresp_i,
  output logic        arvalid_o,
  input  logic        arready_i,
  output logic [31:0] araddr_o,
  input  logic        rvalid_i,
  output logic        rready_o,
  input  logic [31:0] rdata_i,
  input  logic [1:0]  rresp_i,

  output int          done_o,        // requests that were answered
  output int          situations_o   // kinds of nastiness that came about: SituationBWaits and so on, a bit each
);

  localparam int SituationBWaits    = 0;  // BREADY is late while a second write has begun
  localparam int SituationRWaits    = 1;  // RREADY is late while a second read waits
  localparam int SituationWLate     = 2;  // an address has been taken for long, and no data
  localparam int SituationAwLate    = 3;  // the other way round
  localparam int SituationAllAtOnce = 4;  // AW, W and AR are up in one cycle
  localparam int SituationBothWait  = 5;  // BREADY and RREADY are late in one cycle
  localparam int SituationReset     = 6;  // a reset finds more than two requests open

  typedef enum int {
    ThingAw,
    ThingW,
    ThingAr,
    ThingB,
    ThingR,
    ThingNext
  } thing_e;

  Scoreboard board = new(Name, ErrorFrom, 32'(ResetClears));

  mood_t    mood;
  int       gap[6];                        // cycles until each thing goes on
  request_t aw_todo[$], w_todo[$], b_open[$], ar_todo[$], r_open[$];
  int       aw_taken, w_taken, ar_taken;   // and not answered
  int       apart;                         // cycles for which one half of a write has been taken

  // What a READY is now, and whether it is up besides as long as there is nothing to take.
  logic b_now_q, b_tease_q, r_now_q, r_tease_q;
  assign bready_o = b_now_q || (b_tease_q && !bvalid_i);
  assign rready_o = r_now_q || (r_tease_q && !rvalid_i);

  function automatic void next_mood();
    mood.left = mood.left - 1;
    if (mood.left < 0) mood = new_mood();
  endfunction

  // One more request goes to its channels.
  function automatic void next_request();
    request_t request;
    if (gap[ThingNext] > 0) begin
      gap[ThingNext] = gap[ThingNext] - 1;
    end else if (!stop_i) begin
      request = new_request(ErrorFrom, 1'b1);
      if (request.write && b_open.size() < int'(MaxOpen)) begin
        request.version = board.begins(request);
        aw_todo.push_back(request);
        w_todo.push_back(request);
        b_open.push_back(request);
      end else if (!request.write && r_open.size() < int'(MaxOpen)) begin
        request.strb = 4'b1111;
        ar_todo.push_back(request);
        r_open.push_back(request);
      end
      gap[ThingNext] = delay(mood.pace[ThingNext]);
    end
  endfunction

  // Whether channel @thing, which has nothing up, begins with the next of its @waiting requests.
  function automatic bit starts(input thing_e thing, input int waiting);
    if (waiting == 0) return 1'b0;
    if (gap[thing] > 0) begin
      gap[thing] = gap[thing] - 1;
      return 1'b0;
    end
    gap[thing] = delay(mood.pace[thing]);
    return 1'b1;
  endfunction

  function automatic void answers();
    if (bvalid_i && bready_o && aw_taken > 0 && w_taken > 0) begin
      board.ends(b_open[0], b_open[0].data, bresp_i[1]);
      void'(b_open.pop_front());
      aw_taken--;
      w_taken--;
      gap[ThingB] = delay(mood.pace[ThingB]);
    end else if (bvalid_i && gap[ThingB] > 0) begin
      gap[ThingB] = gap[ThingB] - 1;
      situations_o[SituationBWaits] = situations_o[SituationBWaits] || aw_taken > 1 || w_taken > 1;
    end
    if (rvalid_i && rready_o && ar_taken > 0) begin
      board.ends(r_open[0], rdata_i, rresp_i[1]);
      void'(r_open.pop_front());
      ar_taken--;
      gap[ThingR] = delay(mood.pace[ThingR]);
    end else if (rvalid_i && gap[ThingR] > 0) begin
      gap[ThingR] = gap[ThingR] - 1;
      situations_o[SituationRWaits] = situations_o[SituationRWaits] || arvalid_o;
    end
  endfunction

  function automatic void note_situations();
    apart = aw_taken == w_taken ? 0 : apart + 1;
    if (apart > 8 && aw_taken > w_taken) situations_o[SituationWLate] = 1'b1;
    if (apart > 8 && w_taken > aw_taken) situations_o[SituationAwLate] = 1'b1;
    if (awvalid_o && wvalid_o && arvalid_o) situations_o[SituationAllAtOnce] = 1'b1;
    if (bvalid_i && rvalid_i && !bready_o && !rready_o) situations_o[SituationBothWait] = 1'b1;
  endfunction

  function automatic void let_go();
    if (b_open.size() + r_open.size() > 2) situations_o[SituationReset] = 1'b1;
    aw_todo.delete();
    w_todo.delete();
    b_open.delete();
    ar_todo.delete();
    r_open.delete();
    aw_taken = 0;
    w_taken  = 0;
    ar_taken = 0;
    for (int i = 0; i < 6; i++) gap[i] = 0;
    board.in_reset();
  endfunction

  initial begin
    situations_o = 0;
    mood         = new_mood();
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      let_go();
      awvalid_o <= 1'b0;
      wvalid_o  <= 1'b0;
      arvalid_o <= 1'b0;
    end else begin
      next_mood();
      note_situations();
      if (arvalid_o && arready_i) begin
        r_open[ar_taken].version = board.taken(r_open[ar_taken]);
        ar_taken++;
      end
      answers();
      if (awvalid_o && awready_i) aw_taken++;
      if (wvalid_o && wready_i) w_taken++;
      next_request();
      if (!awvalid_o || awready_i) begin
        awvalid_o <= 1'b0;
        awaddr_o  <= $urandom();
        if (starts(ThingAw, aw_todo.size())) begin
          awvalid_o <= 1'b1;
          awaddr_o  <= 32'(aw_todo[0].addr);
          void'(aw_todo.pop_front());
        end
      end
      if (!wvalid_o || wready_i) begin
        wvalid_o <= 1'b0;
        wdata_o  <= $urandom();
        wstrb_o  <= 4'($urandom());
        if (starts(ThingW, w_todo.size())) begin
          wvalid_o <= 1'b1;
          wdata_o  <= w_todo[0].data;
          wstrb_o  <= w_todo[0].strb;
          void'(w_todo.pop_front());
        end
      end
      if (!arvalid_o || arready_i) begin
        arvalid_o <= 1'b0;
        araddr_o  <= $urandom();
        if (starts(ThingAr, ar_todo.size())) begin
          arvalid_o <= 1'b1;
          araddr_o  <= 32'(ar_todo[0].addr);
          void'(ar_todo.pop_front());
        end
      end
    end
    b_now_q   <= gap[ThingB] == 0;
    r_now_q   <= gap[ThingR] == 0;
    b_tease_q <= mood.tease[ThingB];
    r_tease_q <= mood.tease[ThingR];
    idle_o    <= b_open.size() == 0 && r_open.size() == 0;
    done_o    <= board.reads + board.writes;
  end

endmodule
