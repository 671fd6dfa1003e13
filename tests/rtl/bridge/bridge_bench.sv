// SPDX-License-Identifier: MIT
//
// Two bridges, each on a bus of its own that the C++ side drives: bus 0 is 32 bits wide, bus 1 is 64 bits wide and
// sits 4 GiB higher in the server's address space. Two DMA ports, whose memory is on the C++ side, too: 32 and 64 bits wide,
// their buses have the numbers 2 and 3 to the checkers. fault_i breaks what bus 0's subordinate answers and what bus 2's
// manager asks, so that the checkers can be seen to notice.

module bridge_bench (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [4:0]       fault_i,

  input  logic [1:0]       awvalid_i,
  output logic [1:0]       awready_o,
  input  logic [1:0][31:0] awaddr_i,
  input  logic [1:0]       wvalid_i,
  output logic [1:0]       wready_o,
  input  logic [1:0][63:0] wdata_i,
  input  logic [1:0][7:0]  wstrb_i,
  output logic [1:0]       bvalid_o,
  input  logic [1:0]       bready_i,
  output logic [1:0][1:0]  bresp_o,
  input  logic [1:0]       arvalid_i,
  output logic [1:0]       arready_o,
  input  logic [1:0][31:0] araddr_i,
  input  logic [1:0][1:0]  arsize_i,
  output logic [1:0]       rvalid_o,
  input  logic [1:0]       rready_i,
  output logic [1:0][63:0] rdata_o,
  output logic [1:0][1:0]  rresp_o,

  output logic [1:0][52:0] irq_o,
  output logic [1:0]       lost_o,

  output logic [1:0]       m_awvalid_o,
  input  logic [1:0]       m_awready_i,
  output logic [1:0][31:0] m_awaddr_o,
  output logic [1:0]       m_wvalid_o,
  input  logic [1:0]       m_wready_i,
  output logic [1:0][63:0] m_wdata_o,
  output logic [1:0][7:0]  m_wstrb_o,
  input  logic [1:0]       m_bvalid_i,
  output logic [1:0]       m_bready_o,
  input  logic [1:0][1:0]  m_bresp_i,
  output logic [1:0]       m_arvalid_o,
  input  logic [1:0]       m_arready_i,
  output logic [1:0][31:0] m_araddr_o,
  input  logic [1:0]       m_rvalid_i,
  output logic [1:0]       m_rready_o,
  input  logic [1:0][63:0] m_rdata_i,
  input  logic [1:0][1:0]  m_rresp_i,
  output logic [1:0]       m_busy_o
);

  localparam int unsigned PollCycles       = 32;
  localparam int unsigned DmaTimeoutCycles = 200;

  typedef enum logic [4:0] {
    FaultNone,
    FaultBDrop,
    FaultBRespChanges,
    FaultRDrop,
    FaultRDataChanges,
    FaultBUnasked,
    FaultRUnasked,
    FaultBNever,
    FaultRNever,
    FaultBExOkay,
    FaultRExOkay,
    FaultAwNever,
    FaultWNever,
    FaultArNever,
    FaultRInReset,
    FaultMAwDrop,
    FaultMAwChanges,
    FaultMWDrop,
    FaultMWChanges,
    FaultMArDrop,
    FaultMArChanges,
    FaultMValidInReset,
    FaultMUnaligned,
    FaultMNoStrobe,
    FaultMStrobeGap,
    FaultMBNeverTaken,
    FaultMRNeverTaken,
    FaultMTwoAtOnce,
    FaultMNotBusy
  } fault_e;

  fault_e      fault;
  logic        toggle_q;
  logic        awready, wready, bvalid, arready, rvalid;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata;
  assign fault = fault_e'(fault_i);
  always_ff @(posedge clk_i) toggle_q <= !toggle_q;

  qosim_axil_bridge #(
    .NumIrqs    (53),
    .PollCycles (PollCycles),
    .StallCycles(200),
    .StopOnLoss (1'b0)
  ) u_bridge0 (
    .clk_i,
    .rst_ni,
    .s_axil_awvalid_i(awvalid_i[0] && fault != FaultAwNever),
    .s_axil_awready_o(awready),
    .s_axil_awaddr_i (awaddr_i[0]),
    .s_axil_wvalid_i (wvalid_i[0] && fault != FaultWNever),
    .s_axil_wready_o (wready),
    .s_axil_wdata_i  (wdata_i[0][31:0]),
    .s_axil_wstrb_i  (wstrb_i[0][3:0]),
    .s_axil_bvalid_o (bvalid),
    .s_axil_bready_i (bready_i[0]),
    .s_axil_bresp_o  (bresp),
    .s_axil_arvalid_i(arvalid_i[0] && fault != FaultArNever),
    .s_axil_arready_o(arready),
    .s_axil_araddr_i (araddr_i[0]),
    .s_axil_arsize_i (arsize_i[0]),
    .s_axil_rvalid_o (rvalid),
    .s_axil_rready_i (rready_i[0]),
    .s_axil_rdata_o  (rdata),
    .s_axil_rresp_o  (rresp),
    .irq_o           (irq_o[0]),
    .lost_o          (lost_o[0])
  );

  always_comb begin
    awready_o[0] = awready && fault != FaultAwNever;
    wready_o[0]  = wready && fault != FaultWNever;
    arready_o[0] = arready && fault != FaultArNever;
    bvalid_o[0]  = bvalid;
    bresp_o[0]   = bresp;
    rvalid_o[0]  = rvalid;
    rresp_o[0]   = rresp;
    rdata_o[0]   = {32'b0, rdata};
    unique case (fault)
      FaultBDrop:        bvalid_o[0] = bvalid && toggle_q;
      FaultBRespChanges: bresp_o[0]  = {toggle_q, 1'b0};
      FaultRDrop:        rvalid_o[0] = rvalid && toggle_q;
      FaultRDataChanges: rdata_o[0]  = {63'b0, toggle_q};
      FaultBUnasked:     bvalid_o[0] = 1'b1;
      FaultRUnasked:     rvalid_o[0] = 1'b1;
      FaultBNever:       bvalid_o[0] = 1'b0;
      FaultRNever:       rvalid_o[0] = 1'b0;
      FaultBExOkay:      bresp_o[0]  = 2'b01;
      FaultRExOkay:      rresp_o[0]  = 2'b01;
      FaultRInReset:     rvalid_o[0] = rvalid || !rst_ni;
      default: ;
    endcase
  end

  qosim_axil_bridge #(
    .DataWidth  (64),
    .BaseAddr   (64'h1_0000_0000),
    .NumIrqs    (53),
    .PollCycles (PollCycles),
    .StallCycles(0),
    .UrlPlusarg ("url1")
  ) u_bridge1 (
    .clk_i,
    .rst_ni,
    .s_axil_awvalid_i(awvalid_i[1]),
    .s_axil_awready_o(awready_o[1]),
    .s_axil_awaddr_i (awaddr_i[1]),
    .s_axil_wvalid_i (wvalid_i[1]),
    .s_axil_wready_o (wready_o[1]),
    .s_axil_wdata_i  (wdata_i[1]),
    .s_axil_wstrb_i  (wstrb_i[1]),
    .s_axil_bvalid_o (bvalid_o[1]),
    .s_axil_bready_i (bready_i[1]),
    .s_axil_bresp_o  (bresp_o[1]),
    .s_axil_arvalid_i(arvalid_i[1]),
    .s_axil_arready_o(arready_o[1]),
    .s_axil_araddr_i (araddr_i[1]),
    .s_axil_arsize_i (arsize_i[1]),
    .s_axil_rvalid_o (rvalid_o[1]),
    .s_axil_rready_i (rready_i[1]),
    .s_axil_rdata_o  (rdata_o[1]),
    .s_axil_rresp_o  (rresp_o[1]),
    .irq_o           (irq_o[1]),
    .lost_o          (lost_o[1])
  );

  logic        awvalid, wvalid, bready, arvalid, rready, busy;
  logic [31:0] awaddr, wdata, araddr;
  logic [3:0]  wstrb;

  qosim_axil_dma #(
    .MemBase      (64'h8000_0000),
    .MemSize      (64'h0001_0000),
    .TimeoutCycles(DmaTimeoutCycles),
    .UrlPlusarg   ("dma0")
  ) u_dma0 (
    .clk_i,
    .rst_ni,
    .m_axil_awvalid_o(awvalid),
    .m_axil_awready_i(m_awready_i[0]),
    .m_axil_awaddr_o (awaddr),
    .m_axil_wvalid_o (wvalid),
    .m_axil_wready_i (m_wready_i[0]),
    .m_axil_wdata_o  (wdata),
    .m_axil_wstrb_o  (wstrb),
    .m_axil_bvalid_i (m_bvalid_i[0]),
    .m_axil_bready_o (bready),
    .m_axil_bresp_i  (m_bresp_i[0]),
    .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(m_arready_i[0]),
    .m_axil_araddr_o (araddr),
    .m_axil_rvalid_i (m_rvalid_i[0]),
    .m_axil_rready_o (rready),
    .m_axil_rdata_i  (m_rdata_i[0][31:0]),
    .m_axil_rresp_i  (m_rresp_i[0]),
    .busy_o          (busy)
  );

  always_comb begin
    m_awvalid_o[0] = awvalid;
    m_awaddr_o[0]  = awaddr;
    m_wvalid_o[0]  = wvalid;
    m_wdata_o[0]   = {32'b0, wdata};
    m_wstrb_o[0]   = {4'b0, wstrb};
    m_bready_o[0]  = bready;
    m_arvalid_o[0] = arvalid;
    m_araddr_o[0]  = araddr;
    m_rready_o[0]  = rready;
    m_busy_o[0]    = busy;
    unique case (fault)
      FaultMAwDrop:       m_awvalid_o[0] = awvalid && toggle_q;
      FaultMAwChanges:    m_awaddr_o[0]  = {awaddr[31:3], toggle_q, awaddr[1:0]};
      FaultMWDrop:        m_wvalid_o[0]  = wvalid && toggle_q;
      FaultMWChanges:     m_wdata_o[0]   = {63'b0, toggle_q};
      FaultMArDrop:       m_arvalid_o[0] = arvalid && toggle_q;
      FaultMArChanges:    m_araddr_o[0]  = {araddr[31:3], toggle_q, araddr[1:0]};
      FaultMValidInReset: m_arvalid_o[0] = arvalid || !rst_ni;
      FaultMUnaligned:    m_araddr_o[0]  = araddr | 32'd1;
      FaultMNoStrobe:     m_wstrb_o[0]   = '0;
      FaultMStrobeGap:    m_wstrb_o[0]   = 8'b0000_1101;
      FaultMBNeverTaken:  m_bready_o[0]  = 1'b0;
      FaultMRNeverTaken:  m_rready_o[0]  = 1'b0;
      FaultMTwoAtOnce:    m_arvalid_o[0] = arvalid || awvalid;
      FaultMNotBusy:      m_busy_o[0]    = 1'b0;
      default: ;
    endcase
  end

  qosim_axil_dma #(
    .DataWidth    (64),
    .TimeoutCycles(DmaTimeoutCycles),
    .UrlPlusarg   ("dma1")
  ) u_dma1 (
    .clk_i,
    .rst_ni,
    .m_axil_awvalid_o(m_awvalid_o[1]),
    .m_axil_awready_i(m_awready_i[1]),
    .m_axil_awaddr_o (m_awaddr_o[1]),
    .m_axil_wvalid_o (m_wvalid_o[1]),
    .m_axil_wready_i (m_wready_i[1]),
    .m_axil_wdata_o  (m_wdata_o[1]),
    .m_axil_wstrb_o  (m_wstrb_o[1]),
    .m_axil_bvalid_i (m_bvalid_i[1]),
    .m_axil_bready_o (m_bready_o[1]),
    .m_axil_bresp_i  (m_bresp_i[1]),
    .m_axil_arvalid_o(m_arvalid_o[1]),
    .m_axil_arready_i(m_arready_i[1]),
    .m_axil_araddr_o (m_araddr_o[1]),
    .m_axil_rvalid_i (m_rvalid_i[1]),
    .m_axil_rready_o (m_rready_o[1]),
    .m_axil_rdata_i  (m_rdata_i[1]),
    .m_axil_rresp_i  (m_rresp_i[1]),
    .busy_o          (m_busy_o[1])
  );

  for (genvar i = 0; i < 2; i++) begin : gen_dma_checker
    axil_checker #(
      .Bus        (i + 2),
      .DataWidth  (64),
      .MaxAccept  (DmaTimeoutCycles / 2),
      .MaxResponse(DmaTimeoutCycles / 2)
    ) u_checker (
      .clk_i,
      .rst_ni,
      .hold_i   (1'b0),
      .awvalid_i(m_awvalid_o[i]),
      .awready_i(m_awready_i[i]),
      .awaddr_i (m_awaddr_o[i]),
      .wvalid_i (m_wvalid_o[i]),
      .wready_i (m_wready_i[i]),
      .wdata_i  (m_wdata_o[i]),
      .wstrb_i  (m_wstrb_o[i]),
      .bvalid_i (m_bvalid_i[i]),
      .bready_i (m_bready_o[i]),
      .bresp_i  (m_bresp_i[i]),
      .arvalid_i(m_arvalid_o[i]),
      .arready_i(m_arready_i[i]),
      .araddr_i (m_araddr_o[i]),
      .rvalid_i (m_rvalid_i[i]),
      .rready_i (m_rready_o[i]),
      .rdata_i  (m_rdata_i[i]),
      .rresp_i  (m_rresp_i[i])
    );

    dma_checker #(
      .Bus      (i + 2),
      .DataWidth(64),
      .WordBytes(4 * (i + 1))
    ) u_dma_checker (
      .clk_i,
      .rst_ni,
      .awvalid_i(m_awvalid_o[i]),
      .awready_i(m_awready_i[i]),
      .awaddr_i (m_awaddr_o[i]),
      .wvalid_i (m_wvalid_o[i]),
      .wready_i (m_wready_i[i]),
      .wstrb_i  (m_wstrb_o[i]),
      .bvalid_i (m_bvalid_i[i]),
      .bready_i (m_bready_o[i]),
      .arvalid_i(m_arvalid_o[i]),
      .arready_i(m_arready_i[i]),
      .araddr_i (m_araddr_o[i]),
      .rvalid_i (m_rvalid_i[i]),
      .rready_i (m_rready_o[i]),
      .busy_i   (m_busy_o[i])
    );
  end

  for (genvar i = 0; i < 2; i++) begin : gen_checker
    axil_checker #(
      .Bus      (i),
      .DataWidth(64)
    ) u_checker (
      .clk_i,
      .rst_ni,
      .hold_i   (busy || m_busy_o[1]),
      .awvalid_i(awvalid_i[i]),
      .awready_i(awready_o[i]),
      .awaddr_i (awaddr_i[i]),
      .wvalid_i (wvalid_i[i]),
      .wready_i (wready_o[i]),
      .wdata_i  (wdata_i[i]),
      .wstrb_i  (wstrb_i[i]),
      .bvalid_i (bvalid_o[i]),
      .bready_i (bready_i[i]),
      .bresp_i  (bresp_o[i]),
      .arvalid_i(arvalid_i[i]),
      .arready_i(arready_o[i]),
      .araddr_i (araddr_i[i]),
      .rvalid_i (rvalid_o[i]),
      .rready_i (rready_i[i]),
      .rdata_i  (rdata_o[i]),
      .rresp_i  (rresp_o[i])
    );
  end

endmodule
