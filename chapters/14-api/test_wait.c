/* Who waits for a container's end: in a process that answers one request. The
 * test is the client, and the monitor when there is one. */
#include "api.h"
#include "frame.h"
#include "test_client.h"
#include "test_store.h"
#include "waiting.h"

#define ID "aaaa111111111111111111111111111111111111111111111111111111111111"
#define CODE 4 /* with which it has exited */

#define SOON_S 5

struct scene {
    struct engine *engine;
    int client;
    pid_t pid;
};

static const struct api_route *route_of_wait(void)
{
    const struct api_route *route = api_life_routes;
    while (strcmp(route->path, "/containers/{}/wait") != 0)
        route++;
    return route;
}

/* Answers, or says the error as it was returned. */
static void be_server(int fd)
{
    struct err e = {0};
    struct http *http = http_open(fd);
    struct api_call call = {.engine = store_open(), .http = http};
    client_gives_up(2 * SOON_S);
    if (http_next(http, &e) == 1) {
        query_parse(&call.query, http_request(http)->target);
        call.names[0] = own_strdup(call.query.path + 1);
        int r = route_of_wait()->act(&call, &e);
        auto_free char *told = text_format("%d %s", r, e.msg);
        if (!http_has_answered(http))
            http_answer(http, 500, "text/plain", told, strlen(told));
    }
    http_close(http);
    _exit(3);
}

/* A container that has exited with CODE, and somebody who waits. */
static void start(struct scene *scene, const char *target)
{
    const struct timeval soon = {.tv_sec = SOON_S};
    int ends[2];
    store_enter();
    scene->engine = store_open();
    store_add(scene->engine, ID, "web", false, "exited");
    json_auto_t *doc = store_document(ID, "web", false, "exited");
    json_object_set_new(json_object_get(doc, "State"), "ExitCode",
                        json_integer(CODE));
    must(record_save(scene->engine, ID, doc, &why));
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    scene->client = ends[0];
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    dprintf(scene->client, "POST %s HTTP/1.1\r\n\r\n", target);
    scene->pid = fork();
    if (scene->pid == 0) {
        close(ends[0]);
        be_server(ends[1]);
    }
    close(ends[1]);
}

/* Up to the empty line, and no further. */
static void head_is_there(const struct scene *scene)
{
    char head[1024] = "";
    size_t n = 0;
    while (n < sizeof head - 1 && strstr(head, "\r\n\r\n") == NULL)
        ck_assert_msg(read(scene->client, head + n++, 1) == 1,
                      "no head, but: %s", head);
    ck_assert(text_starts(head, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "Content-Type: application/json\r\n"));
}

