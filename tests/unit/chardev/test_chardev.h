/* The two halves of the chardev tests. */
#ifndef QOSIM_TESTS_UNIT_CHARDEV_TEST_CHARDEV_H
#define QOSIM_TESTS_UNIT_CHARDEV_TEST_CHARDEV_H

void add_shared_chardev_tests(void);
void add_special_chardev_tests(void);

#endif
