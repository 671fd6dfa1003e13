/* What the checker tells ends the run: exit status 9. */
#include <stdio.h>
#include <stdlib.h>

void axil_rule_broken(int bus, const char *rule);

void axil_rule_broken(int bus, const char *rule)
{
    (void)bus;
    fprintf(stderr, "the rule %s of AXI4-Lite is broken\n", rule);
    exit(9);
}
