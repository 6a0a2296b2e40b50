/* build --output: build_output.h. */
#include "build_output.h"

#include "command.h"
#include "output.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "tree.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void build_output_done(struct build_output *output)
{
    own_free(&output->kind);
    own_free(&output->dest);
}

/* A path alone is a directory; "-" alone an archive on standard output. */
static void read_short(const char *said, struct build_output *ret)
{
    ret->kind = own_strdup(strcmp(said, "-") == 0 ? "tar" : "local");
    ret->dest = own_strdup(said);
}

static int check(struct build_output *output, struct err *e)
{
    static const char *const images[] = {"image", "docker"};
    const char *kind = output->kind;
    if (kind == NULL)
        return err_set(e, EINVAL, "type is required for output");
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++)
        if (strcmp(kind, images[i]) == 0 && output->dest == NULL) {
            own_free(&output->kind);
            return 0;
        }
    bool is_files = strcmp(kind, "local") == 0 || strcmp(kind, "tar") == 0;
    if (!is_files)
        return err_set(e, EINVAL, "output type \"%s\" is not supported", kind);
    if (strcmp(kind, "local") == 0 && output->dest == NULL)
        return err_set(e, EINVAL, "dest is required for local output");
    return 0;
}

int build_output_read(const char *said, struct build_output *ret, struct err *e)
{
    if (said == NULL)
        return 0;
    if (strchr(said, '=') == NULL) {
        read_short(said, ret);
        return 0;
    }
    auto_strv struct strv parts = {0};
    strv_split(&parts, said, ',');
    for (size_t i = 0; i < parts.n; i++) {
        char **place = text_starts(parts.v[i], "type=")   ? &ret->kind
                       : text_starts(parts.v[i], "dest=") ? &ret->dest
                                                          : NULL;
        if (place == NULL)
            return err_set(e, EINVAL, "unexpected key in output: %s",
                           parts.v[i]);
        own_free(place);
        *place = own_strdup(parts.v[i] + strlen("type="));
    }
    return check(ret, e);
}

static int write_tar(void *arg, int fd, struct err *e)
{
    const struct image *image = arg;
    auto_tree struct tree tree = {.n = 0};
    struct pack_options options = {
        .target = {output_add, &fd},
          .notice = output_notice
    };
    int r = image_open_tree(image, &tree, e);
    if (r < 0 || tree.n == 0)
        return r;
    struct pack *pack = pack_open(&options);
    r = pack_tree(pack, &tree, "", "", e);
    return pack_close(pack, r, e);
}

/* Through an archive in memory: what unpacks it is what unpacks layers. */
static int write_files(const struct image *image, const char *dest,
                       struct err *e)
{
    auto_fd int file = memfd_create("output", MFD_CLOEXEC);
    int r = file < 0 ? err_sys(e, errno, "memfd_create") : 0;
    if (r == 0)
        r = files_mkdirs(AT_FDCWD, dest, 0755, e);
    if (r == 0)
        r = write_tar((void *)(uintptr_t)image, file, e);
    auto_fd int dir =
        r < 0 ? -1
              : sys_openat(AT_FDCWD, dest, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (r < 0 || dir < 0 || lseek(file, 0, SEEK_SET) < 0)
        return r < 0 ? r : err_sys(e, dir < 0 ? dir : errno, "open %s", dest);
    struct layer_rules rules = {
        .has_owner = geteuid() != 0, .uid = geteuid(), .gid = getegid()};
    struct layer_source source = {command_read_fd, &file};
    return layer_extract_plain(source, dir, &rules, NULL, e);
}

bool build_output_is_stdout(const struct build_output *output)
{
    return output->kind != NULL && strcmp(output->kind, "tar") == 0 &&
           (output->dest == NULL || strcmp(output->dest, "-") == 0);
}

int build_output_write(struct engine *engine, const char *id,
                       const struct build_output *output, struct err *e)
{
    if (output->kind == NULL)
        return 0;
    auto_image struct image image = {0};
    int r = image_find(engine_images(engine), id, &image, e);
    if (r < 0)
        return r;
    if (strcmp(output->kind, "local") == 0)
        return write_files(&image, output->dest, e);
    return output_write(build_output_is_stdout(output) ? NULL : output->dest,
                        "failed to write the output", write_tar, &image, e);
}
