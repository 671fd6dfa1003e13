// SPDX-License-Identifier: MIT
//
// Register offsets of the SiFive GPIO (FE310-G002 manual, chapter 17) and the simple register interface between the block
// and its bus front ends.

package sifive_gpio_pkg;

  localparam int unsigned RegAddrWidth = 12;

  typedef enum logic [RegAddrWidth-1:0] {
    RegInputVal  = 12'h000,
    RegInputEn   = 12'h004,
    RegOutputEn  = 12'h008,
    RegOutputVal = 12'h00c,
    RegPue       = 12'h010,
    RegDs        = 12'h014,
    RegRiseIe    = 12'h018,
    RegRiseIp    = 12'h01c,
    RegFallIe    = 12'h020,
    RegFallIp    = 12'h024,
    RegHighIe    = 12'h028,
    RegHighIp    = 12'h02c,
    RegLowIe     = 12'h030,
    RegLowIp     = 12'h034,
    RegIofEn     = 12'h038,
    RegIofSel    = 12'h03c,
    RegOutXor    = 12'h040
  } reg_offset_e;

  // One access per cycle with valid; its answer belongs to the same cycle.
  typedef struct packed {
    logic                    valid;
    logic                    write;
    logic [RegAddrWidth-1:0] addr;
    logic [3:0]              be;
    logic [31:0]             wdata;
  } reg_req_t;

  typedef struct packed {
    logic [31:0] rdata;
    logic        error;
  } reg_rsp_t;

endpackage
