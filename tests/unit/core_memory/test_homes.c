/* RAM in its three homes: to whoever accesses it they are the same, and each keeps what it promises. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qom/error.h"
#include "tests/unit/core_memory/bus.h"

#define RAM_BASE 0x80000000u
#define RAM_SIZE 0x30000u

/* Memory on the other side, with a journal of what is asked of it. */
typedef struct Far {
    uint8_t bytes[RAM_SIZE];
    GString *trace; /* "r4@8 ", "w2@6 " */
    MemTxResult result;
    hwaddr fails_at; /* the piece with this offset fails with @result */
    unsigned released;
} Far;

static MemTxResult far_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    Far *far = opaque;

    g_assert_cmphex(addr, <, RAM_SIZE);
    g_assert_cmphex(len, <=, RAM_SIZE - addr);
    g_assert_cmphex(len, >, 0);
    g_assert_cmphex(len, <=, RAM_CLIENT_MAX_BYTES);
    g_string_append_printf(far->trace, "%c%" G_GINT64_MODIFIER "x@%" G_GINT64_MODIFIER "x ",
                           is_write ? 'w' : 'r', len, addr);
    if (far->result != MEMTX_OK && far->fails_at >= addr && far->fails_at < addr + len) {
        memset(buf, 0xee, is_write ? 0 : len);
        return far->result;
    }
    memcpy(is_write ? far->bytes + addr : buf, is_write ? buf : far->bytes + addr, len);
    return MEMTX_OK;
}

static void far_release(void *opaque)
{
    ((Far *)opaque)->released++;
}

static const RAMClientOps far_ops = { .rw = far_rw, .release = far_release };

typedef struct Board {
    Bus bus;
    MemoryRegion ram;
    Far *far;
} Board;

static void board_init(Board *b, RAMHome home)
{
    bool ok;

    bus_init(&b->bus);
    b->far = g_new0(Far, 1);
    b->far->trace = g_string_new(NULL);
    switch (home) {
    case RAM_HOME_SHM:
        ok = memory_region_init_ram_shm(&b->ram, b->bus.root, "ram", RAM_SIZE, NULL, NULL);
        break;
    case RAM_HOME_CLIENT:
        ok = memory_region_init_ram_client(&b->ram, b->bus.root, "ram", RAM_SIZE, &far_ops, b->far,
                                           NULL);
        break;
    default:
        ok = memory_region_init_ram(&b->ram, b->bus.root, "ram", RAM_SIZE, NULL);
    }
    g_assert_true(ok);
    memory_region_add_subregion(&b->bus.system, RAM_BASE, &b->ram);
}

static void board_free(Board *b)
{
    bool is_client = memory_region_ram_home(&b->ram) == RAM_HOME_CLIENT;

    bus_expect_errors(&b->bus, "");
    bus_free(&b->bus);
    g_assert_cmpuint(b->far->released, ==, is_client);
    g_string_free(b->far->trace, TRUE);
    g_free(b->far);
}

static void far_expect(Board *b, const char *expected)
{
    g_assert_cmpstr(b->far->trace->str, ==, expected);
    g_string_truncate(b->far->trace, 0);
}

/* --- What holds in every home --- */

