/* Once for the path and the method, and where that was in vain, once for the
 * path alone.
 *
 * @lab 14.2 */
int api_find_route(struct api_call *call, const char *method, const char *path,
                   const struct api_route **ret, struct err *e)
{
    size_t n = sizeof tables / sizeof tables[0];
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            for (const struct api_route *at = tables[i]; at->method; at++) {
                char *names[2] = {NULL, NULL};
                if (pass == 0 && !is_method(at->method, method))
                    continue;
                if (!fits(at->path, path, names))
                    continue;
                if (!is_sound(at, names[0])) {
                    own_free(&names[0]);
                    continue;
                }
                if (pass == 1) {
                    own_free(&names[0]);
                    return err_set(e, EBADRQC, "method not allowed");
                }
                call->names[0] = names[0];
                *ret = at;
                return 0;
            }
    return err_set(e, ENOENT, "page not found");
}

/* Each condition by itself, and the request member by member.
 *
 * @lab 14.3 */
int http_next(struct http *http, struct err *e)
{
    if (http->parser.data != NULL) {
        if (http->closes)
            return 0;
        if (!skip_body(http))
            return 0;
    }
    begin(http);
    int r = read_head(http);
    if (r <= 0)
        return r == 0 ? 0 : refuse(http, r, e);
    http->request.method =
        http_method_str((enum http_method)http->parser.method);
    http->request.target = http->target.s;
    http->request.is_head = strcmp(http->request.method, "HEAD") == 0;
    http->request.upgrades = http->parser.upgrade != 0;
    http->closes = http_should_keep_alive(&http->parser) == 0;
    const char *expect = http_header(http, "expect");
    if (expect == NULL || strlen(expect) != strlen("100-continue") ||
        strncasecmp(expect, "100-continue", strlen("100-continue")) != 0)
        return 1;
    static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
    for (const char *at = words; *at != '\0';) {
        ssize_t n = send(http->fd, at, strlen(at), MSG_NOSIGNAL);
        if (n < 0)
            break;
        at += n;
    }
    return 1;
}
