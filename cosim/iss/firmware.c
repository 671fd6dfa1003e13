#include "cosim/iss/firmware.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_FILE_BYTES (64u << 20)

/* What is wanted of both kinds of headers. */
typedef struct Header {
    uint16_t type;
    uint16_t machine;
    uint64_t entry;
    uint64_t table;
    unsigned entry_size;
    unsigned entries;
} Header;

typedef struct Segment {
    bool is_loaded;
    uint64_t offset;
    uint64_t address;
    uint64_t file_size;
    uint64_t size;
} Segment;

static bool bad(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool bad(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(G_FILE_ERROR, G_FILE_ERROR_INVAL, format, args));
    va_end(args);
    return false;
}

static bool read_header(const GByteArray *file, bool rv64, Header *header, GError **error)
{
    if (file->len < (rv64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr))) {
        return bad(error, "is a truncated ELF: shorter than its header");
    }
    if (rv64) {
        Elf64_Ehdr h;

        memcpy(&h, file->data, sizeof(h));
        *header = (Header){ h.e_type, h.e_machine, h.e_entry, h.e_phoff, h.e_phentsize, h.e_phnum };
        return true;
    }
    Elf32_Ehdr h;

    memcpy(&h, file->data, sizeof(h));
    *header = (Header){ h.e_type, h.e_machine, h.e_entry, h.e_phoff, h.e_phentsize, h.e_phnum };
    return true;
}

static Segment read_segment(const GByteArray *file, bool rv64, const Header *header, unsigned i)
{
    const uint8_t *at = file->data + header->table + (uint64_t)i * header->entry_size;

    if (rv64) {
        Elf64_Phdr p;

        memcpy(&p, at, sizeof(p));
        return (Segment){ p.p_type == PT_LOAD, p.p_offset, p.p_paddr, p.p_filesz, p.p_memsz };
    }
    Elf32_Phdr p;

    memcpy(&p, at, sizeof(p));
    return (Segment){ p.p_type == PT_LOAD, p.p_offset, p.p_paddr, p.p_filesz, p.p_memsz };
}

static bool check_ident(const GByteArray *file, bool rv64, GError **error)
{
    if (file->len < EI_NIDENT) {
        return bad(error, "is a truncated ELF: shorter than its header");
    }
    if (file->data[EI_CLASS] != (rv64 ? ELFCLASS64 : ELFCLASS32)) {
        return bad(error, "is a %s-bit ELF, and the CPU is %s", rv64 ? "32" : "64",
                   rv64 ? "RV64" : "RV32");
    }
    if (file->data[EI_DATA] != ELFDATA2LSB) {
        return bad(error, "is a big-endian ELF, and the CPU is little-endian");
    }
    return true;
}

static bool check_header(const GByteArray *file, bool rv64, const Header *header, GError **error)
{
    const uint64_t table_size = (uint64_t)header->entries * header->entry_size;

    if (header->machine != EM_RISCV) {
        return bad(error, "is an ELF for machine %u; want RISC-V (%u)", header->machine, EM_RISCV);
    }
    if (header->type != ET_EXEC) {
        return bad(error, "is an ELF of type %u; want a linked executable (%u)", header->type,
                   ET_EXEC);
    }
    if (header->entry_size != (rv64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
        header->entries == 0) {
        return bad(error, "is an ELF without program headers");
    }
    if (header->table > file->len || table_size > file->len - header->table) {
        return bad(error, "is a truncated ELF: its program headers go on after the file's end");
    }
    return true;
}

static bool load_segment(const GByteArray *file, const Segment *segment, const FirmwareRam *ram,
                         GError **error)
{
    const uint64_t at = segment->address - ram->address;

    if (segment->file_size > segment->size) {
        return bad(error, "has a segment at 0x%" PRIx64 " with more in the file than in memory",
                   segment->address);
    }
    if (segment->offset > file->len || segment->file_size > file->len - segment->offset) {
        return bad(error,
                   "is a truncated ELF: its segment at 0x%" PRIx64 " goes on after the file's end",
                   segment->address);
    }
    if (segment->address < ram->address || at > ram->size || segment->size > ram->size - at) {
        return bad(error,
                   "does not fit: its segment of 0x%" PRIx64 " bytes at 0x%" PRIx64
                   " is not inside the RAM, 0x%" PRIx64 " bytes at 0x%" PRIx64,
                   segment->size, segment->address, ram->size, ram->address);
    }
    memcpy(ram->host + at, file->data + segment->offset, segment->file_size);
    memset(ram->host + at + segment->file_size, 0, segment->size - segment->file_size);
    return true;
}

static bool load_elf(const GByteArray *file, bool rv64, const FirmwareRam *ram, uint64_t *entry,
                     GError **error)
{
    bool is_empty = true;
    Header header = { 0 };

    if (!check_ident(file, rv64, error) || !read_header(file, rv64, &header, error) ||
        !check_header(file, rv64, &header, error)) {
        return false;
    }
    for (unsigned i = 0; i < header.entries; i++) {
        const Segment segment = read_segment(file, rv64, &header, i);

        if (segment.is_loaded && segment.size > 0) {
            is_empty = false;
            if (!load_segment(file, &segment, ram, error)) {
                return false;
            }
        }
    }
    if (is_empty) {
        return bad(error, "is an ELF with nothing to load");
    }
    if (header.entry - ram->address >= ram->size || header.entry & 1) {
        return bad(error, "has its entry at 0x%" PRIx64 ", which is not in the RAM", header.entry);
    }
    *entry = header.entry;
    return true;
}

static bool load_raw(const GByteArray *file, const FirmwareRam *ram, uint64_t *entry,
                     GError **error)
{
    if (file->len > ram->size) {
        return bad(error, "does not fit: %u bytes, and the RAM has %" PRIu64, file->len, ram->size);
    }
    memcpy(ram->host, file->data, file->len);
    *entry = ram->address;
    return true;
}

/* Takes no more than the limit, however long the file says it is or turns out to be. */
static bool read_file(const char *path, GByteArray *file, GError **error)
{
    FILE *stream = fopen(path, "rb");
    uint8_t chunk[16384];
    size_t n = 1;
    int code = stream ? 0 : errno;

    while (code == 0 && n > 0 && file->len <= MAX_FILE_BYTES) {
        n = fread(chunk, 1, sizeof(chunk), stream);
        g_byte_array_append(file, chunk, (guint)n);
        code = ferror(stream) ? errno : 0;
    }
    if (stream) {
        fclose(stream);
    }
    if (code) {
        return bad(error, "%s", g_strerror(code));
    }
    if (file->len > MAX_FILE_BYTES) {
        return bad(error, "is longer than %u MiB", MAX_FILE_BYTES >> 20);
    }
    return file->len > 0 || bad(error, "is empty");
}

bool firmware_load(const char *path, bool rv64, const FirmwareRam *ram, uint64_t *entry,
                   GError **error)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    bool ok = read_file(path, file, error);

    if (ok) {
        ok = file->len >= SELFMAG && memcmp(file->data, ELFMAG, SELFMAG) == 0
                 ? load_elf(file, rv64, ram, entry, error)
                 : load_raw(file, ram, entry, error);
    }
    if (!ok) {
        g_prefix_error(error, "firmware '%s': ", path);
    }
    return ok;
}
