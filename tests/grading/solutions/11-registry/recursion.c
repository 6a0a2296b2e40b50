/* What leads on calls itself. */

/* @lab 11.3 */
struct journey {
    const struct registry_request *request;
    int hops;
    bool is_told;
};

static int travel(struct registry *registry, struct journey *journey,
                  const char *url, struct web_answer *ret, struct err *e)
{
    const struct registry_request *request = journey->request;
    auto_free char *next = own_strdup(url);
    web_answer_done(ret);
    int r = exchange(registry, request, url, ret, e);
    if (r < 0 || takes(request, r))
        return r;
    if (r == 401 && !journey->is_told && is_own(registry, url)) {
        journey->is_told = true;
        r = registry_authorize(registry, ret, url, e);
        if (r < 0)
            return name_request(request->method, url, e);
        return begin_anew(request) < 0
                   ? 401
                   : travel(registry, journey, next, ret, e);
    }
    if (!is_moved(request, ret))
        return r;
    r = follow(&next, ret, e);
    if (r < 0)
        return name_request(request->method, url, e);
    if (++journey->hops <= MOST_HOPS)
        return travel(registry, journey, next, ret, e);
    return err_set(e, ELOOP, "stopped after %d redirects", MOST_HOPS);
}

static int ask_once(struct registry *registry,
                    const struct registry_request *request, const char *at,
                    struct web_answer *ret, struct err *e)
{
    struct journey journey = {.request = request};
    int r = travel(registry, &journey, at, ret, e);
    return r == -ELOOP ? name_request(request->method, at, e) : r;
}

/* @lab 11.7 */
static int descend(struct registry *registry, const struct platform *platform,
                   struct manifests *ret, int left, struct err *e)
{
    const json_t *descriptor = NULL;
    char digest[DIGEST_SIZE];
    if (left == 0)
        return err_set(e, ELOOP, "too many indexes within each other");
    int r = media_choose(platform, ret->manifest, &descriptor, e);
    if (r < 0)
        return r;
    const char *said = media_text(descriptor, "digest");
    if (!digest_is_valid(said))
        return err_set(e, EBADMSG, "invalid digest \"%.80s\"", said);
    memcpy(digest, said, sizeof digest);
    r = get_one(registry, digest, digest, ret, e);
    return r == MEDIA_INDEX ? descend(registry, platform, ret, left - 1, e) : r;
}

int manifests_get(struct registry *registry, const struct ref *ref,
                  const struct platform *platform, struct manifests *ret,
                  struct err *e)
{
    const char *name = ref->digest != NULL ? ref->digest : ref->tag;
    memset(ret, 0, sizeof *ret);
    int r = get_one(registry, name, ref->digest, ret, e);
    if (r < 0)
        return r;
    memcpy(ret->top, ret->digest, sizeof ret->top);
    if (r == MEDIA_INDEX)
        r = descend(registry, platform, ret, MEDIA_MOST_INDEXES, e);
    return r < 0 ? r : 0;
}
