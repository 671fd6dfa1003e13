/*
 * Lights on GPIO pins 0 to 7, buttons on pins 8 to 11. A light walks over the outputs and is read back; then each edge of
 * a button is an interrupt and moves the light on. Who presses the buttons sees by the light which edge is awaited: light n
 * stands until edge n has come.
 */
#ifndef QOSIM_SOC_FIRMWARE_LIGHTS_H
#define QOSIM_SOC_FIRMWARE_LIGHTS_H

#include <stdbool.h>

#define LIGHTS_EDGES 8u

/*
 * Walks, and enables the buttons. The interrupt of pin p is source @first_source + p. When @strict, whatever is not one
 * press and one release of each button in time ends the program; otherwise somebody plays with the buttons.
 */
void lights_start(unsigned first_source, bool strict);

/* Moves the light on if there were edges. */
void lights_poll(void);

/* Whether there were all edges, once each button was pressed and released. */
bool lights_done(void);

#endif
