/* What the debugger sees of the target: its description, registers and memory, in the protocol's hexadecimal. */
#ifndef QOSIM_COSIM_ISS_GDB_TARGET_H
#define QOSIM_COSIM_ISS_GDB_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "cosim/iss/iss.h"

/* The target description, XML. Free with g_free(). */
char *gdb_target_description(bool rv64);

/* All general registers and pc, appended to @text; and their setting from text. */
void gdb_read_registers(const Iss *iss, GString *text);
bool gdb_write_registers(Iss *iss, const char *text);
/* Register @n: 0 to 31, 32 is pc, then those of the machine. */
bool gdb_read_register(const Iss *iss, unsigned n, GString *text);
bool gdb_write_register(Iss *iss, unsigned n, const char *text);

/* Memory is RAM, or a device's register, which is accessed as a load or store of the CPU would. */
bool gdb_read_memory(Iss *iss, uint64_t address, uint64_t length, GString *text);
bool gdb_write_memory(Iss *iss, uint64_t address, uint64_t length, const char *text);

#endif
