/* What git fetches, for ADD and for a context:
 * https://example.com/project.git#REF:DIRECTORY. */
#include "build_remote.h"

#include "build_tool.h"
#include "files.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Its parts; the fragment says which commit, and which directory of it. */
struct git_source {
    char *url, *ref, *path;
};

static void read_source(const char *said, struct git_source *ret)
{
    const char *hash = strchr(said, '#');
    size_t len = hash != NULL ? (size_t)(hash - said) : strlen(said);
    const char *ref = hash != NULL ? hash + 1 : "";
    size_t ref_len = strcspn(ref, ":");
    const char *path = ref[ref_len] == ':' ? ref + ref_len + 1 : "";
    ret->url = text_format("%.*s", (int)len, said);
    ret->ref = ref_len > 0 ? text_format("%.*s", (int)ref_len, ref)
                           : own_strdup("HEAD");
    ret->path = own_strdup(path + strspn(path, "/"));
}

static void source_done(struct git_source *source)
{
    own_free(&source->url);
    own_free(&source->ref);
    own_free(&source->path);
}

bool build_remote_is_git(const char *word)
{
    static const char *const schemes[] = {"git://", "ssh://", "git@"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (text_starts(word, schemes[i]))
            return true;
    if (!text_starts(word, "http://") && !text_starts(word, "https://"))
        return false;
    size_t len = strcspn(word, "#?");
    return len > strlen(".git") &&
           strncmp(word + len - strlen(".git"), ".git", strlen(".git")) == 0;
}

/* One command; `ret` (may be NULL) gets the first line that it says. */
static int git(int dir, const char *const *argv, char **ret, struct err *e)
{
    struct build_tool tool = {.argv = argv, .dir = dir};
    int code = build_tool_run(&tool, e);
    auto_free char *why = code > 0 ? build_tool_why(&tool, "fatal: ") : NULL;
    if (code > 0)
        code = err_set(e, EIO, "git %s: %.160s", argv[1], why);
    if (code == 0 && ret != NULL)
        *ret =
            text_format("%.*s", (int)strcspn(tool.said.s, "\n"), tool.said.s);
    build_tool_done(&tool);
    return code;
}

/* That commit alone; -EIO where there is none, or the server cannot. */
static int fetch_one(int dir, const struct git_source *source, struct err *e)
{
    const char *const argv[] = {"git",       "fetch",     "-q",
                                "--depth=1", "--no-tags", "--",
                                source->url, source->ref, NULL};
    return git(dir, argv, NULL, e);
}

static int fetch_all(int dir, const struct git_source *source, struct err *e)
{
    const char *const argv[] = {"git",
                                "fetch",
                                "-q",
                                "--",
                                source->url,
                                "+HEAD:refs/fetched/HEAD",
                                "+refs/*:refs/fetched/*",
                                NULL};
    return git(dir, argv, NULL, e);
}

/* What the name stands for on that server, or the commit of that number. */
static int find_commit(int dir, const char *ref, char **ret, struct err *e)
{
    static const char *const places[] = {
        "refs/fetched/heads/", "refs/fetched/tags/", "refs/fetched/", ""};
    int r = -ENOENT;
    for (size_t i = 0; r < 0 && i < sizeof places / sizeof places[0]; i++) {
        auto_free char *name = text_format("%s%s^{commit}", places[i], ref);
        const char *const argv[] = {"git", "rev-parse", "--verify",
                                    "-q",  name,        NULL};
        r = git(dir, argv, ret, NULL);
    }
    return r < 0 ? err_set(e, ENOENT, "repository does not contain ref %.80s",
                           ref)
                 : 0;
}

static int fetch(int dir, const struct git_source *source, char **ret_commit,
                 struct err *e)
{
    const char *const init[] = {"git", "init", "-q", NULL};
    const char *const parse[] = {"git", "rev-parse", "FETCH_HEAD", NULL};
    int r = git(dir, init, NULL, e);
    if (r < 0)
        return r;
    r = fetch_one(dir, source, e);
    if (r == 0)
        return git(dir, parse, ret_commit, e);
    if (r != -EIO)
        return r;
    r = fetch_all(dir, source, e);
    return r < 0 ? r : find_commit(dir, source->ref, ret_commit, e);
}

static int check_out(int dir, const char *commit, struct err *e)
{
    const char *const checkout[] = {"git",      "checkout", "-q",
                                    "--detach", commit,     NULL};
    const char *const modules[] = {"git",       "submodule", "-q",
                                   "update",    "--init",    "--recursive",
                                   "--depth=1", NULL};
    int r = git(dir, checkout, NULL, e);
    bool has_modules = faccessat(dir, ".gitmodules", F_OK, 0) == 0;
    return r < 0 || !has_modules ? r : git(dir, modules, NULL, e);
}

int build_remote_clone(struct build_remote *remote, int dir, struct err *e)
{
    struct git_source source;
    auto_free char *commit = NULL;
    read_source(remote->said, &source);
    int r = source.ref[0] == '-'
                ? err_set(e, EINVAL, "invalid ref %.80s", source.ref)
                : fetch(dir, &source, &commit, e);
    if (r == 0 && remote->checksum != NULL &&
        (remote->checksum[0] == '\0' || !text_starts(commit, remote->checksum)))
        r = err_set(e, EBADMSG, "expected checksum to match %.80s, got %s",
                    remote->checksum, commit);
    if (r == 0)
        r = check_out(dir, commit, e);
    if (r == 0 && !remote->keeps_git)
        r = files_remove_tree(dir, ".git", e);
    remote->path = own_take(&source.path);
    remote->digest = commit != NULL ? text_format("git:%s", commit) : NULL;
    source_done(&source);
    return r < 0 ? err_add(e, "%.120s", remote->said) : 0;
}
