// SPDX-License-Identifier: MIT
//
// The C functions behind the bridge (cosim/dpi/qosim_dpi.h has their contract) and the AXI responses they return.

package qosim_dpi_pkg;

  typedef enum logic [1:0] {
    AxiOkay   = 2'b00,
    AxiExOkay = 2'b01,
    AxiSlvErr = 2'b10,
    AxiDecErr = 2'b11
  } axi_resp_e;

  // What an access function returns besides: it has not ended.
  typedef enum int {
    AccessPending = -1
  } access_e;

  // What qosim_dpi_dma_next() returns.
  typedef enum logic [1:0] {
    DmaNone  = 2'd0,
    DmaRead  = 2'd1,
    DmaWrite = 2'd2
  } dma_beat_e;
  // What qosim_dpi_dma_done() takes besides responses.
  typedef enum int {
    DmaTimeout = -1
  } dma_done_e;

  import "DPI-C" function int qosim_dpi_open(input string url);
  import "DPI-C" function void qosim_dpi_close(input int handle);
  import "DPI-C" function int qosim_dpi_read(input int handle, input longint unsigned addr,
                                             input int size, output longint unsigned data);
  import "DPI-C" function int qosim_dpi_write(input int handle, input longint unsigned addr,
                                              input int size, input longint unsigned data);
  import "DPI-C" function int qosim_dpi_resume(input int handle, output longint unsigned data);
  import "DPI-C" function void qosim_dpi_reset(input int handle);
  import "DPI-C" function int qosim_dpi_poll(input int handle);
  import "DPI-C" function int unsigned qosim_dpi_irq_word(input int handle, input int idx);
  import "DPI-C" function void qosim_dpi_set_time(input int handle, input longint unsigned ns);
  import "DPI-C" function int qosim_dpi_lost(input int handle);

  import "DPI-C" function int qosim_dpi_dma_open(input string url, input longint unsigned base,
                                                 input longint unsigned size, input int address_bits);
  import "DPI-C" function int qosim_dpi_dma_next(input int handle, input int bus_bytes, output longint unsigned addr,
                                                 output longint unsigned data, output int unsigned strb);
  import "DPI-C" function void qosim_dpi_dma_done(input int handle, input int response,
                                                  input longint unsigned data);
  import "DPI-C" function void qosim_dpi_dma_reset(input int handle);

endpackage
