// SPDX-License-Identifier: MIT
//
// AXI4-Lite manager that moves what the devices of a Qosim server want from and to RAM of the design. It belongs to the bridge
// with the same URL, whose session it uses; that machine's RAM must be the design's (ram-home=client). One module serves all
// bridges of that URL. It needs a way to the RAM that is free while an access waits at a bridge: a port of the RAM, or an
// arbiter that no access to the bridge holds.
//
// A transfer (up to 64 KiB, any start, any length) becomes beats in rising order, one at a time: writes with the strobes of
// their bytes, reads of whole words. The first response that is not OKAY ends it: SLVERR and DECERR become the device's bus
// error, with a message. So does a transfer that is not all inside MemBase and MemSize; no beat of it is seen.
//
// A beat that is not answered within TimeoutCycles fails its transfer. The bus keeps its valids, as AXI wants it; until the
// answer comes after all, and is thrown away, all further DMA fails at once.
//
// busy_o is high from a transfer's first beat to its last; no cycle without it lies between the transfers of one access.
//
// Reset fails what is under way, and DMA until it is over.

module qosim_axil_dma
  import qosim_dpi_pkg::*;
#(
  parameter int unsigned AddrWidth     = 32,
  parameter int unsigned DataWidth     = 32,      // 32 or 64
  parameter logic [63:0] MemBase       = 64'h0,   // the RAM on this bus and on the machine's; checked against its map
  parameter logic [63:0] MemSize       = 64'h0,   // in bytes; 0: all addresses of this bus, no check
  parameter int unsigned TimeoutCycles = 10_000,
  parameter string       UrlPlusarg    = "url",   // as the bridge's
  parameter string       DefaultUrl    = "",
  localparam int unsigned StrbWidth    = DataWidth / 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  output logic                 m_axil_awvalid_o,
  input  logic                 m_axil_awready_i,
  output logic [AddrWidth-1:0] m_axil_awaddr_o,

  output logic                 m_axil_wvalid_o,
  input  logic                 m_axil_wready_i,
  output logic [DataWidth-1:0] m_axil_wdata_o,
  output logic [StrbWidth-1:0] m_axil_wstrb_o,

  input  logic                 m_axil_bvalid_i,
  output logic                 m_axil_bready_o,
  input  logic [1:0]           m_axil_bresp_i,

  output logic                 m_axil_arvalid_o,
  input  logic                 m_axil_arready_i,
  output logic [AddrWidth-1:0] m_axil_araddr_o,

  input  logic                 m_axil_rvalid_i,
  output logic                 m_axil_rready_o,
  input  logic [DataWidth-1:0] m_axil_rdata_i,
  input  logic [1:0]           m_axil_rresp_i,

  output logic                 busy_o   // a transfer is under way, and so perhaps an access waits at a bridge
);

  typedef struct packed {
    dma_beat_e            kind;
    logic                 aw_valid;  // still to be taken
    logic                 w_valid;
    logic                 ar_valid;
    logic [AddrWidth-1:0] addr;
    logic [DataWidth-1:0] data;
    logic [StrbWidth-1:0] strb;
  } beat_t;

  // The port is opened at the first clock edge: then the bridge has its session.
  int   handle_q;
  logic tried_q;
  always_ff @(posedge clk_i) begin
    if (!tried_q) begin
      tried_q  <= 1'b1;
      handle_q <= open_port();
    end
  end

  function automatic int open_port();
    string url;
    if ($value$plusargs({UrlPlusarg, "=%s"}, url) == 0) url = DefaultUrl;
    return qosim_dpi_dma_open(url, MemBase, MemSize, int'(AddrWidth));
  endfunction

  final begin
    if (handle_q != 0) qosim_dpi_close(handle_q);
  end

  function automatic beat_t next_beat();
    // verilator lint_off UNUSEDSIGNAL
    longint unsigned addr, data;  // wider than this bus
    int unsigned     strb;
    // verilator lint_on UNUSEDSIGNAL
    beat_t           beat;
    beat.kind     = dma_beat_e'(2'(qosim_dpi_dma_next(handle_q, int'(StrbWidth), addr, data, strb)));
    beat.aw_valid = beat.kind == DmaWrite;
    beat.w_valid  = beat.kind == DmaWrite;
    beat.ar_valid = beat.kind == DmaRead;
    beat.addr     = AddrWidth'(addr);
    beat.data     = DataWidth'(data);
    beat.strb     = StrbWidth'(strb);
    return beat;
  endfunction

  function automatic beat_t beat_after(input axi_resp_e resp, input logic [DataWidth-1:0] data);
    qosim_dpi_dma_done(handle_q, int'(resp), 64'(data));
    return next_beat();
  endfunction

  beat_t       beat_d, beat_q;
  logic        stuck_q;
  logic [31:0] wait_q;
  logic        idle, answered, timed_out;

  assign idle      = beat_q.kind == DmaNone;
  assign answered  = (m_axil_bvalid_i && m_axil_bready_o) || (m_axil_rvalid_i && m_axil_rready_o);
  assign timed_out = !idle && !stuck_q && !answered && wait_q == TimeoutCycles;

  always_comb begin
    beat_d = beat_q;
    if (m_axil_awready_i) beat_d.aw_valid = 1'b0;
    if (m_axil_wready_i)  beat_d.w_valid  = 1'b0;
    if (m_axil_arready_i) beat_d.ar_valid = 1'b0;
    if (answered)         beat_d.kind     = DmaNone;
  end

  // The one place where the server's side is called.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      stuck_q <= 1'b0;
      wait_q  <= '0;
      qosim_dpi_dma_reset(handle_q);
    end else begin
      beat_q <= beat_d;
      wait_q <= (idle || answered) ? '0 : wait_q + 32'd1;
      if (stuck_q || timed_out) begin
        stuck_q <= !answered;
        qosim_dpi_dma_done(handle_q, int'(DmaTimeout), 64'd0);  // fails what is wanted, now and until the answer
      end else if (answered) begin
        beat_q <= beat_after((beat_q.kind == DmaWrite) ? axi_resp_e'(m_axil_bresp_i) : axi_resp_e'(m_axil_rresp_i),
                             m_axil_rdata_i);
      end else if (idle && handle_q != 0) begin
        beat_q <= next_beat();
      end
    end
  end

  assign m_axil_awvalid_o = beat_q.aw_valid;
  assign m_axil_awaddr_o  = beat_q.addr;
  assign m_axil_wvalid_o  = beat_q.w_valid;
  assign m_axil_wdata_o   = beat_q.data;
  assign m_axil_wstrb_o   = beat_q.strb;
  assign m_axil_bready_o  = beat_q.kind == DmaWrite && !beat_q.aw_valid && !beat_q.w_valid;
  assign m_axil_arvalid_o = beat_q.ar_valid;
  assign m_axil_araddr_o  = beat_q.addr;
  assign m_axil_rready_o  = beat_q.kind == DmaRead && !beat_q.ar_valid;
  assign busy_o           = !idle && !stuck_q;

endmodule
