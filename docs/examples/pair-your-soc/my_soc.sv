// The smallest design that talks to hosted devices: a state machine in place of a CPU, and the bridge. It lights pins 0
// to 7 of a sifive_soc.gpio with 0xa5, reads them back, and waits for the interrupt of pin 0.

module my_soc (
  input  logic clk_i,
  input  logic rst_ni,
  output logic done_o,
  output logic ok_o
);

  localparam logic [31:0] Gpio = 32'h1001_2000;

  // What to do, in order: store, or load and compare.
  logic [2:0]  step_q;
  logic        store;
  logic [31:0] addr, data;
  always_comb begin
    unique case (step_q)
      3'd0:    {store, addr, data} = {1'b1, Gpio + 32'h08, 32'hff};  // OUTPUT_EN
      3'd1:    {store, addr, data} = {1'b1, Gpio + 32'h04, 32'hff};  // INPUT_EN
      3'd2:    {store, addr, data} = {1'b1, Gpio + 32'h0c, 32'ha5};  // PORT
      3'd3:    {store, addr, data} = {1'b0, Gpio + 32'h00, 32'ha5};  // VALUE
      default: {store, addr, data} = {1'b1, Gpio + 32'h28, 32'h01};  // HIGH_IE: pin 0 interrupts while it is high
    endcase
  end
  localparam logic [2:0] LastStep = 3'd4;

  typedef enum logic [1:0] {StRequest, StResponse, StIrq, StDone} state_e;
  state_e      state_q;
  logic        ok_q, aw_q, w_q, ar_q;

  logic        awready, wready, bvalid, arready, rvalid;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata;
  logic [8:0]  irq;
  logic        lost;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StRequest;
      step_q  <= '0;
      ok_q    <= 1'b1;
      aw_q    <= 1'b0;
      w_q     <= 1'b0;
      ar_q    <= 1'b0;
    end else begin
      unique case (state_q)
        StRequest: begin  // raise what the step needs, both halves of a store at once
          aw_q    <= store;
          w_q     <= store;
          ar_q    <= !store;
          state_q <= StResponse;
        end
        StResponse: begin
          if (awready) aw_q <= 1'b0;
          if (wready)  w_q  <= 1'b0;
          if (arready) ar_q <= 1'b0;
          if (bvalid || rvalid) begin
            if (bvalid && bresp != 2'b00) ok_q <= 1'b0;
            if (rvalid && (rresp != 2'b00 || rdata != data)) ok_q <= 1'b0;
            if (step_q == LastStep) begin
              state_q <= StIrq;
            end else begin
              state_q <= StRequest;
              step_q  <= step_q + 3'd1;
            end
          end
        end
        StIrq: if (irq == 9'h100) state_q <= StDone;  // pin 0 is line 8, the last one here
        default: ;
      endcase
    end
  end
  assign done_o = state_q == StDone;
  assign ok_o   = ok_q && !lost;

  qosim_axil_bridge #(
    .NumIrqs(9)
  ) u_bridge (
    .clk_i,
    .rst_ni,
    .s_axil_awvalid_i(aw_q),
    .s_axil_awready_o(awready),
    .s_axil_awaddr_i (addr),
    .s_axil_wvalid_i (w_q),
    .s_axil_wready_o (wready),
    .s_axil_wdata_i  (data),
    .s_axil_wstrb_i  (4'b1111),
    .s_axil_bvalid_o (bvalid),
    .s_axil_bready_i (1'b1),
    .s_axil_bresp_o  (bresp),
    .s_axil_arvalid_i(ar_q),
    .s_axil_arready_o(arready),
    .s_axil_araddr_i (addr),
    .s_axil_arsize_i (2'd2),
    .s_axil_rvalid_o (rvalid),
    .s_axil_rready_i (1'b1),
    .s_axil_rdata_o  (rdata),
    .s_axil_rresp_o  (rresp),
    .irq_o           (irq),
    .lost_o          (lost)
  );

endmodule
