// SPDX-License-Identifier: MIT
//
// What the nasty managers have in common: a scoreboard for the registers of a sifive_gpio with 32 pins, and moods, which say
// for a while how long everything takes. They know the buses and the registers from the manuals and share nothing with the
// drivers in cosim/bfm.

package nasty_pkg;

  import "DPI-C" function void bus_rule_broken(input string rule);

  // So many requests a manager has open at most.
  localparam int unsigned MaxOpen = 4;

  // Cycles to wait before something.
  typedef enum logic [1:0] {
    PaceNone,
    PaceShort,
    PaceLong,
    PaceMixed
  } pace_e;

  // One pace for each of up to six things that a manager does, drawn anew every few hundred cycles.
  typedef struct packed {
    pace_e [5:0] pace;
    logic  [5:0] tease;  // a READY that waits is up until its VALID comes, and goes down then
    int          left;   // cycles until the next mood
  } mood_t;

  function automatic int unsigned below(input int unsigned limit);
    return $urandom_range(limit - 1, 0);
  endfunction

  function automatic mood_t new_mood();
    mood_t mood;
    for (int i = 0; i < 6; i++) mood.pace[i] = pace_e'(2'(below(4)));
    mood.tease = 6'($urandom());
    mood.left  = int'(50 + below(400));
    return mood;
  endfunction

  function automatic int delay(input pace_e pace);
    case (pace)
      PaceNone:  return 0;
      PaceShort: return int'(below(4));
      PaceLong:  return int'(10 + below(30));
      default:   return below(3) == 0 ? int'(below(12)) : 0;
    endcase
  endfunction

  typedef struct packed {
    logic        write;
    logic [11:0] addr;     // of a word
    logic [31:0] data;
    logic [3:0]  strb;     // of a write; of a read the bytes that are asked for
    int          version;  // of a write: how many to its register began before; of a read: how many it must have seen
  } request_t;

  // Registers mostly, some offsets behind them, some where the bus answers with an error.
  function automatic request_t new_request(input int unsigned error_from, input bit partial);
    request_t request;
    request.write = below(100) < 55;
    case (below(16))
      0:       request.addr = 12'(below(64) * 4);
      1:       request.addr = 12'(error_from + below(16) * 4);
      default: request.addr = 12'(below(17) * 4);
    endcase
    request.data = below(4) == 0 ? {32{1'(below(2))}} : $urandom();
    request.strb    = partial && below(4) == 0 ? 4'(below(16)) : 4'b1111;
    request.version = 0;
    return request;
  endfunction

  // Which values a read may give. A write takes effect at some time between its request and its response, so a read that
  // overlaps with writes may see any of theirs, but nothing older than what was answered when the read was taken.
  class Scoreboard;
    localparam int Words = 17;
    localparam int Depth = 64;

    string       bus;
    int unsigned error_from;
    bit          reset_clears;     // the registers
    logic [31:0] value[Words][Depth];
    int          begun[Words];     // writes
    int          answered[Words];  // the last of them that was
    int          reads;
    int          writes;

    function new(input string bus_, input int unsigned error_from_, input int unsigned reset_clears_);
      bus          = bus_;
      error_from   = error_from_;
      reset_clears = reset_clears_ != 0;
      reads        = 0;
      writes       = 0;
      clear();
    endfunction

    function void clear();
      for (int i = 0; i < Words; i++) begin
        value[i][0] = '0;
        begun[i]    = 0;
        answered[i] = 0;
      end
    endfunction

    // What was open when the reset came may have been done or not.
    function void in_reset();
      if (reset_clears) clear();
    endfunction

    function void complain(input string what, input request_t request, input logic [31:0] data);
      $display("# %s: %s 0x%03x, data 0x%08x, strobes %b: %s", bus, request.write ? "write" : "read", request.addr, data,
               request.strb, what);
      bus_rule_broken({bus, "_answer"});
    endfunction

    // input_val and the pending registers have a life of their own.
    function bit is_stored(input logic [11:0] addr);
      return addr <= 12'h040 && !(addr inside {12'h000, 12'h01c, 12'h024, 12'h02c, 12'h034});
    endfunction

    // A field takes all of its bytes or none.
    function bit changes(input request_t request);
      return request.write && is_stored(request.addr) && request.strb == 4'b1111;
    endfunction

    function int word_of(input request_t request);
      return int'(request.addr[11:2]);
    endfunction

    // A request begins, and goes on with the version that this returns.
    function int begins(input request_t request);
      int word;
      word = word_of(request);
      if (!changes(request)) return 0;
      begun[word]                      = begun[word] + 1;
      value[word][begun[word] % Depth] = request.data;
      return begun[word];
    endfunction

    // The other side has taken it, and it goes on with this version: a read may not be older than what was answered.
    function int taken(input request_t request);
      if (request.write || !is_stored(request.addr)) return request.version;
      return answered[word_of(request)];
    endfunction

    function bit may_be(input request_t request, input logic [31:0] data);
      int          word;
      logic [31:0] lanes;
      word = word_of(request);
      for (int i = 0; i < 4; i++) lanes[8*i +: 8] = {8{request.strb[i]}};
      if (request.addr > 12'h040) return (data & lanes) == '0;
      if (!is_stored(request.addr) || begun[word] - request.version >= Depth) return 1'b1;
      for (int i = request.version; i <= begun[word]; i++) begin
        if ((data & lanes) == (value[word][i % Depth] & lanes)) return 1'b1;
      end
      return 1'b0;
    endfunction

    function void ends(input request_t request, input logic [31:0] data, input bit error);
      bit wrong;
      wrong = 32'(request.addr) >= error_from;
      if (request.write) writes++;
      else reads++;
      // A write of nothing may be refused or not: there is nothing that could be lost.
      if (error != wrong && !(request.write && request.strb == '0)) complain(error ? "refused" : "not refused", request, data);
      if (changes(request)) answered[word_of(request)] = request.version;
      if (!request.write && !wrong && !error && !may_be(request, data)) complain("never written", request, data);
    endfunction
  endclass

endpackage
