/* The condition by its three words, and each end by itself.
 *
 * @lab 14.6 */
static int wait_for(struct api_call *call, struct err *e)
{
    const char *condition = query_get(&call->query, "condition");
    if (condition == NULL || condition[0] == '\0')
        condition = "not-running";
    if (strcmp(condition, "not-running") != 0 &&
        strcmp(condition, "next-exit") != 0 &&
        strcmp(condition, "removed") != 0)
        return err_set(e, EINVAL, "invalid condition: \"%s\"", condition);
    struct engine_server_link link = ENGINE_SERVER_LINK_INIT;
    int r =
        engine_server_wait(call->engine, call->names[0], condition, &link, e);
    if (r < 0) {
        engine_server_link_done(&link);
        return r;
    }
    http_begin(call->http, 200, "application/json");
    int code = link.code;
    if (r != 1) {
        http_end_with_client(call->http);
        code = hear_end(call, &link, e);
    }
    json_t *line = json_object();
    if (code >= 0) {
        json_object_set_new(line, "Error", json_null());
        json_object_set_new(line, "StatusCode", json_integer(code));
    } else {
        json_t *why = json_object();
        json_object_set_new(why, "Message", api_words(e->msg));
        json_object_set_new(line, "Error", why);
        json_object_set_new(line, "StatusCode", json_integer(125));
    }
    r = api_send_line(call, line);
    json_decref(line);
    engine_server_link_done(&link);
    return r < 0 ? r : http_end(call->http);
}
