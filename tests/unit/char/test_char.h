/* The parts of the program test-char. */
#ifndef QOSIM_TESTS_UNIT_CHAR_TEST_CHAR_H
#define QOSIM_TESTS_UNIT_CHAR_TEST_CHAR_H

void add_config_tests(void);
void add_console_tests(void);
void add_control_tests(void);
void add_data_tests(void);
void add_hotplug_tests(void);
void add_integrity_tests(void);
void add_ports_tests(void);
void add_reset_tests(void);
void add_virt_tests(void);

#endif
