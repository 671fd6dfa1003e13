#include "cosim/soc/firmware.h"

#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

namespace
{

// An ELF with its debugging information is larger than what is loaded of it, but there are bounds.
constexpr size_t max_file_bytes = 64u << 20;

std::string text(const char *format, ...) __attribute__((format(printf, 1, 2)));

std::string text(const char *format, ...)
{
    char buffer[256];
    va_list args;

    va_start(args, format);
    vsnprintf(buffer, sizeof(buffer), format, args);
    va_end(args);
    return buffer;
}

bool read_file(const std::string &path, std::vector<uint8_t> &bytes, std::string &error)
{
    const std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(path.c_str(), "rb"), fclose);
    struct stat info;

    if (!file || fstat(fileno(file.get()), &info) != 0) {
        error = strerror(errno);
        return false;
    }
    if (S_ISDIR(info.st_mode)) {
        error = "is a directory";
        return false;
    }
    uint8_t chunk[65536];
    while (const size_t n = fread(chunk, 1, sizeof(chunk), file.get())) {
        bytes.insert(bytes.end(), chunk, chunk + n);
        if (bytes.size() > max_file_bytes) {
            error = text("is longer than %zu MiB", max_file_bytes >> 20);
            return false;
        }
    }
    if (ferror(file.get())) {
        error = strerror(errno);
        return false;
    }
    if (bytes.empty()) {
        error = "is empty";
        return false;
    }
    return true;
}

bool check_header(const Elf32_Ehdr &header, const Ram &ram, std::string &error)
{
    if (header.e_ident[EI_CLASS] != ELFCLASS32) {
        error = "is a 64-bit ELF; the core is RV32";
    } else if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
        error = "is a big-endian ELF; the core is little-endian";
    } else if (header.e_machine != EM_RISCV) {
        error = text("is an ELF for machine %u; want RISC-V (%u)", header.e_machine, EM_RISCV);
    } else if (header.e_type != ET_EXEC) {
        error = text("is an ELF of type %u; want a linked executable (%u)", header.e_type, ET_EXEC);
    } else if (header.e_entry != ram.base) {
        error = text("has its entry at 0x%" PRIx32 "; the core starts at 0x%" PRIx64,
                     header.e_entry, ram.base);
    } else if (header.e_phentsize != sizeof(Elf32_Phdr) || header.e_phnum == 0) {
        error = "is an ELF without program headers";
    } else {
        return true;
    }
    return false;
}

// Copies one loadable segment. All sums are of 32-bit fields in 64 bits.
bool load_segment(const std::vector<uint8_t> &file, const Elf32_Phdr &segment, const Ram &ram,
                  std::vector<uint8_t> &image, std::string &error)
{
    const uint64_t begin = segment.p_paddr;
    const uint64_t end = begin + segment.p_memsz;

    if (segment.p_filesz > segment.p_memsz) {
        error = text("has a segment at 0x%" PRIx64 " with more in the file than in memory", begin);
        return false;
    }
    if (static_cast<uint64_t>(segment.p_offset) + segment.p_filesz > file.size()) {
        error = text(
            "is a truncated ELF: its segment at 0x%" PRIx64 " goes on after the file's end", begin);
        return false;
    }
    if (begin < ram.base || end > ram.base + ram.size) {
        error = text("does not fit: its segment from 0x%" PRIx64 " to 0x%" PRIx64
                     " is not inside the RAM of %" PRIu64 " bytes at 0x%" PRIx64,
                     begin, end - 1, ram.size, ram.base);
        return false;
    }
    if (image.size() < end - ram.base) {
        image.resize(end - ram.base);
    }
    std::copy_n(file.begin() + segment.p_offset, segment.p_filesz,
                image.begin() + static_cast<ptrdiff_t>(begin - ram.base));
    return true;
}

bool load_elf(const std::vector<uint8_t> &file, const Ram &ram, std::vector<uint8_t> &image,
              std::string &error)
{
    Elf32_Ehdr header;

    if (file.size() < sizeof(header)) {
        error = "is a truncated ELF: shorter than its header";
        return false;
    }
    memcpy(&header, file.data(), sizeof(header));
    if (!check_header(header, ram, error)) {
        return false;
    }
    const uint64_t table_end =
        header.e_phoff + static_cast<uint64_t>(header.e_phnum) * sizeof(Elf32_Phdr);
    if (table_end > file.size()) {
        error = "is a truncated ELF: its program headers go on after the file's end";
        return false;
    }
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf32_Phdr segment;

        memcpy(&segment, file.data() + header.e_phoff + i * sizeof(segment), sizeof(segment));
        if (segment.p_type == PT_LOAD && segment.p_memsz > 0 &&
            !load_segment(file, segment, ram, image, error)) {
            return false;
        }
    }
    if (image.empty()) {
        error = "is an ELF with nothing to load";
        return false;
    }
    return true;
}

bool load_raw(const std::vector<uint8_t> &file, const Ram &ram, std::vector<uint8_t> &image,
              std::string &error)
{
    if (file.size() > ram.size) {
        error = text("does not fit: %zu bytes, and the RAM has %" PRIu64, file.size(), ram.size);
        return false;
    }
    image = file;
    return true;
}

} // namespace

bool load_firmware(const std::string &path, const Ram &ram, std::vector<uint8_t> &image,
                   std::string &error)
{
    std::vector<uint8_t> file;
    bool ok = read_file(path, file, error);

    image.clear();
    if (ok) {
        const bool is_elf = file.size() >= SELFMAG && memcmp(file.data(), ELFMAG, SELFMAG) == 0;

        ok = is_elf ? load_elf(file, ram, image, error) : load_raw(file, ram, image, error);
    }
    if (!ok) {
        error = "firmware '" + path + "': " + error;
    }
    return ok;
}
