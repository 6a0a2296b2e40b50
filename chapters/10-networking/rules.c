/* nft is run with the text of the rules. See rules.h. */
#include "rules_parts.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROGRAM "nft"
/* Where it lies, should PATH be without the administrator's directories. */
#define PLACES "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
enum { NOT_EXECUTED = 127, SAID_MAX = 512 };

/* What nft prints when the kernel has not what the text needs. Our text names
 * nothing that it does not define, so "no such file" is a kind of chain or of
 * expression that is missing. */
static const struct {
    const char *said;
    int code;
} reasons[] = {
    {"Operation not supported",   EOPNOTSUPP},
    {"Protocol not supported",    EOPNOTSUPP},
    {"not supported by protocol", EOPNOTSUPP},
    {"No such file or directory", EOPNOTSUPP},
    {"Operation not permitted",   EPERM     },
};

static _Noreturn void become_nft(const char *file, int in, int out)
{
    char name[] = PROGRAM, option[] = "-f", from[] = "-";
    char *const argv[] = {name, option, from, NULL};
    if (sys_dup3(in, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(out, STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(out, STDERR_FILENO, 0) >= 0)
        sys_execve(file, argv, environ);
    _exit(NOT_EXECUTED);
}

/* "/dev/stdin:7:1-2: Error: Could not ...": its first line, from "Error: " on
 * or as a whole. */
static char *first_line(int fd)
{
    char said[SAID_MAX + 1];
    ssize_t n = pread(fd, said, SAID_MAX, 0);
    said[n > 0 ? n : 0] = '\0';
    said[strcspn(said, "\n")] = '\0';
    const char *error = strstr(said, "Error: ");
    return own_strdup(error != NULL ? error + strlen("Error: ") : said);
}

static int refuse(int said_fd, struct err *e)
{
    auto_free char *said = first_line(said_fd);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strstr(said, reasons[i].said) == NULL)
            continue;
        if (reasons[i].code == EOPNOTSUPP)
            return err_set(e, EOPNOTSUPP,
                           "the kernel has no nftables for networks "
                           "(CONFIG_NF_TABLES, _INET, _BRIDGE, NFT_NAT, "
                           "NFT_MASQ, NFT_FIB_INET): " PROGRAM ": %s",
                           said);
        return err_set(e, reasons[i].code, PROGRAM ": %s", said);
    }
    return err_set(e, EIO, PROGRAM ": %s",
                   *said != '\0' ? said : "failed without a word");
}

static int run(const char *file, int in, int out, struct err *e)
{
    auto_fd int pidfd = -1;
    int r = proc_clone(0, -1, &pidfd, e);
    if (r == 0)
        become_nft(file, in, out);
    int code = r < 0 ? r : proc_wait(pidfd, e);
    if (code < 0)
        return err_add(e, "run %s", file);
    if (code == NOT_EXECUTED)
        return err_set(e, ENOEXEC, "%s cannot be executed", file);
    if (code > 128)
        return err_set(e, EIO, PROGRAM " was ended by signal %d", code - 128);
    return code == 0 ? 0 : refuse(out, e);
}

static char *find_nft(void)
{
    char *file = proc_find_program(getenv("PATH"), PROGRAM);
    return file != NULL ? file : proc_find_program(PLACES, PROGRAM);
}

/* Files in memory on both sides: no pipe that one of us would have to empty
 * while the other fills it. */
int rules_apply(const char *text, struct err *e)
{
    auto_free char *file = find_nft();
    auto_fd int in = memfd_create("rules", MFD_CLOEXEC);
    auto_fd int out = memfd_create("said", MFD_CLOEXEC);
    if (file == NULL)
        return err_set(e, ENOENT,
                       PROGRAM ": not found: networks need the package "
                               "nftables");
    if (in < 0 || out < 0)
        return err_sys(e, errno, "make files for " PROGRAM);
    int r = files_write_all(in, text, strlen(text));
    if (r < 0)
        return err_sys(e, r, "write to " PROGRAM);
    if (lseek(in, 0, SEEK_SET) < 0)
        return err_sys(e, errno, "write to " PROGRAM);
    return run(file, in, out, e);
}
