// Firmware files: ELF for RV32, or a raw image of the RAM.
#ifndef QOSIM_COSIM_SOC_FIRMWARE_H
#define QOSIM_COSIM_SOC_FIRMWARE_H

#include <cstdint>
#include <string>
#include <vector>

struct Ram {
    uint64_t base;
    uint64_t size;
};

// Reads the file at @path and makes @image what the RAM holds from its first byte on, at most @ram.size bytes. A file
// that begins like an ELF is one and must be for RV32, little-endian, with its entry at the RAM's start and all of it
// inside the RAM. False with a one-line @error, which begins with the path, otherwise.
bool load_firmware(const std::string &path, const Ram &ram, std::vector<uint8_t> &image,
                   std::string &error);

#endif
