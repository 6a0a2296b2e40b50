/* Without the helpers above. */

/* @lab 11.2 */
int login_take_auth(const char *auth, struct registry_account *ret,
                    struct err *e)
{
    size_t len = 0, at = 0;
    auto_free char *both = base64_decode(auth, &len);
    while (both != NULL && at < len && both[at] != ':')
        at++;
    if (both == NULL || at == len)
        return err_set(e, EBADMSG, "invalid auth configuration file");
    auto_text struct text user = {0}, password = {0};
    text_addn(&user, both, at);
    text_addn(&password, both + at + 1, len - at - 1);
    ret->user = text_take(&user);
    ret->password = text_take(&password);
    return 0;
}

/* @lab 11.5 */
static int ask(struct pull_blob *blob, struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    auto_strv struct strv headers = {0};
    auto_free char *path = text_format("blobs/%s", blob->digest);
    auto_free char *from =
        text_format("bytes %llu-", (unsigned long long)blob->at);
    char byte;
    if (blob->at > 0)
        strv_addf(&headers, "Range: bytes=%llu-", (unsigned long long)blob->at);
    int r =
        registry_ask(blob->registry,
                     &(struct registry_request){
                         .method = "GET", .path = path, .headers = &headers},
                     &answer, e);
    const char *range = web_header(&answer, "content-range");
    if (r < 0 || (r == 206 && range != NULL && text_starts(range, from)))
        return r < 0 ? r : 0;
    if (r != 200)
        return err_set(e, EPROTO, "%s: an answer that was not asked for: %d",
                       path, r);
    for (uint64_t i = 0; i < blob->at; i++) {
        ssize_t n = web_read(&blob->registry->web, &byte, 1, e);
        if (n <= 0)
            return n < 0 ? (int)n : err_set(e, ECONNRESET, "too short");
    }
    return 0;
}
