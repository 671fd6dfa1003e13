/* Which of the bugs in the design there is: the number in the environment's SEEDED_BUG; none without it. */
#include <cstdlib>

extern "C" int seeded_bug();

int seeded_bug()
{
    const char *text = getenv("SEEDED_BUG");

    return text ? static_cast<int>(strtol(text, nullptr, 10)) : 0;
}
