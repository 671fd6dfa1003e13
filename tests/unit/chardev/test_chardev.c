#include "tests/unit/chardev/test_chardev.h"

#include <locale.h>
#include <signal.h>

#include "qom/module.h"
#include "qom/object.h"

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    add_shared_chardev_tests();
    add_special_chardev_tests();
    return g_test_run();
}
