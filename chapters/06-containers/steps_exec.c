/* Steps of chapter 06: which program, and execve(2). */
#include "steps.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What execvp(3) uses where PATH is not set. */
#define DEFAULT_PATH                                                           \
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static int not_found(const char *name, struct err *e)
{
    bool is_path = strchr(name, '/') != NULL;
    return err_set(e, CTR_NOT_FOUND, "exec: \"%s\": %s", name,
                   is_path ? "no such file or directory"
                           : "executable file not found in $PATH");
}

static int not_executable(const char *name, int code, struct err *e)
{
    return err_set(e, CTR_NOT_EXECUTABLE, "exec: \"%s\": %s", name,
                   code == EACCES ? "permission denied" : strerror(code));
}

/* 0 if it can be executed, -EACCES if it is there, -ENOENT if not. */
static int look_at(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return errno == EACCES ? -EACCES : -ENOENT;
    if (S_ISDIR(st.st_mode) || (st.st_mode & 0111) == 0)
        return -EACCES;
    return 0;
}

int ctr_in_program(struct ctr *ctr, struct err *e)
{
    const struct spec_process *process = &ctr->spec->process;
    const char *name = process->args.v[0];
    if (strchr(name, '/') != NULL) {
        ctr->program = own_strdup(name);
        int r = look_at(name);
        if (r == 0)
            return 0;
        return r == -EACCES ? not_executable(name, EACCES, e)
                            : not_found(name, e);
    }
    if (name[0] == '\0')
        return not_found(name, e);
    const char *path = strv_env(&process->env, "PATH");
    auto_strv struct strv dirs = {0};
    strv_split(&dirs, path != NULL ? path : DEFAULT_PATH, ':');
    int best = -ENOENT;
    for (size_t i = 0; i < dirs.n; i++) {
        auto_free char *candidate =
            text_format("%s/%s", dirs.v[i][0] != '\0' ? dirs.v[i] : ".", name);
        int r = look_at(candidate);
        if (r == 0) {
            ctr->program = own_take(&candidate);
            return 0;
        }
        if (r == -EACCES)
            best = r;
    }
    return best == -EACCES ? not_executable(name, EACCES, e)
                           : not_found(name, e);
}

int ctr_in_exec(struct ctr *ctr, struct err *e)
{
    static char *const no_env[] = {NULL};
    const struct spec_process *process = &ctr->spec->process;
    char *const *env = process->env.n > 0 ? process->env.v : no_env;
    int r = sys_execve(ctr->program, process->args.v, env);
    /* ENOENT here is a missing interpreter: the file itself was seen. */
    if (r == -ENOENT || r == -ENOTDIR)
        return not_found(ctr->program, e);
    return not_executable(process->args.v[0], -r, e);
}
