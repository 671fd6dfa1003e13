// SPDX-License-Identifier: MIT
//
// Two bridges, each on a bus of its own that the C++ side drives: bus 0 is 32 bits wide, bus 1 is 64 bits wide and
// sits 4 GiB higher in the server's address space. fault_i breaks what bus 0's subordinate answers, so that the
// checker can be seen to notice.

module bridge_bench (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [3:0]       fault_i,

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
  output logic [1:0]       lost_o
);

  localparam int unsigned PollCycles = 32;

  typedef enum logic [3:0] {
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
    FaultRInReset
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

  for (genvar i = 0; i < 2; i++) begin : gen_checker
    axil_checker #(
      .Bus      (i),
      .DataWidth(64)
    ) u_checker (
      .clk_i,
      .rst_ni,
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
