/*
 * Between the parts of the virtio console driver.
 */
#ifndef QOSIM_SOC_FIRMWARE_VIRTIO_CONSOLE_INTERNAL_H
#define QOSIM_SOC_FIRMWARE_VIRTIO_CONSOLE_INTERNAL_H

#include "virtio_console.h"

#define CONTROL_IN 2u
#define CONTROL_OUT 3u

/* How long the device may take for what it does at once, in ticks of mtime: 50 ms, which are seconds in a simulation. */
#define CONSOLE_PATIENCE_TICKS 500000ull

/* Posts the buffers for control messages. */
void console_control_start(VirtioConsole *c);

/* Tells the device that the driver is ready, so that it lists its ports. */
void console_control_ready(VirtioConsole *c);

/* Answers all control messages that have come. */
void console_control_poll(VirtioConsole *c);

/* Tells the host whether the firmware's side of the port is open. */
void console_control_open(ConsolePort *port, bool open);

/* The port is there, and takes bytes. */
void console_port_add(ConsolePort *port);
/* The firmware's side opens, with the service for what the port is. */
void console_port_open(ConsolePort *port);
/* The host's side has closed. */
void console_port_host_closed(ConsolePort *port);

#endif