static void random_accesses(Board *b, uint32_t seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autofree uint8_t *model = g_malloc0(RAM_SIZE);
    g_autofree uint8_t *got = g_malloc(RAM_SIZE);

    g_test_message("seed %u", seed);
    for (int i = 0; i < 2000; i++) {
        hwaddr addr = g_rand_int(rand) % RAM_SIZE;
        hwaddr len = 1 + g_rand_int(rand) % MIN(RAM_SIZE - addr, i % 8 ? 300 : RAM_SIZE);
        unsigned size = 1u << (g_rand_int(rand) % 4);
        uint64_t value = g_rand_int(rand);

        switch (g_rand_int(rand) % 5) {
        case 0:
            for (hwaddr k = 0; k < len; k++) {
                model[addr + k] = (uint8_t)g_rand_int(rand);
            }
            g_assert_cmphex(
                address_space_write(&b->bus.as, RAM_BASE + addr, ANY, model + addr, len), ==, 0);
            break;
        case 1:
            memset(model + addr, (int)(value & 0xff), len);
            g_assert_cmphex(
                address_space_set(&b->bus.as, RAM_BASE + addr, (uint8_t)value, len, ANY), ==, 0);
            break;
        case 2:
            if (addr + size <= RAM_SIZE) {
                uint64_t le = GUINT64_TO_LE(value);
                memcpy(model + addr, &le, size);
                expect_write(&b->bus, RAM_BASE + addr, value, size, MEMTX_OK);
            }
            break;
        case 3:
            if (addr + size <= RAM_SIZE) {
                uint64_t le = 0;
                memcpy(&le, model + addr, size);
                g_assert_cmphex(expect_read(&b->bus, RAM_BASE + addr, size, MEMTX_OK), ==,
                                GUINT64_FROM_LE(le));
            }
            break;
        default:
            g_assert_cmphex(address_space_read(&b->bus.as, RAM_BASE + addr, ANY, got, len), ==, 0);
            g_assert_cmpmem(got, len, model + addr, len);
        }
    }
    g_assert_cmphex(address_space_read(&b->bus.as, RAM_BASE, ANY, got, RAM_SIZE), ==, 0);
    g_assert_cmpmem(got, RAM_SIZE, model, RAM_SIZE);
}

static void test_random_accesses(gconstpointer home)
{
    Board b;

    board_init(&b, (RAMHome)GPOINTER_TO_INT(home));
    random_accesses(&b, g_test_rand_int());
    board_free(&b);
}

static void test_starts_as_ram_that_can_be_asked(gconstpointer home)
{
    Board b;
    RAMHome expected = (RAMHome)GPOINTER_TO_INT(home);

    board_init(&b, expected);
    g_assert_true(memory_region_is_ram(&b.ram));
    g_assert_false(memory_region_is_rom(&b.ram));
    g_assert_cmpint(memory_region_ram_home(&b.ram), ==, expected);
    g_assert_cmphex(memory_region_size(&b.ram), ==, RAM_SIZE);
    g_assert_true((memory_region_get_ram_ptr(&b.ram) != NULL) == (expected != RAM_HOME_CLIENT));
    g_assert_true((memory_region_shm_path(&b.ram) != NULL) == (expected == RAM_HOME_SHM));
    g_assert_cmphex(expect_read(&b.bus, RAM_BASE + RAM_SIZE - 8, 8, MEMTX_OK), ==, 0);
    g_assert_true(address_space_access_valid(&b.bus.as, RAM_BASE, RAM_SIZE, true, ANY));
    g_assert_false(address_space_access_valid(&b.bus.as, RAM_BASE, RAM_SIZE + 1, true, ANY));
    bus_expect_map(&b.bus.as, "80000000-8002ffff ram+0\n");
    board_free(&b);
}

/* An access does not reach past the end, and a read-only window is one in every home. */
static void test_bounds_and_read_only_windows(gconstpointer home)
{
    Board b;
    MemoryRegion window;

    board_init(&b, (RAMHome)GPOINTER_TO_INT(home));
    memory_region_init_alias(&window, b.bus.root, "window", &b.ram, 0x1000, 0x1000);
    memory_region_set_readonly(&window, true);
    memory_region_add_subregion(&b.bus.system, 0x1000, &window);
    expect_write(&b.bus, RAM_BASE + 0x1ffc, 0x12345678, 4, MEMTX_OK);
    g_assert_cmphex(expect_read(&b.bus, 0x1ffc, 4, MEMTX_OK), ==, 0x12345678);
    expect_read(&b.bus, RAM_BASE + RAM_SIZE - 2, 4, MEMTX_DECODE_ERROR);
    expect_write(&b.bus, RAM_BASE + RAM_SIZE - 2, 0, 4, MEMTX_DECODE_ERROR);
    expect_write(&b.bus, 0x1ffc, 0, 4, MEMTX_DECODE_ERROR);
    bus_expect_errors(&b.bus,
                      "Invalid read at addr 0x2FFFE, size 4, region 'ram', reason: rejected\n"
                      "Invalid write at addr 0x2FFFE, size 4, region 'ram', reason: rejected\n"
                      "Invalid write at addr 0x1FFC, size 4, region 'ram', reason: rejected\n");
    g_assert_cmphex(expect_read(&b.bus, 0x1ffc, 4, MEMTX_OK), ==, 0x12345678);
    board_free(&b);
}

