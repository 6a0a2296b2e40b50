/* mini-docker cp: files into a container and out of it. */
#include "command.h"
#include "cp.h"
#include "output.h"

#include "field.h"
#include "own.h"
#include "pack_child.h"
#include "path.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"archive", 'a', &option_bool, "Archive",
     "Archive mode (copy all uid/gid information)"},
    {"follow-link", 'L', &option_bool, "FollowLink",
     "Always follow symbol link in SRC_PATH"},
    {"quiet", 'q', &option_bool, "Quiet",
     "Suppress progress output during copy. Progress output is automatically "
     "suppressed if no terminal is attached"},
    {0},
};
/* clang-format on */

struct copy {
    const struct call *call;
    struct cp_side from, to;
    bool follows;
    struct layer_rules rules;
};

/* CONTAINER:PATH, unless it is a path of ours that has a colon in it. */
static void read_side(const char *text, struct cp_side *ret, char **ret_name)
{
    const char *colon = strchr(text, ':');
    *ret = (struct cp_side){.root = -1, .path = text};
    if (text[0] == '/' || text[0] == '.' || colon == NULL)
        return;
    *ret_name = text_format("%.*s", (int)(colon - text), text);
    ret->container = *ret_name;
    ret->path = colon[1] != '\0' ? colon + 1 : "/";
}

static bool is_stream(const struct cp_side *side)
{
    return side->container == NULL && strcmp(side->path, "-") == 0;
}

/* What cp says it copied is the size of the archive, as Docker counts it: the
 * plain tar with its two blocks of zeros at the end. */
static void report(const struct copy *copy, struct pack_size size)
{
    if (field_bool(copy->call->doc, "Quiet") || !isatty(STDOUT_FILENO))
        return;
    char bytes[16];
    const struct cp_side *to = &copy->to;
    auto_free char *here =
        to->container == NULL && to->path[0] != '/' ? getcwd(NULL, 0) : NULL;
    auto_free char *joined = text_format("%s%s%s", here != NULL ? here : "",
                                         here != NULL ? "/" : "", to->path);
    auto_free char *path =
        to->container != NULL ? own_strdup(to->path) : path_clean(joined);
    fprintf(stderr, "Successfully copied %s to %s%s%s\n",
            text_from_bytes(size.tar + 1024, bytes),
            to->container != NULL ? to->container : "",
            to->container != NULL ? ":" : "", path);
}

static struct tree tree_of(const struct cp_source *source)
{
    struct tree tree = {.crosses = true};
    tree_add(&tree, fcntl(source->parent, F_DUPFD_CLOEXEC, 3));
    return tree;
}

/* On a read-only mount the kernel says so, in other words than Docker. */
static int say_readonly(int r, struct err *e)
{
    return r == -EROFS ? err_set(e, EROFS,
                                 "container rootfs or mounted volume is marked "
                                 "read-only")
                       : r;
}

static int copy_tree(struct copy *copy, struct err *e)
{
    auto_cp_source struct cp_source source = {.parent = -1};
    auto_cp_target struct cp_target target = {.dir = -1};
    auto_pack_child struct pack_child child = PACK_CHILD_INIT;
    int r = cp_source_open(&copy->from, copy->follows, &source, e);
    if (r == 0)
        r = cp_target_open(&copy->to, &source, &target, e);
    if (r < 0)
        return r;
    auto_tree struct tree tree = tree_of(&source);
    r = pack_child_start(&child, &tree, source.path, target.name, e);
    if (r == 0)
        r = layer_extract_plain(pack_child_source(&child), target.dir,
                                &copy->rules, NULL, e);
    r = pack_child_end(&child, r, e);
    if (r == 0)
        report(copy, pack_child_size(&child));
    return say_readonly(r, e);
}

static int copy_to_stream(struct copy *copy, struct err *e)
{
    static const int out = STDOUT_FILENO;
    auto_cp_source struct cp_source source = {.parent = -1};
    int r = cp_source_open(&copy->from, copy->follows, &source, e);
    if (r < 0)
        return r;
    auto_tree struct tree tree = tree_of(&source);
    struct pack_options out_options = {
        .target = {output_add, (void *)(uintptr_t)&out},
        .notice = output_notice
    };
    struct pack *pack = pack_open(&out_options);
    r = pack_tree(pack, &tree, source.path, source.name, e);
    return pack_close(pack, r, e);
}

static ssize_t read_input(void *arg, void *bytes, size_t len)
{
    bool *is_empty = arg;
    ssize_t n = read(STDIN_FILENO, bytes, len);
    *is_empty &= n == 0;
    return n < 0 ? -errno : n;
}

/* An archive says itself whose its files are. Not a byte is, to Docker, one
 * without files. */
static int copy_from_stream(struct copy *copy, struct err *e)
{
    auto_cp_target struct cp_target target = {.dir = -1};
    struct layer_rules rules = {.has_owner = false};
    bool is_empty = true;
    int r = cp_target_directory(&copy->to, &target, e);
    if (r == 0)
        r = layer_extract_plain((struct layer_source){read_input, &is_empty},
                                target.dir, &rules, NULL, e);
    if (r == -EBADMSG && is_empty)
        return 0;
    return say_readonly(r, e);
}

static int copy(struct copy *copy, struct engine *engine, struct err *e)
{
    struct cp_side *inside =
        copy->to.container != NULL ? &copy->to : &copy->from;
    struct engine_files *files = NULL;
    int r = engine_files_open(
        engine, inside->container,
        inside == &copy->to ? ENGINE_WRITES : ENGINE_READS, &files, e);
    if (r < 0)
        return r;
    inside->root = engine_files_root(files);
    r = is_stream(&copy->from) ? copy_from_stream(copy, e)
        : is_stream(&copy->to) ? copy_to_stream(copy, e)
                               : copy_tree(copy, e);
    engine_files_close(files);
    return r;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_free char *from = NULL, *to = NULL;
    struct copy work = {.call = call};
    read_side(call->operands.v[0], &work.from, &from);
    read_side(call->operands.v[1], &work.to, &to);
    if (from != NULL && to != NULL)
        return err_set(e, EINVAL,
                       "copying between containers is not supported");
    if (from == NULL && to == NULL)
        return err_set(e, EINVAL, "must specify at least one container source");
    work.follows = field_bool(call->doc, "FollowLink");
    /* Who copies owns the copy, on our side; in a container it is root. */
    work.rules.has_owner = !field_bool(call->doc, "Archive");
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (to == NULL) {
        work.rules.uid = geteuid();
        work.rules.gid = getegid();
    }
    return r < 0 ? r : copy(&work, engine, e);
}

const struct command command_cp = {
    .name = "cp",
    .aliases = {"container cp"},
    .synopsis =
        "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
        "       mini-docker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    .summary = "Copy files/folders between a container and the local "
               "filesystem",
    .options = options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
