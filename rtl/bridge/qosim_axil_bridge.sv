// SPDX-License-Identifier: MIT
//
// AXI4-Lite subordinate whose registers live in a Qosim server. Every access is one call of the client library through
// DPI-C, done at a clock edge; the answer is on the bus in the next cycle, so the wait for the server costs wall-clock
// time but no simulated time.
//
// Writes: AW and W come in any order or together. The strobes tell which bytes: each run of strobed lanes is cut into
// naturally aligned pieces of 1, 2, 4 (or 8) bytes, which are written in lane order. A store of 0xff to 0x12 arrives as
// data 0x00ff0000, address 0x10 (or 0x12), strobes 0b0100 and becomes one write of 1 byte 0xff at 0x12; strobes 0b1101
// become 1 byte at +0, then 2 bytes at +2. All pieces are done; the response is that of the first that failed. Without
// a strobe there is no access, and the response is OKAY.
//
// Reads: AXI4-Lite has no read strobes, so a read is of the whole data width, unless the manager says less by
// s_axil_arsize_i (log2 of the bytes, as AXI4's ARSIZE): then exactly those bytes are read, and come in their lanes, the
// others zero. Tie it to log2(DataWidth / 8) when there is no such information.
//
// Responses: OKAY, SLVERR where the model refused, DECERR where nothing is. A lost server is SLVERR for ever, with one
// message; lost_o rises, and with StopOnLoss the simulation ends by $fatal.
//
// Order: reads and writes have channels of their own and wait for nothing of each other. They reach the server in the
// order in which they became complete (AW and W both taken; AR taken); of a write and a read that are ready in the same
// cycle the write goes first. A manager that must see its write in a read waits for the write's response, as on any AXI
// bus. Each channel holds one access that waits for the previous one's response to be taken.
//
// DMA: where the server's devices use RAM of the design, qosim_axil_dma of the same URL moves the bytes, and the access that
// made a device ask for them takes as many cycles as that takes. Until it is done no later access reaches the server, from
// this bridge or from another one of that URL; AW, W and AR are still taken, one of each.
//
// Bounds: a complete access is answered in the cycle after it was taken, or after the previous response of its
// channel was taken, unless it waits for DMA, which has bounds of its own. What the bridge has to wait for from its
// manager (W after AW, AW after W, BREADY, RREADY) is watched: after StallCycles cycles a message says what is missing, once
// per wait. 0 turns that off.

module qosim_axil_bridge
  import qosim_dpi_pkg::*;
