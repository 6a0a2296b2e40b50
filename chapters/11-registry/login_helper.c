/* docker-credential-NAME (login.h). */
#include "login.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SAID = 64 * 1024 };

static _Noreturn void become(const char *file, const char *verb, int in,
                             int out)
{
    char *const argv[] = {(char *)(uintptr_t)file, (char *)(uintptr_t)verb,
                          NULL};
    if (proc_die_with_parent(NULL) >= 0 && sys_dup3(in, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(out, STDOUT_FILENO, 0) >= 0)
        sys_execve(file, argv, environ);
    _exit(126);
}

/* Its name is part of a file's. */
static char *find(const char *name, struct err *e)
{
    auto_free char *program = text_format("docker-credential-%.80s", name);
    char *file = strchr(name, '/') == NULL
                     ? proc_find_program(getenv("PATH"), program)
                     : NULL;
    if (file == NULL)
        err_set(e, ENOENT,
                "error getting credentials - err: exec: \"%s\": executable "
                "file not found in $PATH",
                program);
    return file;
}

static int listen_to(int fd, struct text *ret)
{
    char block[4096];
    ssize_t n;
    while ((n = TEMP_FAILURE_RETRY(read(fd, block, sizeof block))) > 0)
        if (ret->len < MOST_SAID)
            text_addn(ret, block, (size_t)n);
    return n < 0 ? -errno : 0;
}

/* What it reads fits into the pipe, so that it need not read before it writes.
 */
static int talk(const char *file, const char *verb, const char *input,
                struct text *ret, struct err *e)
{
    int in[2], out[2];
    auto_fd int pidfd = -1;
    if (strlen(input) > MOST_SAID)
        return err_set(e, E2BIG, "too long for docker-credential-helpers");
    if (pipe2(in, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    auto_fd int in_read = in[0], in_write = in[1];
    if (pipe2(out, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    auto_fd int out_read = out[0], out_write = out[1];
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        become(file, verb, in_read, out_write);
    if (pid < 0)
        return pid;
    own_close(&out_write);
    int r = (int)TEMP_FAILURE_RETRY(write(in_write, input, strlen(input)));
    own_close(&in_write);
    r = r < 0 ? -errno : listen_to(out_read, ret);
    int code = proc_wait(pidfd, e);
    return r < 0 ? err_sys(e, r, "%s", file) : code;
}

/* 1 it has said something, 0 it has none of that name. */
static int ask(const char *name, const char *verb, const char *input,
               struct text *said, struct err *e)
{
    auto_free char *file = find(name, e);
    if (file == NULL)
        return -ENOENT;
    int code = talk(file, verb, input, said, e);
    text_trim(said);
    const char *words = said->len > 0 ? said->s : "it did not say why";
    if (code <= 0)
        return code < 0 ? code : 1;
    if (strstr(words, "credentials not found") != NULL)
        return 0;
    return err_set(e, EIO,
                   "error %s credentials - err: exit status %d, out: `%.120s`",
                   strcmp(verb, "get") == 0     ? "getting"
                   : strcmp(verb, "store") == 0 ? "storing"
                                                : "erasing",
                   code, words);
}

int login_helper_find(const char *name, const char *key,
                      struct registry_account *ret, struct err *e)
{
    auto_text struct text said = {0};
    int r = ask(name, "get", key, &said, e);
    if (r <= 0)
        return r;
    json_auto_t *answer =
        json_loadb(said.len > 0 ? said.s : "", said.len, 0, NULL);
    const char *user = json_string_value(json_object_get(answer, "Username"));
    const char *secret = json_string_value(json_object_get(answer, "Secret"));
    if (user == NULL || secret == NULL)
        return err_set(e, EBADMSG,
                       "docker-credential-%.40s: what it says is no account",
                       name);
    if (strcmp(user, "<token>") == 0) {
        ret->token = own_strdup(secret);
        return 1;
    }
    ret->user = own_strdup(user);
    ret->password = own_strdup(secret);
    return 1;
}

int login_helper_store(const char *name, const char *key,
                       const struct registry_account *account, struct err *e)
{
    auto_text struct text said = {0};
    bool is_token = account->token != NULL;
    json_auto_t *what =
        json_pack("{s:s, s:s, s:s}", "ServerURL", key, "Username",
                  is_token ? "<token>" : account->user, "Secret",
                  is_token ? account->token : account->password);
    auto_free char *text = json_dumps(what, JSON_COMPACT);
    if (text == NULL)
        return err_set(e, EINVAL, "the name or the password is not UTF-8");
    int r = ask(name, "store", text, &said, e);
    return r < 0 ? r : 0;
}

int login_helper_erase(const char *name, const char *key, struct err *e)
{
    auto_text struct text said = {0};
    return ask(name, "erase", key, &said, e);
}
