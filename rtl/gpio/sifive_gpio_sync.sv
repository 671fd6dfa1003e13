// SPDX-License-Identifier: MIT
//
// Input synchroniser: Stages flops in a row, or none at all.

module sifive_gpio_sync #(
  parameter int unsigned Width  = 32,
  parameter int unsigned Stages = 3
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);

  if (Stages == 0) begin : gen_wire
    logic unused_clk;
    assign unused_clk = clk_i ^ rst_ni;
    assign q_o        = d_i;
  end else begin : gen_flops
    logic [Stages-1:0][Width-1:0] stage_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        stage_q <= '0;
      end else begin
        stage_q[0] <= d_i;
        for (int i = 1; i < Stages; i++) stage_q[i] <= stage_q[i-1];
      end
    end
    assign q_o = stage_q[Stages-1];
  end

endmodule
