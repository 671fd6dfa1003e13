/* SPDX-License-Identifier: MIT
 *
 * generate FRAME SEED OUT: writes FRAME (the image of frame.S), padded, and behind it a random RV32IM programme. The same
 * seed gives the same bytes everywhere.
 *
 * The programme is a row of segments, each a row of atoms. An atom is one to four instructions that belong together; a
 * forward branch jumps over whole atoms and never out of its segment, so nothing lands in the middle of one. A segment
 * may be a loop that counts x30 down. x31 points to the data and is never written; x1 to x29 are anything. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rtl/cpu/random/layout.h"

enum {
    MAX_WORDS = (DATA_BASE - BODY_BASE) / 4 - 64,
    SEGMENTS = 120,
    MAX_ATOMS = 40,
    REG_COUNTER = 30,
    REG_DATA = 31,
};

typedef struct Generator {
    uint64_t state;
    uint32_t words[MAX_WORDS];
    unsigned used;
} Generator;

/* splitmix64 */
static uint32_t random_word(Generator *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static unsigned below(Generator *g, unsigned bound)
{
    return random_word(g) % bound;
}

static void emit(Generator *g, uint32_t word)
{
    if (g->used == MAX_WORDS) {
        fprintf(stderr, "generate: the programme does not fit\n");
        exit(1);
    }
    g->words[g->used++] = word;
}

/* Encodings */

static uint32_t r_type(unsigned funct7, unsigned rs2, unsigned rs1, unsigned funct3, unsigned rd,
                       unsigned opcode)
{
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

static uint32_t i_type(int imm, unsigned rs1, unsigned funct3, unsigned rd, unsigned opcode)
{
    return (uint32_t)imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

static uint32_t s_type(int imm, unsigned rs2, unsigned rs1, unsigned funct3)
{
    uint32_t bits = (uint32_t)imm;

    return (bits >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (bits & 0x1f) << 7 |
           0x23;
}

static uint32_t b_type(int imm, unsigned rs2, unsigned rs1, unsigned funct3)
{
    uint32_t bits = (uint32_t)imm;

    return (bits >> 12 & 1) << 31 | (bits >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 |
           funct3 << 12 | (bits >> 1 & 0xf) << 8 | (bits >> 11 & 1) << 7 | 0x63;
}

static uint32_t j_type(int imm, unsigned rd)
{
    uint32_t bits = (uint32_t)imm;

    return (bits >> 20 & 1) << 31 | (bits >> 1 & 0x3ff) << 21 | (bits >> 11 & 1) << 20 |
           (bits >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

static uint32_t addi(unsigned rd, unsigned rs1, int imm)
{
    return i_type(imm, rs1, 0, rd, 0x13);
}

/* Operands. A few registers are favoured, so that instructions depend on one another. */

static unsigned any_source(Generator *g)
{
    return below(g, 3) ? below(g, 8) : below(g, 32);
}

static unsigned any_destination(Generator *g)
{
    return below(g, 3) ? below(g, 8) : below(g, REG_COUNTER);
}

static unsigned scratch(Generator *g)
{
    return 1 + below(g, REG_COUNTER - 1);
}

static int any_imm12(Generator *g)
{
    static const int corners[] = { 0, 1, -1, 2047, -2048 };

    return below(g, 4) ? (int)below(g, 4096) - 2048 : corners[below(g, 5)];
}

/* Atoms */

static void atom_op(Generator *g)
{
    unsigned funct3 = below(g, 8);
    unsigned funct7 = (funct3 == 0 || funct3 == 5) && below(g, 2) ? 0x20 : 0;

    emit(g, r_type(funct7, any_source(g), any_source(g), funct3, any_destination(g), 0x33));
}

static void atom_muldiv(Generator *g)
{
    emit(g, r_type(1, any_source(g), any_source(g), below(g, 8), any_destination(g), 0x33));
}

static void atom_op_imm(Generator *g)
{
    unsigned funct3 = below(g, 8);
    int imm = any_imm12(g);

    if (funct3 == 1 || funct3 == 5) {
        imm = (int)below(g, 32) | (funct3 == 5 && below(g, 2) ? 0x400 : 0);
    }
    emit(g, i_type(imm, any_source(g), funct3, any_destination(g), 0x13));
}

static void atom_upper(Generator *g)
{
    emit(g, (random_word(g) & 0xfffff000) | any_destination(g) << 7 | (below(g, 2) ? 0x37 : 0x17));
}

/* A value from the corners of the number range, where the arithmetic has its surprises. */
static void atom_corner(Generator *g)
{
    unsigned rd = scratch(g);

    emit(g, (below(g, 2) ? 0x80000000 : 0) | rd << 7 | 0x37);
    emit(g, addi(rd, rd, (int)below(g, 3) - 1));
}

/* An offset from x31 that is aligned to an access of 1 << @size bytes. */
static int data_offset(Generator *g, unsigned size)
{
    return DATA_LOW + (int)(below(g, DATA_HIGH - DATA_LOW) & ~((1U << size) - 1));
}

static unsigned any_load(Generator *g)
{
    static const unsigned loads[] = { 0, 1, 2, 4, 5 };

    return loads[below(g, 5)];
}

static void atom_load(Generator *g)
{
    unsigned funct3 = any_load(g);

    emit(g, i_type(data_offset(g, funct3 & 3), REG_DATA, funct3, any_destination(g), 0x03));
}

static void atom_store(Generator *g)
{
    unsigned size = below(g, 3);

    emit(g, s_type(data_offset(g, size), any_source(g), REG_DATA, size));
}

/* An access whose address was computed from data. */
static void atom_computed_access(Generator *g)
{
    unsigned base = scratch(g);

    emit(g, i_type(0x3fc, any_source(g), 7, base, 0x13));
    emit(g, r_type(0, REG_DATA, base, 0, base, 0x33));
    if (below(g, 2)) {
        emit(g, i_type(-(int)below(g, 200) * 4, base, 2, any_destination(g), 0x03));
    } else {
        emit(g, s_type(-(int)below(g, 200) * 4, any_source(g), base, 2));
    }
}

/* An access to where nothing is. */
static void atom_fault(Generator *g)
{
    unsigned base = scratch(g);

    emit(g, HOLE | base << 7 | 0x37);
    if (below(g, 2)) {
        emit(g, i_type((int)below(g, 512) * 4, base, any_load(g), any_destination(g), 0x03));
    } else {
        emit(g, s_type((int)below(g, 512) * 4, any_source(g), base, below(g, 3)));
    }
}

/* The jump to address 2 mod 4 that traps; the frame's handler goes on behind it. */
static void atom_misaligned_jump(Generator *g)
{
    unsigned base = scratch(g);

    emit(g, below(g, 1 << 20) << 12 | base << 7 | 0x17);
    emit(g, i_type((int)below(g, 500) * 4 + 2, base, 0, any_destination(g), 0x67));
}

static void atom_csr(Generator *g)
{
    static const unsigned funct3[] = { 1, 2, 3, 5, 6, 7 };

    emit(g, i_type(0x340, any_source(g), funct3[below(g, 6)], any_destination(g), 0x73));
}

static void atom_system(Generator *g)
{
    static const uint32_t words[] = {
        0x00000073, /* ecall */
        0x00100073, /* ebreak */
        0x0ff0000f, /* fence */
        0x0000100f, /* fence.i */
        0x00000000, /* illegal, of sixteen bits */
        0x0000707b, /* illegal */
        0xf1401073, /* a write to mhartid */
    };

    emit(g, words[below(g, sizeof(words) / sizeof(words[0]))]);
}

/* An instruction of the programme is overwritten and then run: sw, fence.i and the slot, which holds an ecall before. */
static void atom_patch(Generator *g)
{
    unsigned pointer = scratch(g);
    unsigned patch = 1 + pointer % (REG_COUNTER - 1);
    uint32_t word = addi(any_destination(g), any_source(g), any_imm12(g));

    if (patch == pointer) {
        patch = pointer == 1 ? 2 : 1;
    }
    emit(g, ((word + 0x800) & 0xfffff000) | patch << 7 | 0x37);
    emit(g, addi(patch, patch, (int)(word & 0xfff)));
    emit(g, pointer << 7 | 0x17);
    emit(g, s_type(12, patch, pointer, 2));
    emit(g, 0x0000100f);
    emit(g, 0x00000073);
}

/* Jumps are emitted with their target's atom in a side table and encoded when the segment is complete. */
typedef enum JumpKind { JUMP_NONE, JUMP_BRANCH, JUMP_JAL, JUMP_JALR } JumpKind;

typedef struct Jump {
    JumpKind kind;
    unsigned word;   /* of the instruction to encode */
    unsigned target; /* atom */
} Jump;

static Jump atom_jump(Generator *g, unsigned self, unsigned atoms)
{
    Jump jump = { .kind = JUMP_BRANCH + below(g, 3), .target = self + 1 + below(g, 6) };

    if (jump.target > atoms) {
        jump.target = atoms;
    }
    if (jump.kind == JUMP_JALR) {
        emit(g, scratch(g) << 7 | 0x17); /* auipc; the jalr knows its base from here */
    }
    jump.word = g->used;
    emit(g, 0);
    return jump;
}

static void encode_jump(Generator *g, const Jump *jump, unsigned target)
{
    static const unsigned funct3[] = { 0, 1, 4, 5, 6, 7 };
    int offset = (int)(target - jump->word) * 4;
    uint32_t word = 0;

    switch (jump->kind) {
    case JUMP_BRANCH:
        word = b_type(offset, any_source(g), any_source(g), funct3[below(g, 6)]);
        break;
    case JUMP_JAL:
        word = j_type(offset, any_destination(g));
        break;
    case JUMP_JALR:
        /* From the auipc one word before, and an odd sum, whose bit 0 must not count. */
        word = i_type(offset + 4 + (int)below(g, 2), g->words[jump->word - 1] >> 7 & 31, 0,
                      any_destination(g), 0x67);
        break;
    default:
        break;
    }
    g->words[jump->word] = word;
}

static Jump emit_atom(Generator *g, unsigned self, unsigned atoms)
{
    unsigned dice = below(g, 100);
    Jump none = { .kind = JUMP_NONE };

    if (dice < 22) {
        atom_op(g);
    } else if (dice < 38) {
        atom_op_imm(g);
    } else if (dice < 52) {
        atom_muldiv(g);
    } else if (dice < 56) {
        atom_upper(g);
    } else if (dice < 61) {
        atom_corner(g);
    } else if (dice < 69) {
        atom_load(g);
    } else if (dice < 76) {
        atom_store(g);
    } else if (dice < 79) {
        atom_computed_access(g);
    } else if (dice < 82) {
        atom_csr(g);
    } else if (dice < 84) {
        atom_system(g);
    } else if (dice < 85) {
        atom_fault(g);
    } else if (dice < 86) {
        atom_misaligned_jump(g);
    } else if (dice < 87) {
        atom_patch(g);
    } else {
        return atom_jump(g, self, atoms);
    }
    return none;
}

static void emit_segment(Generator *g)
{
    unsigned atoms = 5 + below(g, MAX_ATOMS - 5);
    bool loop = below(g, 3) == 0;
    unsigned start[MAX_ATOMS + 1];
    Jump jumps[MAX_ATOMS];
    unsigned top;

    if (loop) {
        emit(g, addi(REG_COUNTER, 0, 2 + (int)below(g, 5)));
    }
    top = g->used;
    for (unsigned i = 0; i < atoms; i++) {
        start[i] = g->used;
        jumps[i] = emit_atom(g, i, atoms);
    }
    start[atoms] = g->used;
    for (unsigned i = 0; i < atoms; i++) {
        if (jumps[i].kind != JUMP_NONE) {
            encode_jump(g, &jumps[i], start[jumps[i].target]);
        }
    }
    if (loop) {
        emit(g, addi(REG_COUNTER, REG_COUNTER, -1));
        emit(g, b_type((int)(top - g->used) * 4, 0, REG_COUNTER, 1));
    }
}

static void emit_programme(Generator *g)
{
    for (unsigned reg = 1; reg < REG_COUNTER; reg++) {
        emit(g, (random_word(g) & 0xfffff000) | reg << 7 | 0x37);
        emit(g, addi(reg, reg, any_imm12(g)));
    }
    emit(g, addi(REG_COUNTER, 0, 0));
    for (unsigned i = 0; i < SEGMENTS; i++) {
        emit_segment(g);
    }
    emit(g, BODY_END);
}

static bool write_image(const char *frame_path, const char *out_path, const Generator *g)
{
    static uint8_t image[BODY_BASE - RAM_BASE];
    FILE *frame = fopen(frame_path, "rb");
    FILE *out = fopen(out_path, "wb");
    bool ok = frame && out;

    if (ok) {
        size_t length = fread(image, 1, sizeof(image), frame);

        /* One that fills the space to the last byte may be longer. */
        ok = length > 0 && length < sizeof(image) &&
             fwrite(image, 1, sizeof(image), out) == sizeof(image);
        for (unsigned i = 0; ok && i < g->used; i++) {
            uint32_t word = g->words[i];
            uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                                 (uint8_t)(word >> 24) };

            ok = fwrite(bytes, 1, sizeof(bytes), out) == sizeof(bytes);
        }
    }
    if (frame) {
        fclose(frame);
    }
    if (out && fclose(out)) {
        ok = false;
    }
    if (!ok) {
        fprintf(stderr, "generate: %s to %s: %s\n", frame_path, out_path, strerror(errno));
    }
    return ok;
}

int main(int argc, char **argv)
{
    static Generator g;
    char *end = NULL;

    if (argc == 4) {
        g.state = strtoull(argv[2], &end, 0);
    }
    if (!end || !*argv[2] || *end) {
        fprintf(stderr, "usage: generate FRAME SEED OUT\n");
        return 2;
    }
    emit_programme(&g);
    return write_image(argv[1], argv[3], &g) ? 0 : 1;
}
