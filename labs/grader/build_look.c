/* nm(1) and objdump(1) on a student's object files. See build_look.h. */
#include "build_look.h"

#include "files.h"
#include "own.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

/* Functions that start a program, load code or look into other processes. */
static const char *const forbidden[] = {
    "system", "popen", "posix_spawn", "posix_spawnp", "execl",  "execlp",
    "execle", "execv", "execvp",      "execvpe",      "execve", "fexecve",
    "dlopen", "dlsym", "execveat",    "ptrace",
};

/* The names that nm tells of, in lines "NAME TYPE ..."; `which` is an option.
 */
static int names(const char *which, const char *object, struct strv *ret,
                 struct err *e)
{
    auto_text struct text said = {0};
    const char *const argv[] = {"nm", "-P", "-g", which, object, NULL};
    int status = run_read(argv, false, &said, e);
    if (status != 0)
        return status < 0 ? status
                          : err_set(e, EIO, "nm %s: status %d", object, status);
    auto_strv struct strv lines = {0};
    strv_split(&lines, said.s, '\n');
    for (size_t i = 0; i < lines.n; i++) {
        lines.v[i][strcspn(lines.v[i], " ")] = '\0';
        if (lines.v[i][0] != '\0')
            strv_add(ret, lines.v[i]);
    }
    return 0;
}

static bool has(const struct strv *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], name) == 0)
            return true;
    return false;
}

/* What of theirs the reference's file does not define. */
static int look_at_defined(const char *name, const char *theirs,
                           const char *ours, char **ret, struct err *e)
{
    auto_strv struct strv mine = {0}, known = {0};
    int r = names("--defined-only", theirs, &mine, e);
    if (r >= 0)
        r = names("--defined-only", ours, &known, e);
    for (size_t i = 0; r >= 0 && i < mine.n && *ret == NULL; i++)
        if (!has(&known, mine.v[i]))
            *ret = text_format("%s: %s must be static: nothing of it is for "
                               "others",
                               name, mine.v[i]);
    return r;
}

static int look_at_used(const char *name, const char *theirs, const char *ours,
                        char **ret, struct err *e)
{
    auto_strv struct strv used = {0}, known = {0};
    int r = names("--undefined-only", theirs, &used, e);
    if (r >= 0)
        r = names("--undefined-only", ours, &known, e);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        if (r >= 0 && *ret == NULL && has(&used, forbidden[i]) &&
            !has(&known, forbidden[i]))
            *ret = text_format("%s: %s() has no place in this lab", name,
                               forbidden[i]);
    return r;
}

static int look_at_sections(const char *name, const char *theirs, char **ret,
                            struct err *e)
{
    static const char *const early[] = {".init_array", ".preinit_array",
                                        ".ctors", ".init", ".fini_array"};
    auto_text struct text said = {0};
    const char *const argv[] = {"objdump", "-h", theirs, NULL};
    int status = run_read(argv, false, &said, e);
    if (status != 0)
        return status < 0 ? status : err_set(e, EIO, "objdump %s", theirs);
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        auto_free char *word = text_format(" %s", early[i]);
        if (*ret == NULL && strstr(said.s, word) != NULL)
            *ret = text_format("%s: code that runs before or after the checks "
                               "(%s)",
                               name, early[i]);
    }
    return 0;
}

/* What it includes, by the compiler's own account (-MMD): headers and itself.
 * The reference's source is on the include path, too. */
static int look_at_included(const char *name, const char *depends,
                            const char *source, char **ret, struct err *e)
{
    auto_text struct text text = {0};
    auto_strv struct strv words = {0};
    int r = files_read(AT_FDCWD, depends, &text, e);
    if (r < 0)
        return r;
    for (char *at = text.s; *at != '\0'; at++)
        if (*at == '\n' || *at == '\\')
            *at = ' ';
    const char *rule = strchr(text.s, ':');
    strv_split(&words, rule ? rule + 1 : "", ' ');
    for (size_t i = 0; i < words.n && *ret == NULL; i++) {
        const char *word = words.v[i];
        if (word[0] != '\0' && !text_ends(word, ".h") &&
            !text_ends(word, ".h:") && !text_ends(word, source))
            *ret =
                text_format("%s: it includes %s, which is no header", name,
                            strrchr(word, '/') ? strrchr(word, '/') + 1 : word);
    }
    return 0;
}

static int look_at(struct model_lab *lab, const char *place, const char *source,
                   struct err *e)
{
    const char *name = strrchr(source, '/') + 1;
    int len = (int)strlen(name) - 2; /* .c */
    auto_free char *theirs =
        text_format("%s/%s/%.*s.o", place, lab->name, len, name);
    auto_free char *ours = text_format("build/%s/%.*s.o", lab->name, len, name);
    auto_free char *depends =
        text_format("%s/%s/%.*s.d", place, lab->name, len, name);
    int r = look_at_included(name, depends, source, &lab->broken, e);
    if (r >= 0)
        r = look_at_sections(name, theirs, &lab->broken, e);
    if (r >= 0)
        r = look_at_defined(name, theirs, ours, &lab->broken, e);
    if (r >= 0)
        r = look_at_used(name, theirs, ours, &lab->broken, e);
    return r;
}

int build_look(struct model_lab *lab, const char *place, struct err *e)
{
    auto_free char *pattern = text_format("%s/source/%s/*.c", place, lab->name);
    glob_t found = {0};
    int r = 0;
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
            r = look_at(lab, place, found.gl_pathv[i], e);
    globfree(&found);
    return r;
}
