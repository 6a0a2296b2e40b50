/* docker cp: files of a container as an archive, and an archive's files into
 * one. */
#include "api.h"

#include "base64.h"
#include "cp.h"
#include "own.h"
#include "pack.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int open_side(struct api_call *call, enum engine_use use,
                     struct engine_files **ret_files, struct cp_side *ret,
                     struct err *e)
{
    *ret = (struct cp_side){.root = -1, .container = call->names[0]};
    int r = api_need(call, "path", &ret->path, e);
    if (r == 0)
        r = engine_files_open(call->engine, call->names[0], use, ret_files, e);
    if (r == 0)
        ret->root = engine_files_root(*ret_files);
    return r;
}

/* --- what a file is ------------------------------------------------------- */

/* Go's FileMode has the permissions where we have them, and all else in bits of
 * its own (pkg.go.dev/io/fs#FileMode). */
static uint32_t go_mode(mode_t mode)
{
    static const struct {
        mode_t mask, value;
        uint32_t bits;
    } table[] = {
        {S_IFMT,  S_IFDIR,  1U << 31           },
        {S_IFMT,  S_IFLNK,  1U << 27           },
        {S_IFMT,  S_IFBLK,  1U << 26           },
        {S_IFMT,  S_IFCHR,  1U << 26 | 1U << 21},
        {S_IFMT,  S_IFIFO,  1U << 25           },
        {S_IFMT,  S_IFSOCK, 1U << 24           },
        {S_ISUID, S_ISUID,  1U << 23           },
        {S_ISGID, S_ISGID,  1U << 22           },
        {S_ISVTX, S_ISVTX,  1U << 20           },
    };
    uint32_t bits = mode & 0777;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        bits |= (mode & table[i].mask) == table[i].value ? table[i].bits : 0;
    return bits;
}

static json_t *describe(const struct cp_side *side,
                        const struct cp_source *source, const struct stat *st)
{
    auto_free char *dir = NULL, *base = NULL, *target = NULL;
    char date[24] = "";
    struct tm tm;
    if (S_ISLNK(st->st_mode) &&
        cp_find(side, side->path, true, &dir, &base) == 0) {
        auto_free char *absolute = path_join("/", dir);
        target = path_join(absolute, base);
    }
    gmtime_r(&st->st_mtim.tv_sec, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    return json_pack("{s:s, s:I, s:I, s:o, s:s}", "name", source->name, "size",
                     (json_int_t)st->st_size, "mode",
                     (json_int_t)go_mode(st->st_mode), "mtime",
                     json_sprintf("%s.%09ldZ", date, st->st_mtim.tv_nsec),
                     "linkTarget", target != NULL ? target : "");
}

/* The header that goes before the archive. */
static int add_stat(struct api_call *call, const struct cp_side *side,
                    const struct cp_source *source, struct err *e)
{
    struct stat st;
    if (fstatat(source->parent, source->path, &st,
                AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
        return err_sys(e, errno, "stat %s in container %s", side->path,
                       side->container);
    json_auto_t *doc = describe(side, source, &st);
    auto_free char *text = doc != NULL ? json_dumps(doc, JSON_COMPACT) : NULL;
    if (text == NULL)
        return err_set(e, EINVAL, "the name of %s is not UTF-8", side->path);
    auto_free char *packed = base64_encode(text, strlen(text));
    http_add_header(call->http, "X-Docker-Container-Path-Stat", packed);
    return 0;
}

/* --- out of it ------------------------------------------------------------ */

static int send_archive(void *arg, const void *bytes, size_t len)
{
    struct api_call *call = arg;
    int r = http_has_answered(call->http)
                ? 0
                : http_begin(call->http, 200, "application/x-tar");
    return r < 0 ? r : http_send(call->http, bytes, len);
}

static int pack(struct api_call *call, const struct cp_source *source,
                struct err *e)
{
    const struct pack_options options = {
        .target = {send_archive, call}
    };
    auto_tree struct tree tree = {.crosses = true};
    tree_add(&tree, fcntl(source->parent, F_DUPFD_CLOEXEC, 3));
    struct pack *pack = pack_open(&options);
    int r = pack_tree(pack, &tree, source->path, source->name, e);
    r = pack_close(pack, r, e);
    return r < 0 ? r : http_end(call->http);
}

static int get(struct api_call *call, struct err *e)
{
    struct engine_files *files = NULL;
    struct cp_side side;
    auto_cp_source struct cp_source source = {.parent = -1};
    bool is_head = http_request(call->http)->is_head;
    int r = open_side(call, is_head ? ENGINE_LOOKS : ENGINE_READS, &files,
                      &side, e);
    if (r == 0)
        r = cp_source_open(&side, false, &source, e);
    if (r == 0)
        r = add_stat(call, &side, &source, e);
    if (r == 0)
        r = is_head ? http_answer(call->http, 200, "application/json", NULL, 0)
                    : pack(call, &source, e);
    engine_files_close(files);
    return r;
}

/* --- into it -------------------------------------------------------------- */

/* With noOverwriteDirNonDir a directory is never replaced by something else,
 * nor the reverse. An archive says itself whose its files are; with copyUIDGID
 * they are those of who runs in the container. */
static int put(struct api_call *call, struct err *e)
{
    struct engine_files *files = NULL;
    struct cp_side side;
    auto_cp_target struct cp_target target = {.dir = -1};
    struct layer_rules rules = {
        .replaces = !query_bool(&call->query, "noOverwriteDirNonDir")};
    const struct layer_source body = {http_read, call->http};
    int r = open_side(call, ENGINE_WRITES, &files, &side, e);
    if (r == 0 && query_bool(&call->query, "copyUIDGID"))
        r = cp_owner(call->engine, &side, &rules, e);
    if (r == 0)
        r = cp_target_in(&side, side.path, &target, e);
    if (r == 0)
        r = layer_extract_plain(body, target.dir, &rules, NULL, e);
    engine_files_close(files);
    return r < 0 ? r : api_answer_empty(call, 200);
}

const struct api_route api_archive_routes[] = {
    {"GET|HEAD", "/containers/{}/archive", get,  0},
    {"PUT",      "/containers/{}/archive", put,  0},
    {NULL,       NULL,                     NULL, 0},
};
