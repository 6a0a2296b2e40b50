/* mini-docker login and logout: who we are, to a registry. */
#include "command.h"

#include "engine_registry.h"
#include "field.h"
#include "login.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"password", 'p', &option_string, "Password", "Password"},
    {"password-stdin", 0, &option_bool, "Cli.Stdin",
     "Take the password from stdin"},
    {"username", 'u', &option_string, "Username", "Username"},
    {0},
};
static const struct option no_options[] = {
    {0},
};
/* clang-format on */

enum { MOST_PASSWORD = 64 * 1024 };

static int check(struct call *call, struct err *e)
{
    const char *password = field_string(call->doc, "Password");
    const char *user = field_string(call->doc, "Username");
    bool is_stdin = field_bool(call->doc, "Cli.Stdin");
    if (password != NULL)
        command_warn("WARNING! Using --password via the CLI is insecure. Use "
                     "--password-stdin.");
    if (password != NULL && is_stdin)
        return err_set(e, EINVAL,
                       "--password and --password-stdin are mutually "
                       "exclusive");
    if (is_stdin && (user == NULL || user[0] == '\0'))
        return err_set(e, EINVAL,
                       "Must provide --username with --password-stdin");
    return 0;
}

/* --- asking for what was not said ---------------------------------------- */

/* Up to the end of a line, or of everything. */
static char *read_input(bool is_line)
{
    auto_text struct text text = {0};
    char c;
    while (text.len < MOST_PASSWORD &&
           TEMP_FAILURE_RETRY(read(STDIN_FILENO, &c, 1)) == 1) {
        if (is_line && c == '\n')
            break;
        text_addn(&text, &c, 1);
    }
    while (text.len > 0 &&
           (text.s[text.len - 1] == '\n' || text.s[text.len - 1] == '\r'))
        text.s[--text.len] = '\0';
    return text_take(&text);
}

static char *ask(const char *prompt, bool is_hidden)
{
    struct termios before, quiet;
    bool is_changed = is_hidden && tcgetattr(STDIN_FILENO, &before) == 0;
    printf("%s", prompt);
    fflush(stdout);
    if (is_changed) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    char *said = read_input(true);
    if (is_changed) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        printf("\n");
    }
    return said;
}

static int complete(struct call *call, struct registry_account *account,
                    struct err *e)
{
    const char *user = field_string(call->doc, "Username");
    const char *password = field_string(call->doc, "Password");
    bool is_stdin = field_bool(call->doc, "Cli.Stdin");
    bool has_user = user != NULL && user[0] != '\0';
    bool is_whole = has_user && (is_stdin || password != NULL);
    if (!is_whole && !isatty(STDIN_FILENO))
        return err_set(e, ENOTTY,
                       "Cannot perform an interactive login from a non TTY "
                       "device");
    account->user = has_user ? own_strdup(user) : ask("Username: ", false);
    account->password = is_stdin           ? read_input(false)
                        : password != NULL ? own_strdup(password)
                                           : ask("Password: ", true);
    if (account->user[0] == '\0')
        return err_set(e, EINVAL, "username is empty");
    return account->password[0] != '\0'
               ? 0
               : err_set(e, EINVAL, "password is empty");
}

/* --- the commands -------------------------------------------------------- */

static char *domain_of(const struct call *call)
{
    return login_domain(call->operands.n > 0 ? call->operands.v[0] : "");
}

static int login(struct call *call, struct err *e)
{
    auto_registry_account struct registry_account account = {0};
    auto_free char *domain = domain_of(call), *path = NULL, *token = NULL;
    int r = check(call, e);
    if (r == 0)
        r = complete(call, &account, e);
    if (r == 0)
        r = engine_registry_login(domain, &account, &token, e);
    if (r == 0 && token != NULL) { /* then nobody has to keep the password */
        own_free(&account.password);
        account.token = own_take(&token);
    }
    if (r == 0)
        r = login_store(domain, &account, &path, e);
    if (r < 0)
        return r;
    if (path != NULL)
        fprintf(stderr,
                "WARNING! Your password will be stored unencrypted in %s.\n"
                "Configure a credential helper to remove this warning. See\n"
                "https://docs.docker.com/engine/reference/commandline/login/"
                "#credentials-store\n\n",
                path);
    printf("Login Succeeded\n");
    return 0;
}

static int logout(struct call *call, struct err *e)
{
    auto_free char *domain = domain_of(call);
    int r = login_erase(domain, e);
    if (r < 0)
        return r;
    printf(r > 0 ? "Removing login credentials for %s\n"
                 : "Not logged in to %s\n",
           login_key(domain));
    return 0;
}

const struct command command_login = {
    .name = "login",
    .synopsis = "[OPTIONS] [SERVER]",
    .summary = "Log in to a registry",
    .options = options,
    .max_operands = 1,
    .run = login,
};

const struct command command_logout = {
    .name = "logout",
    .synopsis = "[SERVER]",
    .summary = "Log out from a registry",
    .options = no_options,
    .max_operands = 1,
    .run = logout,
};
