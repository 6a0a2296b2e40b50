/* Once more, and when (registry.h). */
#include "registry.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_MS = 250, LONGEST_MS = 10 * 1000, PATIENCE_S = 120 };

static bool may_pass(int result)
{
    return result == 429 || (result >= 500 && result <= 599) ||
           result == -ECONNRESET || result == -ETIMEDOUT || result == -EPIPE ||
           result == -EIO;
}

/* Twice as long each time, and not all clients at once: some chance is in it.
 */
int registry_wait_ms(int result, const char *retry_after, int attempt)
{
    uint64_t seconds;
    uint32_t chance = 0;
    if (!may_pass(result))
        return -1;
    if (retry_after != NULL && text_to_u64(retry_after, &seconds) == 0)
        return seconds > PATIENCE_S ? -1 : (int)seconds * 1000;
    int ms = attempt > 5 ? LONGEST_MS : FIRST_MS << attempt;
    ms = ms > LONGEST_MS ? LONGEST_MS : ms;
    if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
        return ms;
    return ms + (int)(chance % (uint32_t)(ms / 4));
}

void registry_pause(int ms)
{
    poll(NULL, 0, ms);
}
