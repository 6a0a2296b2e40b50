/* HOME, for a process that has none: from the container's own /etc/passwd.
 * runc sets it, so programs and engines rely on it. Second reading. */
#include "oci_store.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* More than any list of accounts has; less than would hurt. */
#define LARGEST ((off_t)1 << 20)

/* The file is the container's, and may be anything: a FIFO would hold us, a
 * device do something. What is looked at first is opened then. */
static FILE *open_accounts(int root)
{
    auto_fd int found = files_open_in(root, "etc/passwd", O_PATH, 0, NULL);
    struct stat st;
    if (found < 0 || fstat(found, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size > LARGEST)
        return NULL;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", found);
    return fopen(name, "re");
}

void oci_add_home(struct spec_process *process, const char *root)
{
    if (strv_env(&process->env, "HOME") != NULL)
        return;
    auto_fd int dir =
        sys_openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    FILE *file = dir < 0 ? NULL : open_accounts(dir);
    const struct passwd *user = NULL;
    do
        user = file == NULL ? NULL : fgetpwent(file);
    while (user != NULL && user->pw_uid != process->uid);
    const char *home = user != NULL ? user->pw_dir : "";
    strv_addf(&process->env, "HOME=%s", home[0] != '\0' ? home : "/");
    if (file != NULL)
        fclose(file);
}
