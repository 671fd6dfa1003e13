/* The program's commands. */
#ifndef QOSIM_COSIM_REGRESS_COMMAND_H
#define QOSIM_COSIM_REGRESS_COMMAND_H

#include <glib.h>

#include "cosim/regress/lockstep.h"

G_BEGIN_DECLS

/*
 * The program, for @device: takes main()'s arguments and returns the exit code: 0 same, 1 divergence, 2 usage, 3 trouble with a target or
 * a file. Targets of the program's own are to be known before (target_register()).
 */
int regress_main(int argc, char **argv, const RegressDevice *device);

/* Each takes its words, the command's name first, and says on standard output what it has to say. */
Verdict regress_command_run(int argc, char **argv, const RegressDevice *device, GError **error);
Verdict regress_command_replay(int argc, char **argv, const RegressDevice *device, GError **error);
Verdict regress_command_generate(int argc, char **argv, const RegressDevice *device,
                                 GError **error);
Verdict regress_command_coverage(int argc, char **argv, const RegressDevice *device,
                                 GError **error);

/* The options of @entries out of @argv; REGRESS_ERROR_USAGE if they are wrong. @summary is what --help tells. */
bool regress_take_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
                          const char *summary, GError **error);

/* A number of at least @least; NULL: @value stays as it is. */
bool regress_take_number(const char *option, const char *text, uint64_t least, uint64_t *value,
                         GError **error);

/* The target that --@option names; if it does not, the model, or none where the device has no machine. */
bool regress_take_target(const char *option, const char *name, const RegressDevice *device,
                         const char **target, GError **error);

/* A seed that was not used before. */
uint64_t regress_new_seed(void);

G_END_DECLS

#endif
