// SPDX-License-Identifier: MIT
//
// TileLink-UL manager with legal but nasty timing: several requests open, each with a source of its own that changes from one
// to the next, all sizes and both kinds of Put, a request that waits for long, answers that are taken late, a D_READY that
// goes down just when D_VALID comes, noise where nothing is announced.

module nasty_tlul
  import nasty_pkg::*;
#(
  parameter int unsigned ErrorFrom = 32'h800
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        stop_i,
  output logic        idle_o,

  output logic        a_valid_o,
  input  logic        a_ready_i,
  output logic [2:0]  a_opcode_o,
  output logic [2:0]  a_param_o,
  output logic [1:0]  a_size_o,
  output logic [3:0]  a_source_o,
  output logic [31:0] a_address_o,
  output logic [3:0]  a_mask_o,
  output logic [31:0] a_data_o,
  output logic        a_corrupt_o,
  input  logic        d_valid_i,
  output logic        d_ready_o,
  input  logic [2:0]  d_opcode_i,
  input  logic [1:0]  d_size_i,
  input  logic [3:0]  d_source_i,
  input  logic        d_denied_i,
  input  logic [31:0] d_data_i,
  input  logic        d_corrupt_i,

  output int          done_o,
  output int          situations_o   // kinds of nastiness that came about, a bit each
);

  localparam int SituationWaits  = 0;  // a request that waits for long
  localparam int SituationSource = 1;  // the source changes
  localparam int SituationRow    = 2;  // many requests without a pause
  localparam int SituationReset  = 3;  // a reset with requests open

  Scoreboard board = new("tilelink", ErrorFrom, 1);

  mood_t       mood;
  int          gap, d_gap;
  int          waited, in_a_row, last_source;
  request_t    open[16];   // by source
  logic [15:0] up;         // on the bus or taken
  logic [15:0] taken;
  logic [1:0]  size[16];

  logic d_now_q, d_tease_q;
  assign d_ready_o = d_now_q || (d_tease_q && !d_valid_i);

  initial begin
    situations_o = 0;
    mood         = new_mood();
  end

  function automatic logic [3:0] free_source();
    logic [3:0] source;
    source = 4'(below(16));
    while (up[source]) source = source + 1'b1;
    return source;
  endfunction

  function automatic void answer();
    logic [3:0] source;
    source = d_source_i;
    if (!taken[source]) begin
      $display("# tilelink: an answer to source %0d, which waits for none", source);
      bus_rule_broken("tilelink_source");
    end else begin
      if (d_size_i != size[source] || d_opcode_i != (open[source].write ? 3'd0 : 3'd1)) bus_rule_broken("tilelink_answer");
      board.ends(open[source], open[source].write ? open[source].data : d_data_i,
                 d_denied_i || (!open[source].write && d_corrupt_i));
    end
    up[source]    = 1'b0;
    taken[source] = 1'b0;
  endfunction

  function automatic void take();
    if (a_valid_o && !a_ready_i) waited = waited + 1;
    if (!a_valid_o || !a_ready_i) return;
    taken[a_source_o] = 1'b1;
    open[a_source_o].version = board.taken(open[a_source_o]);
    if (waited > 8) situations_o[SituationWaits] = 1'b1;
    if (last_source != int'(a_source_o)) situations_o[SituationSource] = 1'b1;
    last_source = int'(a_source_o);
    waited      = 0;
  endfunction

  // Lanes that an aligned size covers, for a write whole or in part, for a read whole.
  function automatic void next_request();
    logic [3:0]  source;
    logic [1:0]  lane;
    request_t    request;
    logic        part;
    source  = free_source();
    request = new_request(ErrorFrom, 1'b0);
    part    = request.write && below(3) == 0;
    size[source] = below(3) == 0 ? 2'(below(3)) : 2'd2;
    lane         = 2'(below(4)) & ~2'((1 << size[source]) - 1);
    request.strb = 4'((1 << (1 << size[source])) - 1) << lane;
    if (part) request.strb = request.strb & 4'(below(16));
    request.version = board.begins(request);
    open[source] = request;
    up[source]   = 1'b1;
    a_valid_o   <= 1'b1;
    a_opcode_o  <= !request.write ? 3'd4 : part ? 3'd1 : 3'd0;
    a_param_o   <= '0;
    a_size_o    <= size[source];
    a_source_o  <= source;
    a_address_o <= 32'(request.addr) | 32'(lane);
    a_mask_o    <= request.strb;
    a_data_o    <= request.data;
    a_corrupt_o <= 1'b0;
  endfunction

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      if (taken != '0) situations_o[SituationReset] = 1'b1;
      up    = '0;
      taken = '0;
      board.in_reset();
      gap       = 0;
      d_gap     = 0;
      waited    = 0;
      a_valid_o <= 1'b0;
    end else begin
      mood.left = mood.left - 1;
      if (mood.left < 0) mood = new_mood();
      take();
      if (d_valid_i && d_ready_o) begin
        answer();
        d_gap = delay(mood.pace[1]);
      end else if (d_valid_i && d_gap > 0) begin
        d_gap = d_gap - 1;
      end
      if (!a_valid_o || a_ready_i) begin
        a_valid_o   <= 1'b0;
        a_opcode_o  <= 3'($urandom());
        a_param_o   <= 3'($urandom());
        a_size_o    <= 2'($urandom());
        a_source_o  <= 4'($urandom());
        a_address_o <= $urandom();
        a_mask_o    <= 4'($urandom());
        a_data_o    <= $urandom();
        a_corrupt_o <= 1'($urandom());
        in_a_row = gap == 0 ? in_a_row + 1 : 0;
        if (gap > 0) begin
          gap = gap - 1;
        end else if (!stop_i && $countones(up) < int'(MaxOpen)) begin
          if (in_a_row > 8) situations_o[SituationRow] = 1'b1;
          next_request();
          gap = delay(mood.pace[0]);
        end
      end
    end
    d_now_q   <= d_gap == 0;
    d_tease_q <= mood.tease[1];
    idle_o    <= up == '0;
    done_o    <= board.reads + board.writes;
  end

endmodule
