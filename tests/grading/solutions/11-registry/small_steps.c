/* A function for each thing that may happen. */

/* @lab 11.6 */
/* May it be tried again? Then it has been waited for. */
static bool has_passed(struct push_blob *blob, int r, int failures)
{
    int ms = r == -ERANGE ? 0 : registry_wait_ms(r, NULL, failures);
    if (ms < 0 || failures + 1 >= registry_tries(blob->registry))
        return false;
    if (ms > 0)
        registry_pause(ms);
    return true;
}

static int find_place(struct push_blob *blob, char **url, uint64_t *at,
                      struct err *e)
{
    uint64_t there = 0;
    int r = look(blob, url, &there, e);
    if (r < 0)
        return r;
    if (there > blob->size)
        return err_set(e, EPROTO, "it has more than we sent");
    *at = there;
    return 0;
}

static int send_chunks(struct push_blob *blob, char **url, struct err *e)
{
    uint64_t at = 0;
    int failures = 0, r = 0;
    do {
        r = send_chunk(blob, url, &at, e);
        if (r < 0 && has_passed(blob, r, failures)) {
            failures++;
            r = find_place(blob, url, &at, e);
        }
    } while (r >= 0 && at < blob->size);
    return r < 0 ? r : finish(blob, *url, blob->size, e);
}

/* @lab 11.7 */
int manifests_get(struct registry *registry, const struct ref *ref,
                  const struct platform *platform, struct manifests *ret,
                  struct err *e)
{
    auto_free char *name =
        own_strdup(ref->digest != NULL ? ref->digest : ref->tag);
    const char *digest = ref->digest;
    *ret = (struct manifests){0};
    for (int indexes = 0;; indexes++) {
        const json_t *next = NULL;
        int r = get_one(registry, name, digest, ret, e);
        if (r < 0)
            return r;
        if (indexes == 0)
            memcpy(ret->top, ret->digest, sizeof ret->top);
        if (r != MEDIA_INDEX)
            return 0;
        if (indexes >= MEDIA_MOST_INDEXES)
            return err_set(e, ELOOP, "indexes without an end");
        r = media_choose(platform, ret->manifest, &next, e);
        if (r < 0)
            return r;
        own_free(&name);
        name = own_strdup(media_text(next, "digest"));
        digest = name;
        if (!digest_is_valid(name))
            return err_set(e, EBADMSG, "invalid digest \"%.80s\"", name);
    }
}
