/* Cases in the place of conditions. */

/* @lab 11.3 */
enum turn { ANSWER, ASKED, MOVED };

static enum turn judge(const struct registry *registry,
                       const struct registry_request *request, const char *url,
                       const struct web_answer *answer)
{
    if (takes(request, answer->status))
        return ANSWER;
    if (answer->status == 401)
        return is_own(registry, url) ? ASKED : ANSWER;
    return is_moved(request, answer) ? MOVED : ANSWER;
}

static int ask_once(struct registry *registry,
                    const struct registry_request *request, const char *at,
                    struct web_answer *ret, struct err *e)
{
    auto_free char *url = own_strdup(at);
    int moves = 0, questions = 0, r;
    while (moves <= MOST_HOPS) {
        web_answer_done(ret);
        r = exchange(registry, request, url, ret, e);
        if (r < 0)
            return r;
        switch (judge(registry, request, url, ret)) {
        case ASKED:
            if (questions++ > 0)
                return r;
            r = registry_authorize(registry, ret, url, e);
            if (r == 0 && begin_anew(request) < 0)
                return ret->status;
            break;
        case MOVED:
            moves++;
            r = follow(&url, ret, e);
            break;
        case ANSWER:
        default:
            return r;
        }
        if (r < 0)
            return name_request(request->method, url, e);
    }
    r = err_set(e, ELOOP, "stopped after %d redirects", MOST_HOPS);
    name_request(request->method, at, e);
    return r;
}

/* @lab 11.4 */
static int check_realm(const struct registry *registry, const char *realm,
                       struct err *e)
{
    const char *base = registry->host.bases[registry->base];
    auto_free char *origin = host_origin(realm);
    if (origin == NULL)
        return err_set(e, EPROTO, "it sends us for a token to \"%.100s\"",
                       realm);
    const bool good[] = {
        text_starts(origin, "https:"),
        text_starts(base, "http:"),
        text_starts(origin, "http://") &&
            host_is_insecure(origin + strlen("http://")),
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (good[i])
            return 0;
    return err_set(e, EPROTO,
                   "it sends us for a token to \"%.100s\", which is not https",
                   realm);
}
