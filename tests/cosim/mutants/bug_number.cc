/* Which of the bugs in the design there is: the number in the environment's GPIO_BUG; none without it. */
#include <cstdlib>

extern "C" int gpio_bug();

int gpio_bug()
{
    const char *text = getenv("GPIO_BUG");

    return text ? static_cast<int>(strtol(text, nullptr, 10)) : 0;
}
