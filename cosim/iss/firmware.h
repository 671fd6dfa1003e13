/* Firmware files: ELF, and raw images. */
#ifndef QOSIM_COSIM_ISS_FIRMWARE_H
#define QOSIM_COSIM_ISS_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Where firmware goes: @size bytes of the guest's memory at @address are at @host. */
typedef struct FirmwareRam {
    uint64_t address;
    uint64_t size;
    uint8_t *host;
} FirmwareRam;

/*
 * Loads the file at @path, an ELF of the CPU's width or an image that goes to the RAM's start, and tells where execution begins. On
 * failure the RAM may hold a part of it.
 */
bool firmware_load(const char *path, bool rv64, const FirmwareRam *ram, uint64_t *entry,
                   GError **error);

#endif
