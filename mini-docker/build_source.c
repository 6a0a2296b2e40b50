/* Where a build comes from: build_source.h. */
#include "build_source.h"

#include "command.h"
#include "engine_build.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void build_source_done(struct build_source *s)
{
    text_done(&s->dockerfile);
    text_done(&s->dockerignore);
    own_free(&s->place);
}

static ssize_t read_input(void *arg, void *bytes, size_t len)
{
    int fd = STDIN_FILENO;
    (void)arg;
    return command_read_fd(&fd, bytes, len);
}

static int say_input(int r, struct err *e)
{
    return r < 0 ? err_sys(e, r, "read standard input") : 0;
}

static int read_text(struct context_source *input, struct text *ret,
                     struct err *e)
{
    return say_input(context_source_text(input, ret), e);
}

static int take_directory(struct build_source *s, const char *path,
                          struct err *e)
{
    struct stat st;
    s->place = realpath(path, NULL);
    if (s->place == NULL || stat(s->place, &st) < 0)
        return err_set(e, ENOENT,
                       "unable to prepare context: path \"%s\" not found",
                       path);
    if (!S_ISDIR(st.st_mode))
        return err_set(e, ENOTDIR,
                       "unable to prepare context: context must be a "
                       "directory: %s",
                       path);
    s->order->context = s->order->place = s->place;
    return 0;
}

/* "build -": an archive, or a Dockerfile alone. */
static int take_input(struct build_source *s, const char *file, struct err *e)
{
    int r = say_input(context_source_open(&s->input), e);
    if (r < 0)
        return r;
    s->order->place = "-";
    if (context_source_is_archive(&s->input)) {
        s->archive = (struct layer_source){context_source_read, &s->input};
        s->order->archive = &s->archive;
        return 0;
    }
    if (file != NULL)
        return err_set(e, EINVAL,
                       "ambiguous Dockerfile source: both stdin and "
                       "flag correspond to Dockerfiles");
    s->order->dockerfile = &s->dockerfile;
    return read_text(&s->input, &s->dockerfile, e);
}

/* NAME.dockerignore beside NAME is the context's, for this Dockerfile. */
static int take_ignore(struct build_source *s, const char *dockerfile,
                       struct err *e)
{
    auto_free char *path = text_format("%s.dockerignore", dockerfile);
    if (access(path, F_OK) < 0)
        return 0;
    text_add(&s->dockerignore, "");
    s->order->dockerignore = &s->dockerignore;
    return files_read(AT_FDCWD, path, &s->dockerignore, e) < 0 ? -EIO : 0;
}

/* -f: "-" is standard input; a path is ours and not the context's, unless the
 * context is an archive. */
static int take_file(struct build_source *s, const char *file, struct err *e)
{
    if (file == NULL || s->order->archive != NULL) {
        s->order->dockerfile_name = file != NULL ? file : "Dockerfile";
        return 0;
    }
    s->order->dockerfile = &s->dockerfile;
    s->order->dockerfile_name = "Dockerfile";
    if (strcmp(file, "-") == 0)
        return read_text(&s->input, &s->dockerfile, e);
    s->order->dockerfile_name = file;
    struct err why = {0};
    auto_free char *inside =
        file[0] != '/' && s->place != NULL && access(file, F_OK) < 0
            ? text_format("%s/%s", s->place, file)
            : own_strdup(file);
    int r = files_read(AT_FDCWD, inside, &s->dockerfile, &why);
    if (r < 0)
        return err_set(e, -r,
                       "unable to prepare context: unable to evaluate "
                       "symlinks in Dockerfile path: %s",
                       why.msg);
    if (s->dockerfile.len == 0)
        text_add(&s->dockerfile, "");
    return take_ignore(s, inside, e);
}

/* A directory of that name goes first. */
static bool is_remote(const char *context)
{
    return access(context, F_OK) < 0 && engine_build_is_remote(context);
}

/* -f names a file in there, unless it is standard input. */
static int take_remote_file(struct build_source *s, const char *file,
                            struct err *e)
{
    bool is_input = file != NULL && strcmp(file, "-") == 0;
    s->order->dockerfile = is_input ? &s->dockerfile : NULL;
    s->order->dockerfile_name = file != NULL && !is_input ? file : "Dockerfile";
    return is_input ? read_text(&s->input, &s->dockerfile, e) : 0;
}

int build_source_take(struct build_source *s, const char *context,
                      const char *file, struct err *e)
{
    bool both =
        strcmp(context, "-") == 0 && file != NULL && strcmp(file, "-") == 0;
    if (both)
        return err_set(e, EINVAL,
                       "invalid argument: can't use stdin for both "
                       "build context and dockerfile");
    s->input.from.read = read_input;
    if (is_remote(context)) {
        s->order->remote = context;
        s->order->place = "-";
    }
    if (s->order->remote != NULL)
        return take_remote_file(s, file, e);
    if (strcmp(context, "-") != 0) {
        int r = take_directory(s, context, e);
        return r < 0 ? r : take_file(s, file, e);
    }
    int r = take_input(s, file, e);
    if (r == 0 && s->order->dockerfile == NULL)
        r = take_file(s, file, e);
    else
        s->order->dockerfile_name = "Dockerfile";
    return r;
}
