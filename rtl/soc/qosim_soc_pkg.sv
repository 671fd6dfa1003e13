// SPDX-License-Identifier: MIT
//
// Bus types and address map of the demo SoC. docs/soc.md has the map as a table.

package qosim_soc_pkg;

  import qosim_dpi_pkg::axi_resp_e;

  // AXI4-Lite, 32 bits, as two bundles. ar_size is the bridge's side channel: log2 of the bytes that a load wants.
  typedef struct packed {
    logic        aw_valid;
    logic [31:0] aw_addr;
    logic        w_valid;
    logic [31:0] w_data;
    logic [3:0]  w_strb;
    logic        b_ready;
    logic        ar_valid;
    logic [31:0] ar_addr;
    logic [1:0]  ar_size;
    logic        r_ready;
  } axil_req_t;

  typedef struct packed {
    logic        aw_ready;
    logic        w_ready;
    logic        b_valid;
    axi_resp_e   b_resp;
    logic        ar_ready;
    logic        r_valid;
    logic [31:0] r_data;
    axi_resp_e   r_resp;
  } axil_rsp_t;

  // Subordinates, in the order of their ports on the interconnect.
  typedef enum logic [2:0] {
    SubRam,
    SubBridge,
    SubPlic,
    SubClint,
    SubUart,
    SubFinisher,
    SubNone       // no subordinate there: DECERR
  } sub_e;
  localparam int unsigned NumSubs = 6;

  localparam logic [31:0] FinisherBase = 32'h0010_0000;
  localparam logic [31:0] FinisherSize = 32'h0000_1000;
  localparam logic [31:0] ClintBase    = 32'h0200_0000;
  localparam logic [31:0] ClintSize    = 32'h0001_0000;
  localparam logic [31:0] PlicBase     = 32'h0c00_0000;
  localparam logic [31:0] PlicSize     = 32'h0400_0000;
  localparam logic [31:0] UartBase     = 32'h1000_0000;
  localparam logic [31:0] UartSize     = 32'h0000_1000;
  localparam logic [31:0] BridgeBase   = 32'h1000_1000;
  localparam logic [31:0] BridgeSize   = 32'h0fff_f000;
  localparam logic [31:0] RamBase      = 32'h8000_0000;

  localparam int unsigned NumIrqs = 64;  // sources 1 to 63; there is no source 0

  function automatic logic inside_region(logic [31:0] addr, logic [31:0] base, logic [31:0] size);
    return addr >= base && addr - base < size;
  endfunction

  function automatic sub_e decode(logic [31:0] addr, logic [31:0] ram_size);
    if (inside_region(addr, RamBase, ram_size))               return SubRam;
    else if (inside_region(addr, BridgeBase, BridgeSize))     return SubBridge;
    else if (inside_region(addr, PlicBase, PlicSize))         return SubPlic;
    else if (inside_region(addr, ClintBase, ClintSize))       return SubClint;
    else if (inside_region(addr, UartBase, UartSize))         return SubUart;
    else if (inside_region(addr, FinisherBase, FinisherSize)) return SubFinisher;
    else                                                      return SubNone;
  endfunction

endpackage