static void nothing_else_is_there(const struct scene *scene)
{
    char byte;
    ck_assert_int_eq(recv(scene->client, &byte, 1, MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
}

/* One chunk with a line, and the last one. Then the process ends, by itself. */
static void rest_is(const struct scene *scene, const char *line)
{
    auto_text struct text rest = {0};
    auto_free char *wanted =
        text_format("%zx\r\n%s\r\n\r\n0\r\n\r\n", strlen(line) + 2, line);
    client_hears(scene->client, &rest);
    ck_assert_str_eq(rest.len > 0 ? rest.s : "", wanted);
}

/* What the monitor says to whoever waits; NULL: it goes without a word. */
struct words {
    const char *answer;
    int n, detail;
};
static void tell(void *arg, int fd, char kind, int detail)
{
    struct words *words = arg;
    ck_assert_int_eq(kind, WAITING_END);
    words->n++;
    words->detail = detail;
    if (words->answer != NULL)
        ck_assert_int_eq(
            frame_send(fd, FRAME_ANSWER, words->answer, strlen(words->answer)),
            0);
    close(fd);
}

/* It has been started, and says so to one who waits. */
static int monitor_says(const struct scene *scene, const char *answer)
{
    struct words words = {.answer = answer};
    waiting_each(scene->engine, ID, tell, &words);
    ck_assert_int_eq(words.n, 1);
    return words.detail;
}

START_TEST(lab_14_6_the_head_comes_long_before_the_end)
{
    struct scene scene;
    start(&scene, "/web?condition=next-exit");
    head_is_there(&scene);
    nothing_else_is_there(&scene);
    ck_assert_int_eq(monitor_says(&scene, "{\"StatusCode\": 3}"), 0);
    rest_is(&scene, "{\"Error\":null,\"StatusCode\":3}");
}
END_TEST

START_TEST(lab_14_6_who_waits_for_the_removal_says_so)
{
    struct scene scene;
    start(&scene, "/web?condition=removed");
    head_is_there(&scene);
    ck_assert_int_eq(monitor_says(&scene, "{\"StatusCode\": 0}"), 1);
    rest_is(&scene, "{\"Error\":null,\"StatusCode\":0}");
}
END_TEST

/* Without a condition, or with the one that is meant then. */
START_TEST(lab_14_6_what_does_not_run_has_ended)
{
    struct scene scene;
    start(&scene, "/web");
    head_is_there(&scene);
    rest_is(&scene, "{\"Error\":null,\"StatusCode\":4}");
    ck_assert(!exists(scene.engine->runfd, "waiting/", ID));
}
END_TEST

static void is_refused(const char *target, const char *told)
{
    struct scene scene;
    auto_text struct text heard = {0};
    start(&scene, target);
    client_hears(scene.client, &heard);
    ck_assert_ptr_nonnull(heard.s);
    ck_assert(text_starts(heard.s, "HTTP/1.1 500 "));
    ck_assert_ptr_nonnull(strstr(heard.s, told));
    ck_assert(!exists(scene.engine->runfd, "waiting/", ID));
}

START_TEST(lab_14_6_an_unknown_condition_is_refused)
{
    auto_free char *told =
        text_format("%d invalid condition: \"soon\"", -EINVAL);
    is_refused("/web?condition=soon", told);
}
END_TEST

START_TEST(lab_14_6_nobody_is_waited_for_in_vain)
{
    auto_free char *told = text_format("%d No such container: nosuch", -ENOENT);
    is_refused("/nosuch?condition=next-exit", told);
}
END_TEST

START_TEST(lab_14_6_a_client_that_leaves_ends_the_process)
{
    struct scene scene;
    int status = -1;
    start(&scene, "/web?condition=next-exit");
    head_is_there(&scene);
    close(scene.client);
    ck_assert_int_eq(waitpid(scene.pid, &status, 0), scene.pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                  "it did not leave with its client: status %#x", status);
}
END_TEST

/* The status has gone out: what goes wrong now is part of the answer. */
START_TEST(lab_14_6_what_goes_wrong_later_is_told)
{
    struct scene scene;
    start(&scene, "/web?condition=next-exit");
    head_is_there(&scene);
    monitor_says(&scene, "{\"code\": 5, \"message\": \"no luck\"}");
    rest_is(&scene, "{\"Error\":{\"Message\":\"no luck\"},\"StatusCode\":125}");
}
END_TEST

START_TEST(lab_14_6_a_monitor_without_a_word_leaves_its_record)
{
    struct scene scene;
    start(&scene, "/web?condition=next-exit");
    head_is_there(&scene);
    monitor_says(&scene, NULL);
    rest_is(&scene, "{\"Error\":null,\"StatusCode\":4}");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_6_the_head_comes_long_before_the_end);
    tcase_add_test(tc, lab_14_6_who_waits_for_the_removal_says_so);
    tcase_add_test(tc, lab_14_6_what_does_not_run_has_ended);
    tcase_add_test(tc, lab_14_6_an_unknown_condition_is_refused);
    tcase_add_test(tc, lab_14_6_nobody_is_waited_for_in_vain);
    tcase_add_test(tc, lab_14_6_a_client_that_leaves_ends_the_process);
    tcase_add_test(tc, lab_14_6_what_goes_wrong_later_is_told);
    tcase_add_test(tc, lab_14_6_a_monitor_without_a_word_leaves_its_record);
}

int main(void)
{
    return contract_main("wait", add);
}