#(
  parameter int unsigned AddrWidth   = 32,
  parameter int unsigned DataWidth   = 32,      // 32 or 64
  parameter int unsigned NumIrqs     = 32,      // up to 1024
  parameter logic [63:0] BaseAddr    = 64'h0,   // added to every address
  parameter int unsigned PollCycles  = 64,      // how often the server is asked for what it sent by itself; 0: never
  parameter int unsigned ClkPeriodPs = 10_000,  // for virtual time, which stands still in reset
  parameter int unsigned StallCycles = 100_000,
  parameter bit          StopOnLoss  = 1'b1,
  parameter string       UrlPlusarg  = "url",   // +url=tcp://127.0.0.1:5555
  parameter string       DefaultUrl  = "",      // without the plusarg; "": the plusarg must be there
  localparam int unsigned StrbWidth  = DataWidth / 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 s_axil_awvalid_i,
  output logic                 s_axil_awready_o,
  input  logic [AddrWidth-1:0] s_axil_awaddr_i,

  input  logic                 s_axil_wvalid_i,
  output logic                 s_axil_wready_o,
  input  logic [DataWidth-1:0] s_axil_wdata_i,
  input  logic [StrbWidth-1:0] s_axil_wstrb_i,

  output logic                 s_axil_bvalid_o,
  input  logic                 s_axil_bready_i,
  output logic [1:0]           s_axil_bresp_o,

  input  logic                 s_axil_arvalid_i,
  output logic                 s_axil_arready_o,
  input  logic [AddrWidth-1:0] s_axil_araddr_i,
  input  logic [1:0]           s_axil_arsize_i,  // not in AXI4-Lite, see above

  output logic                 s_axil_rvalid_o,
  input  logic                 s_axil_rready_i,
  output logic [DataWidth-1:0] s_axil_rdata_o,
  output logic [1:0]           s_axil_rresp_o,

  output logic [NumIrqs-1:0]   irq_o,   // levels of the machine's interrupt lines, line 0 in bit 0
  output logic                 lost_o   // the server could not be opened or is gone
);

  localparam int unsigned LaneBits = $clog2(StrbWidth);
  localparam int unsigned IrqWords = (NumIrqs + 31) / 32;

  // A write and a read on their way through the server, and the responses. Busy: taken from its slots, not yet done.
  // Issued: the server is at it.
  typedef struct packed {
    logic                 wr_busy;
    logic                 wr_issued;
    logic [AddrWidth-1:0] wr_addr;
    logic [DataWidth-1:0] wr_data;
    logic [StrbWidth-1:0] wr_strb;
    logic [LaneBits:0]    wr_lane;    // where the next piece is
    axi_resp_e            wr_resp;    // of the first piece that failed
    logic                 rd_busy;
    logic                 rd_issued;
    logic [AddrWidth-1:0] rd_addr;
    logic [1:0]           rd_size;
    logic                 b_valid;
    axi_resp_e            b_resp;
    logic                 r_valid;
    axi_resp_e            r_resp;
    logic [DataWidth-1:0] r_data;
  } served_t;

  // The connection, made once.
  int    handle;
  string url;

  initial begin
    if ($value$plusargs({UrlPlusarg, "=%s"}, url) == 0) url = DefaultUrl;
    handle = qosim_dpi_open(url);
  end

  final begin
    if (handle != 0) qosim_dpi_close(handle);
  end

  // Server's address of a lane of the word that holds an address.
  function automatic logic [63:0] server_addr(input logic [AddrWidth-1:0] addr, input int lane);
    return BaseAddr + ((64'(addr) >> LaneBits) << LaneBits) + 64'(lane);
  endfunction

  // Bytes of the largest aligned piece that begins at a lane; 0 where the lane is not strobed.
  function automatic int piece_at(input logic [StrbWidth-1:0] strb, input int lane);
    logic [StrbWidth-1:0] rest;
    rest = strb >> lane;
    if (!rest[0]) return 0;
    for (int size = int'(StrbWidth); size > 1; size = size / 2) begin
      if (lane % size == 0 && (~rest & StrbWidth'((1 << size) - 1)) == '0) return size;
    end
    return 1;
  endfunction

  // Goes on with the write, as far as it gets.
  function automatic served_t step_write(input served_t from);
    served_t         to;
    longint unsigned unused;
    int              code, size;
    to = from;
    while (int'(to.wr_lane) < int'(StrbWidth)) begin
      size = piece_at(to.wr_strb, int'(to.wr_lane));
      if (size == 0) begin
        to.wr_lane = to.wr_lane + 1'b1;
      end else begin
        if (to.wr_issued) code = qosim_dpi_resume(handle, unused);
        else code = qosim_dpi_write(handle, server_addr(to.wr_addr, int'(to.wr_lane)), size,
                                    64'(to.wr_data) >> (8 * int'(to.wr_lane)));
        to.wr_issued = code == int'(AccessPending);
        if (to.wr_issued) return to;
        if (to.wr_resp == AxiOkay) to.wr_resp = axi_resp_e'(2'(code));
        to.wr_lane = to.wr_lane + (LaneBits + 1)'(size);
      end
    end
    to.wr_busy = 1'b0;
    to.b_valid = 1'b1;
    to.b_resp  = to.wr_resp;
    return to;
  endfunction

  function automatic served_t step_read(input served_t from);
    served_t         to;
    longint unsigned data;
    int              code, size, lane;
    to   = from;
    size = 1 << to.rd_size;
    if (size > int'(StrbWidth)) size = int'(StrbWidth);
    lane = int'(to.rd_addr[LaneBits-1:0]) & ~(size - 1);
    if (to.rd_issued) code = qosim_dpi_resume(handle, data);
    else code = qosim_dpi_read(handle, server_addr(to.rd_addr, lane), size, data);
    to.rd_issued = code == int'(AccessPending);
    if (to.rd_issued) return to;
    to.rd_busy = 1'b0;
    to.r_valid = 1'b1;
    to.r_resp  = axi_resp_e'(2'(code));
    to.r_data  = DataWidth'(data << (8 * lane));
    return to;
  endfunction

  // What one cycle brings forward: first what the server is at, then the write, then the read.
  function automatic served_t serve(input served_t from);
    served_t to;
    to = from;
    if (to.rd_issued) to = step_read(to);
    if (to.wr_busy && !to.rd_issued) to = step_write(to);
    if (to.rd_busy && !to.rd_issued && !to.wr_busy) to = step_read(to);
    return to;
  endfunction

  function automatic logic [NumIrqs-1:0] irq_levels();
    logic [NumIrqs-1:0] levels;
    levels = '0;
    for (int i = 0; i < int'(IrqWords); i++) begin
      levels = levels | (NumIrqs'(qosim_dpi_irq_word(handle, i)) << (32 * i));
    end
    return levels;
  endfunction

  // One slot per request channel; an access leaves its slots when the one before is done and its response register is free.
  logic                 aw_full_q, w_full_q, ar_full_q;
  logic [AddrWidth-1:0] aw_addr_q, ar_addr_q;
  logic [DataWidth-1:0] w_data_q;
  logic [StrbWidth-1:0] w_strb_q;
  logic [1:0]           ar_size_q;
  logic                 take_write, take_read, do_poll_now;
  served_t              served_d, served_q;

  assign s_axil_bvalid_o = served_q.b_valid;
  assign s_axil_bresp_o  = served_q.b_resp;
  assign s_axil_rvalid_o = served_q.r_valid;
  assign s_axil_rresp_o  = served_q.r_resp;
  assign s_axil_rdata_o  = served_q.r_data;

  assign take_write = aw_full_q && w_full_q && !served_q.wr_busy && (!s_axil_bvalid_o || s_axil_bready_i);
  assign take_read  = ar_full_q && !served_q.rd_busy && (!s_axil_rvalid_o || s_axil_rready_i);

  assign s_axil_awready_o = !aw_full_q || take_write;
  assign s_axil_wready_o  = !w_full_q || take_write;
  assign s_axil_arready_o = !ar_full_q || take_read;

  // What the server's turn begins with.
  always_comb begin
    served_d = served_q;
    if (s_axil_bready_i) served_d.b_valid = 1'b0;
    if (s_axil_rready_i) served_d.r_valid = 1'b0;
    if (take_write) begin
      served_d.wr_busy = 1'b1;
      served_d.wr_addr = aw_addr_q;
      served_d.wr_data = w_data_q;
      served_d.wr_strb = w_strb_q;
      served_d.wr_lane = '0;
      served_d.wr_resp = AxiOkay;
    end
    if (take_read) begin
      served_d.rd_busy = 1'b1;
      served_d.rd_addr = ar_addr_q;
      served_d.rd_size = ar_size_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_full_q <= 1'b0;
      w_full_q  <= 1'b0;
      ar_full_q <= 1'b0;
      aw_addr_q <= '0;
      w_data_q  <= '0;
      w_strb_q  <= '0;
      ar_addr_q <= '0;
      ar_size_q <= '0;
    end else begin
      if (s_axil_awready_o) begin
        aw_full_q <= s_axil_awvalid_i;
        aw_addr_q <= s_axil_awaddr_i;
      end
      if (s_axil_wready_o) begin
        w_full_q <= s_axil_wvalid_i;
        w_data_q <= s_axil_wdata_i;
        w_strb_q <= s_axil_wstrb_i;
      end
      if (s_axil_arready_o) begin
        ar_full_q <= s_axil_arvalid_i;
        ar_addr_q <= s_axil_araddr_i;
        ar_size_q <= s_axil_arsize_i;
      end
    end
  end

  // Virtual time and polling. Time never goes back, so no reset clears it.
  logic [63:0] cycle_q;
  logic [31:0] poll_in_q;
  assign do_poll_now = PollCycles != 0 && poll_in_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      poll_in_q <= PollCycles;
    end else begin
      cycle_q   <= cycle_q + 64'd1;
      poll_in_q <= do_poll_now ? PollCycles - 32'd1 : poll_in_q - 32'd1;
    end
  end

  // The one place where the server is called: in a single process, so that the order of calls is the one stated above.
  // Each call's result goes to one variable: Verilator evaluates the right side of {a, b} <= f() twice.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      served_q <= '0;
      irq_o    <= '0;
      lost_o   <= 1'b0;
      qosim_dpi_reset(handle);
    end else begin
      served_q <= served_d;
      if (handle == 0) lost_o <= 1'b1;
      if (served_d.wr_busy || served_d.rd_busy || do_poll_now) begin
        qosim_dpi_set_time(handle, cycle_q * 64'(ClkPeriodPs) / 64'd1000);
        served_q <= serve(served_d);
        if (do_poll_now) void'(qosim_dpi_poll(handle));
        irq_o  <= irq_levels();
        lost_o <= qosim_dpi_lost(handle) != 0;
      end
    end
  end

  logic told_loss_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      told_loss_q <= 1'b0;
    end else begin
      told_loss_q <= lost_o;
      if (StopOnLoss && lost_o && !told_loss_q) $fatal(1, "%m has lost its server");
    end
  end

  // How long the manager has kept the bridge waiting.
  logic        waiting;
  logic [31:0] stall_q;
  assign waiting = (aw_full_q != w_full_q) || (s_axil_bvalid_o && !s_axil_bready_i) ||
                   (s_axil_rvalid_o && !s_axil_rready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                     stall_q <= '0;
    else if (!waiting)               stall_q <= '0;
    else if (stall_q <= StallCycles) stall_q <= stall_q + 32'd1;  // passes StallCycles once
  end

  function automatic string missing();
    string names;
    names = "";
    if (aw_full_q && !w_full_q) names = {names, " W"};
    if (w_full_q && !aw_full_q) names = {names, " AW"};
    if (s_axil_bvalid_o)        names = {names, " BREADY"};
    if (s_axil_rvalid_o)        names = {names, " RREADY"};
    return names;
  endfunction

  always_ff @(posedge clk_i) begin
    if (StallCycles != 0 && stall_q == StallCycles) begin
      $display("%m: waiting for the manager for %0d cycles, missing:%s", StallCycles, missing());
    end
  end

endmodule
