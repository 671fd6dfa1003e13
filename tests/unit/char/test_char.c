#include "tests/unit/char/test_char.h"

#include "qom/module.h"
#include "qom/object.h"

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    add_config_tests();
    add_ports_tests();
    add_control_tests();
    add_data_tests();
    add_reset_tests();
    add_console_tests();
    add_hotplug_tests();
    add_integrity_tests();
    add_virt_tests();
    return g_test_run();
}
