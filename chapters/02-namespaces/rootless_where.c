/* What the maps of our own user namespace tell. See rootless.h. */
#include "rootless.h"

#include "files.h"
#include "text.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The first line of the map; the first user namespace maps every id to itself
 * in one. */
struct line {
    unsigned int inside, outside, count;
};

static bool read_line(struct line *ret)
{
    auto_text struct text map = {0};
    return files_read(AT_FDCWD, "/proc/self/uid_map", &map, NULL) > 0 &&
           sscanf(map.s, "%u %u %u", &ret->inside, &ret->outside,
                  &ret->count) == 3;
}

bool rootless_is_inside(void)
{
    struct line line;
    return !read_line(&line) || line.inside != 0 || line.outside != 0 ||
           line.count != UINT32_MAX;
}

bool rootless_has_one_id(void)
{
    auto_text struct text map = {0};
    struct line line;
    return files_read(AT_FDCWD, "/proc/self/uid_map", &map, NULL) > 0 &&
           read_line(&line) && line.count == 1 && map.s[map.len - 1] == '\n' &&
           strchr(map.s, '\n') == map.s + map.len - 1;
}
