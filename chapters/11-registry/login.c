#include "login.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Caller frees; where neither is set, in "/". */
static char *find_dir(void)
{
    const char *said = getenv("DOCKER_CONFIG");
    const char *home = getenv("HOME");
    if (said != NULL && said[0] != '\0')
        return own_strdup(said);
    return text_format("%s/.docker", home != NULL ? home : "");
}

/* A file that is not there says nothing. */
static int read_config(const char *path, json_t **ret, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(AT_FDCWD, path, &text, e);
    if (r == -ENOENT || (r >= 0 && text.len == 0)) {
        *ret = json_object();
        return 0;
    }
    if (r >= 0)
        r = login_parse(text.s, text.len, ret, e);
    return r < 0 ? err_add(e, "error loading config file: %s", path) : 0;
}

/* Who follows the link keeps it. */
static int write_config(const char *path, const json_t *config, struct err *e)
{
    auto_free char *text =
        json_dumps(config, JSON_INDENT(8) | JSON_PRESERVE_ORDER);
    auto_free char *real = realpath(path, NULL);
    if (text == NULL)
        return err_set(e, EINVAL, "the name or the password is not UTF-8");
    return files_replace(AT_FDCWD, real != NULL ? real : path, text,
                         strlen(text), FILES_DURABLE, e);
}

/* The file, read; `ret_path` is the caller's. */
static int open_config(char **ret_path, json_t **ret, struct err *e)
{
    auto_free char *dir = find_dir();
    *ret_path = text_format("%s/config.json", dir);
    return read_config(*ret_path, ret, e);
}

/* Nobody else changes the file until the descriptor is closed: it is that of
 * its directory, so that no file has to lie beside it. -ENOENT: there is none.
 */
static int lock_config(struct err *e)
{
    auto_free char *dir = find_dir();
    auto_fd int fd =
        sys_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int r = fd < 0 ? fd : sys_flock(fd, LOCK_EX);
    return r < 0 ? err_sys(e, r, "lock %s", dir) : fd_take(&fd);
}

static int make_and_lock(struct err *e)
{
    auto_free char *dir = find_dir();
    int r = files_mkdirs(AT_FDCWD, dir, 0700, e);
    return r < 0 ? r : lock_config(e);
}

int login_find(const char *domain, struct registry_account *ret, struct err *e)
{
    auto_free char *path = NULL;
    json_auto_t *config = NULL;
    int r = open_config(&path, &config, e);
    if (r < 0)
        return r;
    const char *helper = login_helper(config, domain);
    return helper != NULL ? login_helper_find(helper, login_key(domain), ret, e)
                          : login_read_auth(config, domain, ret, e);
}

int login_store(const char *domain, const struct registry_account *account,
                char **ret_path, struct err *e)
{
    auto_free char *path = NULL;
    json_auto_t *config = NULL;
    auto_fd int lock = make_and_lock(e);
    int r = lock < 0 ? lock : open_config(&path, &config, e);
    if (r < 0)
        return r;
    const char *helper = login_helper(config, domain);
    if (helper != NULL) {
        r = login_helper_store(helper, login_key(domain), account, e);
        if (r < 0)
            return r;
        /* As Docker: who looks there sees that somebody is logged in. */
        login_change(config, domain, NULL);
        if (json_object_get(config, "auths") == NULL)
            json_object_set_new(config, "auths", json_object());
        json_object_set_new(json_object_get(config, "auths"), login_key(domain),
                            json_object());
    } else {
        login_change(config, domain, account);
    }
    r = write_config(path, config, e);
    *ret_path = r == 0 && helper == NULL ? own_take(&path) : NULL;
    return r;
}

int login_erase(const char *domain, struct err *e)
{
    auto_free char *path = NULL;
    json_auto_t *config = NULL;
    auto_fd int lock = lock_config(e);
    if (lock < 0)
        return lock == -ENOENT ? 0 : lock;
    int r = open_config(&path, &config, e);
    if (r < 0)
        return r;
    const char *helper = login_helper(config, domain);
    int had =
        helper != NULL ? login_helper_erase(helper, login_key(domain), e) : 0;
    if (had < 0)
        return had;
    if (login_change(config, domain, NULL) == 0)
        return had;
    r = write_config(path, config, e);
    return r < 0 ? r : 1;
}