static void test_size_is_checked(gconstpointer data)
{
    RAMHome home = (RAMHome)GPOINTER_TO_INT(data);
    const uint64_t sizes[] = { 0, MEMORY_RAM_MAX + 1 };
    const char *const texts[] = {
        "cannot set up guest memory 'r': its size is 0",
        "cannot set up guest memory 'r': 0x1000000001 bytes are more than the limit of 0x1000000000"
    };
    Far far = { .released = 0 };

    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        MemoryRegion mr;

        g_assert_false(
            home == RAM_HOME_SHM
                ? memory_region_init_ram_shm(&mr, NULL, "r", sizes[i], NULL, &error)
                : memory_region_init_ram_client(&mr, NULL, "r", sizes[i], &far_ops, &far, &error));
        g_assert_error(error, QOM_ERROR, QOM_ERROR_GENERIC);
        g_assert_cmpstr(error->message, ==, texts[i]);
    }
    g_assert_cmpuint(far.released, ==, 0);
}

/* --- With somebody else --- */

static void test_client_gets_accesses_whole(void)
{
    Board b;
    uint8_t data[64] = { 1, 2, 3 };

    board_init(&b, RAM_HOME_CLIENT);
    expect_write(&b.bus, RAM_BASE + 3, 0x1122, 2, MEMTX_OK);
    expect_read(&b.bus, RAM_BASE + 1, 8, MEMTX_OK);
    far_expect(&b, "w2@3 r8@1 ");
    g_assert_cmphex(b.far->bytes[3], ==, 0x22);
    address_space_write(&b.bus.as, RAM_BASE + 5, ANY, data, sizeof(data));
    address_space_read(&b.bus.as, RAM_BASE + 5, ANY, data, 1);
    far_expect(&b, "w40@5 r1@5 ");
    board_free(&b);
}

static void test_client_gets_long_transfers_in_pieces(void)
{
    Board b;
    g_autofree uint8_t *data = g_malloc0(RAM_SIZE);

    board_init(&b, RAM_HOME_CLIENT);
    address_space_write(&b.bus.as, RAM_BASE + 1, ANY, data, 0x10001);
    far_expect(&b, "w10000@1 w1@10001 ");
    address_space_read(&b.bus.as, RAM_BASE, ANY, data, RAM_SIZE);
    far_expect(&b, "r10000@0 r10000@10000 r10000@20000 ");
    address_space_set(&b.bus.as, RAM_BASE + 16, 0x5a, 0x1800, ANY);
    far_expect(&b, "w1000@10 w800@1010 ");
    g_assert_cmphex(b.far->bytes[16], ==, 0x5a);
    g_assert_cmphex(b.far->bytes[0x180f], ==, 0x5a);
    g_assert_cmphex(b.far->bytes[0x1810], ==, 0);
    board_free(&b);
}

static void test_client_failure_is_the_result_and_reads_zero(void)
{
    Board b;
    g_autofree uint8_t *data = g_malloc(RAM_SIZE);

    board_init(&b, RAM_HOME_CLIENT);
    memset(b.far->bytes, 0x77, RAM_SIZE);
    memset(data, 0x11, RAM_SIZE);
    b.far->result = MEMTX_ERROR;
    b.far->fails_at = 0x10000;
    g_assert_cmphex(address_space_read(&b.bus.as, RAM_BASE, ANY, data, RAM_SIZE), ==, MEMTX_ERROR);
    g_assert_cmphex(data[0xffff], ==, 0x77);
    g_assert_cmphex(data[0x10000], ==, 0);
    g_assert_cmphex(data[0x1ffff], ==, 0);
    g_assert_cmphex(data[0x20000], ==, 0x77);
    g_assert_cmphex(expect_read(&b.bus, RAM_BASE + 0x10000, 4, MEMTX_ERROR), ==, 0);
    expect_write(&b.bus, RAM_BASE + 0x10000, 1, 4, MEMTX_ERROR);
    g_assert_cmphex(address_space_set(&b.bus.as, RAM_BASE + 0x10000, 1, 4, ANY), ==, MEMTX_ERROR);
    g_assert_cmphex(b.far->bytes[0x10000], ==, 0x77);
    board_free(&b);
}

