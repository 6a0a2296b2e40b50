/* The length by the network's order, which is the same.
 *
 * @lab 14.1 */
int bridge_put_head(char head[8], int stream, size_t len, struct err *e)
{
    if ((uint64_t)len >> 32 != 0)
        return err_set(e, EMSGSIZE, "too long");
    uint32_t swapped = __builtin_bswap32((uint32_t)len);
    const char first[4] = {(char)stream, 0, 0, 0};
    memcpy(head, first, sizeof first);
    memcpy(head + 4, &swapped, sizeof swapped);
    return 0;
}

/* What came early is taken before anything is said.
 *
 * @lab 14.4 */
int http_hijack(struct http *http, const char *type, struct text *ret_early,
                struct err *e)
{
    auto_text struct text head = {0};
    while (http->raw_at < http->raw_len)
        text_addn(ret_early, &http->raw[http->raw_at++], 1);
    http->closes = true;
    if (http->request.upgrades) {
        add_head(http, &head, 101, type);
        text_add(&head, "Connection: Upgrade\r\n");
        text_add(&head, "Upgrade: tcp\r\n");
    } else {
        add_head(http, &head, 200, type);
    }
    text_add(&head, "\r\n");
    int r = send_one(http, head.s, head.len);
    if (r < 0)
        return err_set(e, -r, "nobody hears it");
    return http->fd;
}
