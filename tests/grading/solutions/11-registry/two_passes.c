/* Twice through the same: first for the better one, first to look. */

/* @lab 11.1 */
static bool find_scheme(const char *header, enum challenge_scheme wanted,
                        struct challenge *ret)
{
    const char *at = header;
    for (;;) {
        skip(&at, " \t,");
        size_t len = strspn(at, TOKEN);
        challenge_done(ret);
        if (len == 0)
            return false;
        ret->scheme = scheme_of(at, len);
        at += len;
        skip_token68(&at);
        if (take_parameters(&at, ret) < 0) {
            challenge_done(ret);
            return false;
        }
        if (ret->scheme == wanted &&
            (wanted == CHALLENGE_BASIC || ret->realm != NULL))
            return true;
    }
}

int challenge_parse(const char *header, struct challenge *ret, struct err *e)
{
    *ret = (struct challenge){0};
    if (find_scheme(header, CHALLENGE_BEARER, ret) ||
        find_scheme(header, CHALLENGE_BASIC, ret))
        return 0;
    return err_set(e, EBADMSG, "of these we know none");
}

/* @lab 11.2 */
int login_take_auth(const char *auth, struct registry_account *ret,
                    struct err *e)
{
    size_t len;
    auto_free char *both = base64_decode(auth, &len);
    if (both == NULL || strcspn(both, ":") == strlen(both))
        return err_set(e, EBADMSG, "invalid auth configuration file");
    char *password = both;
    char *user = strsep(&password, ":");
    ret->password = own_strdup(password);
    ret->user = own_strdup(user);
    return 0;
}
