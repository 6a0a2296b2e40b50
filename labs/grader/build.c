/* Skeletons, the student's files over them, make. See build.h. */
#include "build.h"

#include "build_look.h"
#include "files.h"
#include "own.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

char *build_place(const struct model_lab *lab, const char *submission,
                  const char *work)
{
    return submission ? text_format("%s/%s/%s", work, lab->name, lab->name)
                      : text_format("build/%s", lab->name);
}

/* The student's file NAME as a descriptor; -1 if there is none. Only a regular
 * file, and no link to one of ours. */
static int open_theirs(const char *submission, const char *lab,
                       const char *name)
{
    auto_strv struct strv places = {0};
    strv_addf(&places, "%s/labs/%s/%s", submission, lab, name);
    strv_addf(&places, "%s/%s/%s", submission, lab, name);
    strv_addf(&places, "%s/%s", submission, name);
    int fd = -1;
    for (size_t i = 0; fd < 0 && i < places.n; i++)
        fd = open(places.v[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd;
}

/* Put it over the skeleton at `path`. */
static int take_theirs(struct model_lab *lab, const char *submission,
                       const char *path, struct err *e)
{
    const char *name = strrchr(path, '/') + 1;
    auto_fd int fd = open_theirs(submission, lab->name, name);
    struct stat st;
    if (fd < 0)
        return 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
        lab->broken =
            text_format("%s: not a regular file of at most 1 MiB", name);
        return 0;
    }
    auto_free char *bytes = own_alloc(FILE_MAX);
    ssize_t n = read(fd, bytes, FILE_MAX);
    if (n < 0)
        return err_sys(e, errno, "read %s", name);
    return files_replace(AT_FDCWD, path, bytes, (size_t)n, 0, e);
}

static int take_files(struct model_lab *lab, const char *submission,
                      const char *source, struct err *e)
{
    auto_free char *pattern = text_format("%s/%s/*.c", source, lab->name);
    glob_t found = {0};
    int r = 0;
    if (glob(pattern, 0, NULL, &found) != 0)
        r = err_set(e, ENOENT, "%s: no skeletons", lab->name);
    else
        for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
            r = take_theirs(lab, submission, found.gl_pathv[i], e);
    globfree(&found);
    return r;
}

/* The first line in which a compiler or linker speaks of an error. */
static char *first_error(const char *said)
{
    static const char *const signs[] = {"error:", "multiple definition",
                                        "undefined reference"};
    const char *at = NULL;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && !at; i++)
        at = strstr(said, signs[i]);
    if (at == NULL)
        return own_strdup("it does not compile");
    while (at > said && at[-1] != '\n')
        at--;
    const char *slash = at;
    for (const char *c = at; *c != ':' && *c != '\n' && *c != '\0'; c++)
        if (*c == '/')
            slash = c + 1;
    return text_format("it does not compile: %.*s", (int)strcspn(slash, "\n"),
                       slash);
}

static int make(struct model_lab *lab, const char *work, struct err *e)
{
    auto_text struct text said = {0};
    auto_free char *chapter = text_format("chapters/%s", lab->name);
    auto_free char *name = text_format("LAB=%s", lab->name);
    auto_free char *top = realpath(work, NULL);
    auto_free char *source =
        text_format("LAB_SOURCE=%s/%s/source/%s", top, lab->name, lab->name);
    auto_free char *place = text_format("LAB_BUILD=%s/%s", top, lab->name);
    const char *const argv[] = {"timeout",
                                "-k",
                                "1",
                                "120",
                                "make",
                                "-s",
                                "--no-print-directory",
                                "-C",
                                chapter,
                                "lib",
                                "tests",
                                name,
                                source,
                                place,
                                NULL};
    int status = run_read(argv, true, &said, e);
    if (status > 0)
        lab->broken = first_error(said.s);
    return status < 0 ? status : 0;
}

int build_lab(struct model_lab *lab, const char *submission, const char *work,
              struct err *e)
{
    if (submission == NULL)
        return 0;
    auto_free char *place = text_format("%s/%s", work, lab->name);
    auto_free char *source = text_format("%s/source", place);
    const char *const generate[] = {"scripts/labs-generate", "-f", source,
                                    lab->name, NULL};
    auto_text struct text said = {0};
    int r = files_remove_tree(AT_FDCWD, place, e);
    if (r >= 0)
        r = files_mkdirs(AT_FDCWD, source, 0755, e);
    if (r >= 0)
        r = run_read(generate, true, &said, e);
    if (r > 0)
        return err_set(e, EIO, "%s: no skeletons: %.100s", lab->name, said.s);
    if (r >= 0)
        r = take_files(lab, submission, source, e);
    if (r >= 0 && lab->broken == NULL)
        r = make(lab, work, e);
    if (r >= 0 && lab->broken == NULL)
        r = build_look(lab, place, e);
    return r;
}
