// SPDX-License-Identifier: MIT
//
// The SoC's data path without its core: the adapter, the interconnect, a real RAM, and a slow subordinate in the bridge's
// place, whose readies and responses come when the C++ side's dice allow. Protocol checkers on all three buses.

module fabric_bench
  import qosim_dpi_pkg::*;
  import qosim_soc_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        data_req_i,
  input  logic        data_we_i,
  input  logic [3:0]  data_be_i,
  input  logic [1:0]  data_size_i,
  input  logic [31:0] data_addr_i,
  input  logic [31:0] data_wdata_i,
  output logic        data_gnt_o,
  output logic        data_rvalid_o,
  output logic [31:0] data_rdata_o,
  output logic        data_err_o,

  input  logic [4:0]  dice_i,   // AW, W, AR ready; B, R valid
  output logic [31:0] served_o  // accesses that the slow subordinate has done
);

  localparam logic [31:0] RamSize = 32'h0000_1000;

  axil_req_t               manager_req;
  axil_rsp_t               manager_rsp;
  axil_req_t [NumSubs-1:0] sub_req;
  axil_rsp_t [NumSubs-1:0] sub_rsp;

  qosim_core_axil #(
    .TimeoutCycles(100)
  ) u_core_axil (
    .clk_i,
    .rst_ni,
    .hold_i(1'b0),
    .data_req_i,
    .data_we_i,
    .data_be_i,
    .data_size_i,
    .data_addr_i,
    .data_wdata_i,
    .data_gnt_o,
    .data_rvalid_o,
    .data_rdata_o,
    .data_err_o,
    .axil_o(manager_req),
    .axil_i(manager_rsp)
  );

  qosim_axil_demux #(
    .RamSize(RamSize)
  ) u_demux (
    .clk_i,
    .rst_ni,
    .manager_i(manager_req),
    .manager_o(manager_rsp),
    .subs_o   (sub_req),
    .subs_i   (sub_rsp)
  );

  qosim_soc_ram #(
    .Size(RamSize)
  ) u_ram (
    .clk_i,
    .rst_ni,
    .load_we_i     (1'b0),
    .load_addr_i   ('0),
    .load_wdata_i  ('0),
    .instr_req_i   (1'b0),
    .instr_addr_i  ('0),
    .instr_gnt_o   (),
    .instr_rvalid_o(),
    .instr_rdata_o (),
    .instr_err_o   (),
    .axil_i        (sub_req[SubRam]),
    .axil_o        (sub_rsp[SubRam]),
    .dma_i         ('0),
    .dma_o         ()
  );

  // The slow subordinate: 16 words; address bits 11:10 choose the response.
  axil_req_t   req;
  axil_rsp_t   rsp;
  logic        aw_full_q, w_full_q, ar_full_q, b_valid_q, r_valid_q;
  logic [31:0] aw_addr_q, w_data_q, ar_addr_q, r_data_q;
  logic [3:0]  w_strb_q;
  axi_resp_e   b_resp_q, r_resp_q;
  logic [31:0] words [16];
  assign req = sub_req[SubBridge];

  function automatic axi_resp_e response(logic [31:0] addr);
    unique case (addr[11:10])
      2'd1:    return AxiSlvErr;
      2'd2:    return AxiDecErr;
      default: return AxiOkay;
    endcase
  endfunction

  always_comb begin
    rsp          = '0;
    rsp.aw_ready = !aw_full_q && dice_i[0];
    rsp.w_ready  = !w_full_q && dice_i[1];
    rsp.ar_ready = !ar_full_q && dice_i[2];
    rsp.b_valid  = b_valid_q;
    rsp.b_resp   = b_resp_q;
    rsp.r_valid  = r_valid_q;
    rsp.r_resp   = r_resp_q;
    rsp.r_data   = r_data_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_full_q <= 1'b0;
      w_full_q  <= 1'b0;
      ar_full_q <= 1'b0;
      b_valid_q <= 1'b0;
      r_valid_q <= 1'b0;
      served_o  <= '0;
    end else begin
      if (req.aw_valid && rsp.aw_ready) begin
        aw_full_q <= 1'b1;
        aw_addr_q <= req.aw_addr;
      end
      if (req.w_valid && rsp.w_ready) begin
        w_full_q <= 1'b1;
        w_data_q <= req.w_data;
        w_strb_q <= req.w_strb;
      end
      if (req.ar_valid && rsp.ar_ready) begin
        ar_full_q <= 1'b1;
        ar_addr_q <= req.ar_addr;
      end
      if (req.b_ready) b_valid_q <= 1'b0;
      if (req.r_ready) r_valid_q <= 1'b0;
      if (aw_full_q && w_full_q && dice_i[3]) begin
        aw_full_q <= 1'b0;
        w_full_q  <= 1'b0;
        b_valid_q <= 1'b1;
        b_resp_q  <= response(aw_addr_q);
        served_o  <= served_o + 32'd1;
        for (int i = 0; i < 4; i++) begin
          if (w_strb_q[i]) words[aw_addr_q[5:2]][8*i +: 8] <= w_data_q[8*i +: 8];
        end
      end
      if (ar_full_q && dice_i[4]) begin
        ar_full_q <= 1'b0;
        r_valid_q <= 1'b1;
        r_resp_q  <= response(ar_addr_q);
        r_data_q  <= words[ar_addr_q[5:2]];
        served_o  <= served_o + 32'd1;
      end
    end
  end

  always_comb begin
    sub_rsp[SubBridge]   = rsp;
    sub_rsp[SubPlic]     = '0;
    sub_rsp[SubClint]    = '0;
    sub_rsp[SubUart]     = '0;
    sub_rsp[SubFinisher] = '0;
  end

  axil_req_t [2:0] watched_req;
  axil_rsp_t [2:0] watched_rsp;
  assign watched_req = {sub_req[SubBridge], sub_req[SubRam], manager_req};
  assign watched_rsp = {sub_rsp[SubBridge], sub_rsp[SubRam], manager_rsp};

  for (genvar i = 0; i < 3; i++) begin : gen_checker
    axil_checker #(
      .Bus        (i),
      .MaxAccept  (1000),
      .MaxResponse(1000)
    ) u_checker (
      .clk_i,
      .rst_ni,
      .hold_i   (1'b0),
      .awvalid_i(watched_req[i].aw_valid),
      .awready_i(watched_rsp[i].aw_ready),
      .awaddr_i (watched_req[i].aw_addr),
      .wvalid_i (watched_req[i].w_valid),
      .wready_i (watched_rsp[i].w_ready),
      .wdata_i  (watched_req[i].w_data),
      .wstrb_i  (watched_req[i].w_strb),
      .bvalid_i (watched_rsp[i].b_valid),
      .bready_i (watched_req[i].b_ready),
      .bresp_i  (watched_rsp[i].b_resp),
      .arvalid_i(watched_req[i].ar_valid),
      .arready_i(watched_rsp[i].ar_ready),
      .araddr_i (watched_req[i].ar_addr),
      .rvalid_i (watched_rsp[i].r_valid),
      .rready_i (watched_req[i].r_ready),
      .rdata_i  (watched_rsp[i].r_data),
      .rresp_i  (watched_rsp[i].r_resp)
    );
  end

endmodule
