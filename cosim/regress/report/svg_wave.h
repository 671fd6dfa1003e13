/* A Wave as a picture for an HTML page. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_SVG_WAVE_H
#define QOSIM_COSIM_REGRESS_REPORT_SVG_WAVE_H

#include "cosim/regress/report/wave.h"

/*
 * Appends an <svg> element that shows all samples of @wave: a lane for each signal, its name on the left, the times below. Samples
 * in which a signal and its twin differ are marked, and so is the last sample. Colours come from the page's style sheet (classes
 * "w-line", "w-text", "w-bad" …). Words that do not fit their place are told by a <title> alone.
 */
void svg_wave(GString *to, const Wave *wave);

#endif