static void test_client_cannot_be_mapped(void)
{
    Board b;
    hwaddr len = 64;

    board_init(&b, RAM_HOME_CLIENT);
    g_assert_null(address_space_map(&b.bus.as, RAM_BASE, &len, false, ANY));
    g_assert_cmphex(len, ==, 0);
    far_expect(&b, "");
    board_free(&b);
}

/* --- In a file --- */

/* What anybody else would do with the path. */
static uint8_t *map_path(const char *path, size_t size)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t *p;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fstat(fd, &status), ==, 0);
    g_assert_cmpint(status.st_size, ==, size);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(status.st_uid, ==, geteuid());
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(p != MAP_FAILED);
    close(fd);
    return p;
}

static void test_file_is_shared(void)
{
    Board b;
    uint8_t *other;

    board_init(&b, RAM_HOME_SHM);
    other = map_path(memory_region_shm_path(&b.ram), RAM_SIZE);
    expect_write(&b.bus, RAM_BASE + 0x1234, 0x55aa, 2, MEMTX_OK);
    g_assert_cmphex(other[0x1235], ==, 0x55);
    other[RAM_SIZE - 1] = 0x99;
    g_assert_cmphex(expect_read(&b.bus, RAM_BASE + RAM_SIZE - 1, 1, MEMTX_OK), ==, 0x99);
    munmap(other, RAM_SIZE);
    board_free(&b);
}

/* A client that cuts the file would kill the server at the next access. */
static void test_file_of_its_own_cannot_be_cut(void)
{
    Board b;
    int fd;

    board_init(&b, RAM_HOME_SHM);
    fd = open(memory_region_shm_path(&b.ram), O_RDWR | O_CLOEXEC);
    g_assert_cmpint(ftruncate(fd, 0), ==, -1);
    g_assert_cmpint(errno, ==, EPERM);
    g_assert_cmpint(ftruncate(fd, (off_t)RAM_SIZE * 2), ==, -1);
    g_assert_cmpint(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), ==, -1);
    close(fd);
    board_free(&b);
}

