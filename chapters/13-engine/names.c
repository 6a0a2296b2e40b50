/* Names for containers nobody named: an adjective and someone to remember. */
#include "run.h"

#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

static const char *const adjectives[] = {
    "able",    "brave",   "bright", "calm",   "clever", "curious", "eager",
    "elegant", "fervent", "fond",   "gentle", "happy",  "honest",  "hopeful",
    "jolly",   "keen",    "kind",   "lucid",  "merry",  "modest",  "nimble",
    "patient", "proud",   "quick",  "quiet",  "serene", "sharp",   "steady",
    "sunny",   "tender",  "vivid",  "witty",
};

/* People whose work this program stands on. */
static const char *const surnames[] = {
    "aho",      "bourne",  "brooks",    "cerf",     "codd",     "corbato",
    "dijkstra", "easley",  "engelbart", "feinler",  "goldberg", "hamilton",
    "hamming",  "hoare",   "hopper",    "johnson",  "kahn",     "kernighan",
    "knuth",    "lamport", "liskov",    "lovelace", "mcilroy",  "perlman",
    "pike",     "ritchie", "saltzer",   "shannon",  "stevens",  "tanenbaum",
    "thompson", "turing",  "wilkes",    "wirth",
};

char *run_random_name(bool is_taken)
{
    uint16_t random[3];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort();
    struct text name = {0};
    text_addf(&name, "%s_%s",
              adjectives[random[0] % (sizeof adjectives / sizeof *adjectives)],
              surnames[random[1] % (sizeof surnames / sizeof *surnames)]);
    if (is_taken)
        text_addf(&name, "%d", random[2] % 10);
    return text_take(&name);
}
