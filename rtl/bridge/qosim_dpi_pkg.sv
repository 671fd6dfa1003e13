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

  import "DPI-C" function int qosim_dpi_open(input string url);
  import "DPI-C" function void qosim_dpi_close(input int handle);
  import "DPI-C" function int qosim_dpi_read(input int handle, input longint unsigned addr,
                                             input int size, output longint unsigned data);
  import "DPI-C" function int qosim_dpi_write(input int handle, input longint unsigned addr,
                                              input int size, input longint unsigned data);
  import "DPI-C" function int qosim_dpi_poll(input int handle);
  import "DPI-C" function int unsigned qosim_dpi_irq_word(input int handle, input int idx);
  import "DPI-C" function void qosim_dpi_set_time(input int handle, input longint unsigned ns);
  import "DPI-C" function int qosim_dpi_lost(input int handle);

endpackage