static void test_named_file_is_made_and_removed(void)
{
    Bus bus;
    MemoryRegion ram;
    MemoryRegion second;
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ram", NULL);
    g_autofree char *expected = NULL;

    bus_init(&bus);
    g_assert_true(memory_region_init_ram_shm(&ram, bus.root, "ram", 0x2000, path, NULL));
    g_assert_cmpstr(memory_region_shm_path(&ram), ==, path);
    munmap(map_path(path, 0x2000), 0x2000);
    g_assert_false(memory_region_init_ram_shm(&second, bus.root, "two", 0x2000, path, &error));
    expected = g_strdup_printf("cannot set up guest memory 'two' in '%s': File exists", path);
    g_assert_cmpstr(error->message, ==, expected);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    bus_free(&bus);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_directory_gets_a_file_each(void)
{
    Bus bus;
    MemoryRegion first;
    MemoryRegion second;
    MemoryRegion *const ram[] = { &first, &second };
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);

    bus_init(&bus);
    for (int i = 0; i < 2; i++) {
        g_assert_true(memory_region_init_ram_shm(ram[i], bus.root, "ram", 0x1000, dir, NULL));
        g_assert_true(g_str_has_prefix(memory_region_shm_path(ram[i]), dir));
        munmap(map_path(memory_region_shm_path(ram[i]), 0x1000), 0x1000);
    }
    g_assert_cmpstr(memory_region_shm_path(&first), !=, memory_region_shm_path(&second));
    bus_free(&bus);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* Whoever took the name meanwhile keeps his file. */
static void test_file_of_somebody_else_stays(void)
{
    Bus bus;
    MemoryRegion ram;
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ram", NULL);

    bus_init(&bus);
    g_assert_true(memory_region_init_ram_shm(&ram, bus.root, "ram", 0x1000, path, NULL));
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
    bus_free(&bus);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_bad_paths_are_errors(void)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *link = g_build_filename(dir, "link", NULL);
    g_autofree char *missing = g_build_filename(dir, "missing", "ram", NULL);
    const char *const paths[] = { missing, link };
    const char *const reasons[] = { "No such file or directory", "File exists" };

    g_assert_cmpint(symlink("/dev/null", link), ==, 0);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *expected =
            g_strdup_printf("cannot set up guest memory 'r' in '%s': %s", paths[i], reasons[i]);
        MemoryRegion mr;

        g_assert_false(memory_region_init_ram_shm(&mr, NULL, "r", 0x1000, paths[i], &error));
        g_assert_cmpstr(error->message, ==, expected);
    }
    g_assert_cmpint(g_unlink(link), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* A full disk is found when the file is made, not when its last page is touched. */
static void test_no_room_is_an_error_and_leaves_nothing(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    struct rlimit little;
    struct rlimit before;
    MemoryRegion mr;

    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    little = (struct rlimit){ 0x1000, before.rlim_max };
    (void)signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &little), ==, 0);
    g_assert_false(memory_region_init_ram_shm(&mr, NULL, "r", 0x100000, dir, &error));
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_true(g_str_has_suffix(error->message, ": File too large"));
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void add_home(const char *name, RAMHome home)
{
    static const struct {
        const char *name;
        void (*test)(gconstpointer home);
    } cases[] = {
        { "starts-as-ram-that-can-be-asked", test_starts_as_ram_that_can_be_asked },
        { "random-accesses-agree-with-a-model", test_random_accesses },
        { "bounds-and-read-only-windows", test_bounds_and_read_only_windows },
        { "size-is-checked", test_size_is_checked },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/memory/home/%s/%s", name, cases[i].name);

        if (home != RAM_HOME_RAM || cases[i].test != test_size_is_checked) {
            g_test_add_data_func(path, GINT_TO_POINTER(home), cases[i].test);
        }
    }
}

static void add_tests(void)
{
    add_home("ram", RAM_HOME_RAM);
    add_home("shm", RAM_HOME_SHM);
    add_home("client", RAM_HOME_CLIENT);
    g_test_add_func("/memory/home/client/gets-accesses-whole", test_client_gets_accesses_whole);
    g_test_add_func("/memory/home/client/gets-long-transfers-in-pieces",
                    test_client_gets_long_transfers_in_pieces);
    g_test_add_func("/memory/home/client/failure-is-the-result-and-reads-zero",
                    test_client_failure_is_the_result_and_reads_zero);
    g_test_add_func("/memory/home/client/cannot-be-mapped", test_client_cannot_be_mapped);
    g_test_add_func("/memory/home/shm/file-is-shared", test_file_is_shared);
    g_test_add_func("/memory/home/shm/file-of-its-own-cannot-be-cut",
                    test_file_of_its_own_cannot_be_cut);
    g_test_add_func("/memory/home/shm/named-file-is-made-and-removed",
                    test_named_file_is_made_and_removed);
    g_test_add_func("/memory/home/shm/directory-gets-a-file-each", test_directory_gets_a_file_each);
    g_test_add_func("/memory/home/shm/file-of-somebody-else-stays",
                    test_file_of_somebody_else_stays);
    g_test_add_func("/memory/home/shm/bad-paths-are-errors", test_bad_paths_are_errors);
    g_test_add_func("/memory/home/shm/no-room-is-an-error-and-leaves-nothing",
                    test_no_room_is_an_error_and_leaves_nothing);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
