/*
 * Configuration files in QEMU's -readconfig format:
 *
 *     # a comment
 *     [machine]
 *       type = "sifive_e"
 *     [device "gpio1"]
 *       driver = "sifive_soc.gpio"
 *       addr = "0x10020000"
 *     [object "id"]
 *       qom-type = "…"
 *     [chardev "c0"]
 *       backend = "rpc"
 *     [global]
 *       driver = "sifive_soc.gpio"
 *       property = "ngpio"
 *       value = "16"
 */
#ifndef QOSIM_SERVER_READCONFIG_H
#define QOSIM_SERVER_READCONFIG_H

#include <stdbool.h>

#include <glib.h>

#include "server/machine_config.h"

#define READCONFIG_MAX_BYTES ((size_t)1024 * 1024)

/* Reads the file at @path into @config. On failure @error begins with "FILE:LINE: " and part of it may be in @config. */
bool readconfig_load(const char *path, MachineConfig *config, GError **error);

/* The same from text; @path is for messages. */
bool readconfig_parse(const char *text, const char *path, MachineConfig *config, GError **error);

#endif
