// SPDX-License-Identifier: MIT
//
// One manager, NumSubs subordinates, chosen by address. One write and one read at a time; they know nothing of each
// other. Where no subordinate is, the answer is DECERR.

module qosim_axil_demux
  import qosim_dpi_pkg::*;
  import qosim_soc_pkg::*;
#(
  parameter logic [31:0] RamSize = 32'h0004_0000
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  axil_req_t               manager_i,
  output axil_rsp_t               manager_o,
  output axil_req_t [NumSubs-1:0] subs_o,
  input  axil_rsp_t [NumSubs-1:0] subs_i
);

  // A write is open from its address's handshake to its response's; its data goes where the address goes, and may go
  // there first.
  logic w_open_d, w_open_q, w_sent_d, w_sent_q, r_open_d, r_open_q;
  sub_e w_sub, w_sub_q, r_sub, r_sub_q;
  assign w_sub = w_open_q ? w_sub_q : decode(manager_i.aw_addr, RamSize);
  assign r_sub = r_open_q ? r_sub_q : decode(manager_i.ar_addr, RamSize);

  logic aw_go, w_go, ar_go;
  assign aw_go = manager_i.aw_valid && !w_open_q;
  assign w_go  = manager_i.w_valid && !w_sent_q && (w_open_q || manager_i.aw_valid);
  assign ar_go = manager_i.ar_valid && !r_open_q;

  // What the chosen subordinate answers, or what is answered where there is none.
  axil_rsp_t w_rsp, r_rsp;
  always_comb begin
    w_rsp          = '0;
    w_rsp.aw_ready = 1'b1;
    w_rsp.w_ready  = 1'b1;
    w_rsp.b_valid  = 1'b1;
    w_rsp.b_resp   = AxiDecErr;
    r_rsp          = '0;
    r_rsp.ar_ready = 1'b1;
    r_rsp.r_valid  = 1'b1;
    r_rsp.r_resp   = AxiDecErr;
    if (w_sub != SubNone) w_rsp = subs_i[w_sub];
    if (r_sub != SubNone) r_rsp = subs_i[r_sub];
  end

  always_comb begin
    for (int unsigned i = 0; i < NumSubs; i++) begin
      subs_o[i]          = manager_i;
      subs_o[i].aw_valid = aw_go && w_sub == sub_e'(i);
      subs_o[i].w_valid  = w_go && w_sub == sub_e'(i);
      subs_o[i].b_ready  = manager_i.b_ready && w_open_q && w_sent_q && w_sub == sub_e'(i);
      subs_o[i].ar_valid = ar_go && r_sub == sub_e'(i);
      subs_o[i].r_ready  = manager_i.r_ready && r_open_q && r_sub == sub_e'(i);
    end
    manager_o.aw_ready = aw_go && w_rsp.aw_ready;
    manager_o.w_ready  = w_go && w_rsp.w_ready;
    manager_o.b_valid  = w_open_q && w_sent_q && w_rsp.b_valid;
    manager_o.b_resp   = w_rsp.b_resp;
    manager_o.ar_ready = ar_go && r_rsp.ar_ready;
    manager_o.r_valid  = r_open_q && r_rsp.r_valid;
    manager_o.r_data   = r_rsp.r_data;
    manager_o.r_resp   = r_rsp.r_resp;
  end

  always_comb begin
    w_open_d = w_open_q || manager_o.aw_ready;
    w_sent_d = w_sent_q || manager_o.w_ready;
    r_open_d = r_open_q || manager_o.ar_ready;
    if (manager_o.b_valid && manager_i.b_ready) begin
      w_open_d = 1'b0;
      w_sent_d = 1'b0;
    end
    if (manager_o.r_valid && manager_i.r_ready) r_open_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_open_q <= 1'b0;
      w_sent_q <= 1'b0;
      r_open_q <= 1'b0;
      w_sub_q  <= SubNone;
      r_sub_q  <= SubNone;
    end else begin
      w_open_q <= w_open_d;
      w_sent_q <= w_sent_d;
      r_open_q <= r_open_d;
      w_sub_q  <= w_sub;
      r_sub_q  <= r_sub;
    end
  end

endmodule
