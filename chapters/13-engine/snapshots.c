/* Second reading: where there is no overlay. */
#include "snapshots.h"

#include "files.h"
#include "own.h"
#include "snap.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#define NOTE "cache/snapshots"

/* Another kernel may have what this one lacks. */
static char *copies_here(void)
{
    struct utsname system;
    uname(&system);
    return text_format("copy %s\n", system.release);
}

bool snapshots_are_copies(const struct engine *engine)
{
    auto_text struct text note = {0};
    if (files_read(engine->rootfd, NOTE, &note, NULL) < 0)
        return false;
    auto_free char *wanted = copies_here();
    return strcmp(note.s, wanted) == 0;
}

/* What mount(2) says of a kernel or a file system without it. */
static bool is_lack(int code)
{
    static const int lacks[] = {ENODEV, EINVAL, EOPNOTSUPP, ENOSYS, EPERM};
    for (size_t i = 0; i < sizeof lacks / sizeof lacks[0]; i++)
        if (code == lacks[i])
            return true;
    return false;
}

bool snapshots_learn(struct engine *engine, int code)
{
    if (!is_lack(code) || snapshots_are_copies(engine))
        return false;
    auto_free char *place = text_format("%s/tmp", engine->root);
    int r = snap_try(place, NULL, NULL);
    auto_free char *note = copies_here();
    return is_lack(-r) && files_replace(engine->rootfd, NOTE, note,
                                        strlen(note), 0, NULL) == 0;
}
