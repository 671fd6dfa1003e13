/* Where a machine's RAM lives, as its properties say. */
#include <glib/gstdio.h>
#include <string.h>

#include "models/machine/sifive_e.h"
#include "tests/lib/test_device.h"

static MachineState *new_machine(const char *home, const char *path)
{
    MachineState *machine = machine_new("sifive_e", NULL);

    g_assert_true(object_property_parse(OBJECT(machine), "ram-home", home, NULL));
    if (path) {
        g_assert_true(object_property_parse(OBJECT(machine), "ram-path", path, NULL));
    }
    return machine;
}

static MachineState *build(const char *home, const char *path)
{
    MachineState *machine = new_machine(home, path);

    g_assert_true(machine_create(machine, NULL));
    return machine;
}

static const MemoryRegion *ram_of(MachineState *machine)
{
    return &SIFIVE_E_MACHINE(machine)->dtim;
}

static void test_home_is_chosen_by_name(void)
{
    static const char *const names[] = { "ram", "shm", "client" };

    for (int home = 0; home < 3; home++) {
        MachineState *machine = build(names[home], NULL);
        g_autofree char *value = object_property_print(OBJECT(machine), "ram-home", false, NULL);

        g_assert_cmpint(memory_region_ram_home(ram_of(machine)), ==, home);
        g_assert_cmpstr(value, ==, names[home]);
        machine_free(machine);
    }
}

static void test_home_is_in_the_process_by_default(void)
{
    MachineState *machine = machine_new("sifive_e", NULL);

    g_assert_true(machine_create(machine, NULL));
    g_assert_cmpint(memory_region_ram_home(ram_of(machine)), ==, RAM_HOME_RAM);
    machine_free(machine);
}

static void test_unknown_home_is_refused(void)
{
    MachineState *machine = machine_new("sifive_e", NULL);
    GError *error = NULL;

    g_assert_false(object_property_parse(OBJECT(machine), "ram-home", "disk", &error));
    test_assert_error(&error, "Parameter 'ram-home' does not accept value 'disk'");
    machine_free(machine);
}

static void test_built_machine_keeps_its_ram(void)
{
    MachineState *machine = build("shm", NULL);
    GError *error = NULL;

    g_assert_false(object_property_parse(OBJECT(machine), "ram-home", "ram", &error));
    test_assert_error(&error, "Property 'ram-home' can't be set after the machine was built");
    g_assert_false(object_property_parse(OBJECT(machine), "ram-path", "x", &error));
    test_assert_error(&error, "Property 'ram-path' can't be set after the machine was built");
    machine_free(machine);
}

static void test_path_names_the_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ram", NULL);
    MachineState *machine = build("shm", path);

    g_assert_cmpstr(memory_region_shm_path(ram_of(machine)), ==, path);
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    machine_free(machine);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_path_that_cannot_be_is_an_error(void)
{
    MachineState *machine = new_machine("shm", "/nonexistent/ram");
    GError *error = NULL;

    g_assert_false(machine_create(machine, &error));
    test_assert_error(&error, "cannot set up guest memory 'riscv.sifive.e.ram' in "
                              "'/nonexistent/ram': No such file or directory");
    machine_free(machine);
}

static void test_path_needs_the_home_that_has_one(void)
{
    MachineState *machine = new_machine("client", "ram");
    GError *error = NULL;

    g_assert_false(machine_create(machine, &error));
    test_assert_error(&error, "'ram-path' is for 'ram-home=shm', not for 'ram-home=client'");
    machine_free(machine);
}

typedef struct Request {
    hwaddr addr;
    hwaddr len;
    bool is_write;
    unsigned count;
} Request;

static MemTxResult note_request(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    Request *request = opaque;

    *request = (Request){ addr, len, is_write, request->count + 1 };
    if (!is_write) {
        memset(buf, 0x5a, len);
    }
    return MEMTX_OK;
}

static void assert_request(Request *request, hwaddr addr, hwaddr len, bool is_write)
{
    g_assert_cmpuint(request->count, ==, 1);
    g_assert_cmphex(request->addr, ==, addr);
    g_assert_cmphex(request->len, ==, len);
    g_assert_true(request->is_write == is_write);
    request->count = 0;
}

/* Whatever window an access goes through, the handler hears where the RAM itself is. */
static void test_handler_gets_bus_addresses(void)
{
    MachineState *machine = build("client", NULL);
    AddressSpace *as = machine->system_as;
    MemoryRegion window;
    Request request = { .count = 0 };
    uint64_t value;

    memory_region_init_alias(&window, OBJECT(machine), "window", &SIFIVE_E_MACHINE(machine)->dtim,
                             0x100, 0x100);
    memory_region_add_subregion(machine->system_memory, 0x1000, &window);
    machine_set_dma_handler(machine, note_request, &request);
    g_assert_cmphex(memory_access_read(as, 0x80000010, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
                    MEMTX_OK);
    g_assert_cmphex(value, ==, 0x5a5a5a5a);
    assert_request(&request, 0x80000010, 4, false);
    g_assert_cmphex(address_space_write(as, 0x1010, MEMTXATTRS_UNSPECIFIED, &value, 8), ==,
                    MEMTX_OK);
    assert_request(&request, 0x80000110, 8, true);
    machine_free(machine);
}

static void test_without_a_handler_the_bus_says_error(void)
{
    MachineState *machine = build("client", NULL);
    uint64_t value = 1;

    g_assert_cmphex(
        memory_access_read(machine->system_as, 0x80000000, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_ERROR);
    g_assert_cmphex(value, ==, 0);
    g_assert_cmphex(
        memory_access_write(machine->system_as, 0x80000000, 1, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_ERROR);
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/machine/ram/home-is-chosen-by-name", test_home_is_chosen_by_name);
    g_test_add_func("/machine/ram/home-is-in-the-process-by-default",
                    test_home_is_in_the_process_by_default);
    g_test_add_func("/machine/ram/unknown-home-is-refused", test_unknown_home_is_refused);
    g_test_add_func("/machine/ram/built-machine-keeps-its-ram", test_built_machine_keeps_its_ram);
    g_test_add_func("/machine/ram/path-names-the-file", test_path_names_the_file);
    g_test_add_func("/machine/ram/path-that-cannot-be-is-an-error",
                    test_path_that_cannot_be_is_an_error);
    g_test_add_func("/machine/ram/path-needs-the-home-that-has-one",
                    test_path_needs_the_home_that_has_one);
    g_test_add_func("/machine/ram/handler-gets-bus-addresses", test_handler_gets_bus_addresses);
    g_test_add_func("/machine/ram/without-a-handler-the-bus-says-error",
                    test_without_a_handler_the_bus_says_error);
    return g_test_run();
}
