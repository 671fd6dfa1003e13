// SPDX-License-Identifier: MIT
//
// From the core's data port to AXI4-Lite: one access at a time, AW and W raised together and each dropped when it was
// taken. Any response but OKAY is a bus error to the core.
//
// The core waits for at most TimeoutCycles, not counting those in which hold_i says that the answer is being worked at. Then it gets a bus error, while the bus keeps its valids, as AXI wants it;
// until the answer comes after all (and is thrown away), further accesses get a bus error at once.

module qosim_core_axil
  import qosim_dpi_pkg::*;
  import qosim_soc_pkg::*;
#(
  parameter int unsigned TimeoutCycles = 1000
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        hold_i,

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

  output axil_req_t   axil_o,
  input  axil_rsp_t   axil_i
);

  typedef enum logic [1:0] {
    StIdle,
    StRequest,   // at least one of AW, W, AR still to be taken
    StResponse
  } state_e;

  state_e      state_d, state_q;
  logic        we_q;
  logic [3:0]  be_q;
  logic [1:0]  size_q;
  logic [31:0] addr_q, wdata_q;
  logic        aw_valid_d, aw_valid_q, w_valid_d, w_valid_q, ar_valid_d, ar_valid_q;
  logic [31:0] wait_d, wait_q;
  logic        abandoned_d, abandoned_q;  // the core has its bus error, the bus still owes the answer
  logic        refuse_d, refuse_q;        // an access that came meanwhile

  logic accept, answered, timed_out;
  assign accept    = data_req_i && state_q == StIdle;
  assign answered  = (axil_i.b_valid && axil_o.b_ready) || (axil_i.r_valid && axil_o.r_ready);
  assign timed_out = !abandoned_q && state_q != StIdle && wait_q == TimeoutCycles && !answered;

  always_comb begin
    state_d     = state_q;
    aw_valid_d  = aw_valid_q && !axil_i.aw_ready;
    w_valid_d   = w_valid_q && !axil_i.w_ready;
    ar_valid_d  = ar_valid_q && !axil_i.ar_ready;
    wait_d      = (timed_out || hold_i) ? wait_q : wait_q + 32'd1;
    abandoned_d = abandoned_q || timed_out;
    refuse_d    = data_req_i && abandoned_q;

    unique case (state_q)
      StIdle: begin
        wait_d = '0;
        if (accept) begin
          state_d    = StRequest;
          aw_valid_d = data_we_i;
          w_valid_d  = data_we_i;
          ar_valid_d = !data_we_i;
        end
      end

      StRequest: if (!aw_valid_d && !w_valid_d && !ar_valid_d) state_d = StResponse;

      StResponse: begin
        if (answered) begin
          state_d     = StIdle;
          abandoned_d = 1'b0;
        end
      end

      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      aw_valid_q  <= 1'b0;
      w_valid_q   <= 1'b0;
      ar_valid_q  <= 1'b0;
      wait_q      <= '0;
      abandoned_q <= 1'b0;
      refuse_q    <= 1'b0;
      we_q        <= 1'b0;
      be_q        <= '0;
      size_q      <= '0;
      addr_q      <= '0;
      wdata_q     <= '0;
    end else begin
      state_q     <= state_d;
      aw_valid_q  <= aw_valid_d;
      w_valid_q   <= w_valid_d;
      ar_valid_q  <= ar_valid_d;
      wait_q      <= wait_d;
      abandoned_q <= abandoned_d;
      refuse_q    <= refuse_d;
      if (accept) begin
        we_q    <= data_we_i;
        be_q    <= data_be_i;
        size_q  <= data_size_i;
        addr_q  <= data_addr_i;
        wdata_q <= data_wdata_i;
      end
    end
  end

  assign data_gnt_o    = accept || (data_req_i && abandoned_q);
  assign data_rvalid_o = (answered && !abandoned_q) || timed_out || refuse_q;
  assign data_rdata_o  = answered ? axil_i.r_data : '0;
  assign data_err_o    = !answered || abandoned_q || (we_q ? axil_i.b_resp : axil_i.r_resp) != AxiOkay;

  always_comb begin
    axil_o.aw_valid = aw_valid_q;
    axil_o.aw_addr  = addr_q;
    axil_o.w_valid  = w_valid_q;
    axil_o.w_data   = wdata_q;
    axil_o.w_strb   = be_q;
    axil_o.b_ready  = state_q == StResponse && we_q;
    axil_o.ar_valid = ar_valid_q;
    axil_o.ar_addr  = addr_q;
    axil_o.ar_size  = size_q;
    axil_o.r_ready  = state_q == StResponse && !we_q;
  end

endmodule
