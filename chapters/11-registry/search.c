#include "search.h"

#include "manifests.h"

#include "own.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define INDEX "https://index.docker.io/v1/search"
enum { MOST_ANSWER = 16 * 1024 * 1024, MOST_PAGES = 1000 };

char *search_domain(const char *term, const char **ret_rest)
{
    size_t len = strcspn(term, "/");
    auto_free char *first = text_format("%.*s", (int)len, term);
    bool is_host = term[len] == '/' && (strpbrk(first, ".:") != NULL ||
                                        strcmp(first, "localhost") == 0);
    *ret_rest = is_host ? term + len + 1 : term;
    return own_strdup(is_host ? first : HOST_HUB);
}

static int ask(struct registry *registry, const char *path,
               struct web_answer *answer, json_t **ret, struct err *e)
{
    auto_text struct text text = {0};
    const struct registry_request request = {.method = "GET", .path = path};
    int r = registry_ask(registry, &request, answer, e);
    if (r >= 0)
        r = web_read_all(&registry->web, MOST_ANSWER, &text, e);
    if (r < 0)
        return r;
    *ret = json_loadb(text.len > 0 ? text.s : "", text.len, 0, NULL);
    return json_is_object(*ret)
               ? 0
               : err_set(e, EBADMSG, "what the registry found is damaged");
}

/* The interface of Docker Hub needs no name, and has another host than its
 * registry. */
static int search_hub(const struct registry_options *options, const char *word,
                      int limit, json_t *found, struct err *e)
{
    auto_registry struct registry registry = {.options = options,
                                              .web = WEB_NONE,
                                              .repository = own_strdup(""),
                                              .actions = own_strdup("")};
    auto_web_answer struct web_answer answer = {0};
    auto_text struct text url = {0};
    json_auto_t *document = NULL;
    text_add(&url, INDEX "?q=");
    web_escape(&url, word);
    text_addf(&url, "&n=%d", limit);
    int r = host_find(HOST_HUB, &registry.host, e);
    if (r == 0)
        r = web_open(&registry.web, options->program, e);
    if (r == 0)
        r = ask(&registry, url.s, &answer, &document, e);
    const json_t *results = json_object_get(document, "results"), *item;
    size_t i;
    if (r == 0)
        json_array_foreach(results, i, item) if (json_is_object(item))
            json_array_append(found, (json_t *)(uintptr_t)item);
    return r;
}

static void add_names(const json_t *document, const char *word, int limit,
                      json_t *found)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(document, "repositories"), i, item)
    {
        const char *name = json_string_value(item);
        if (name != NULL && strstr(name, word) != NULL &&
            json_array_size(found) < (size_t)limit)
            json_array_append_new(
                found, json_pack("{s:s, s:s, s:i, s:b, s:b}", "name", name,
                                 "description", "", "star_count", 0,
                                 "is_official", false, "is_automated", false));
    }
}

/* Into the room that `found` still has. */
static int search_catalogue(struct registry *registry, const char *word,
                            int limit, json_t *found, struct err *e)
{
    auto_free char *path = own_strdup("/v2/_catalog?n=1000");
    int r = 0, pages = 0;
    while (r == 0 && path != NULL && json_array_size(found) < (size_t)limit) {
        auto_web_answer struct web_answer answer = {0};
        json_auto_t *document = NULL;
        r = ask(registry, path, &answer, &document, e);
        add_names(document, word, limit, found);
        own_free(&path);
        path = ++pages < MOST_PAGES ? manifests_next_page(&answer) : NULL;
    }
    return r;
}

int search_images(const struct registry_options *options, const char *term,
                  int64_t limit, json_t **ret, struct err *e)
{
    const char *word;
    *ret = NULL;
    if (limit < 1 || limit > SEARCH_MOST)
        return err_set(e, EINVAL,
                       "Limit %" PRId64 " is outside the range of [1, %d]",
                       limit, SEARCH_MOST);
    int most = (int)limit;
    auto_free char *domain = search_domain(term, &word);
    const struct ref ref = {.domain = domain, .path = (char[]){""}};
    json_auto_t *found = json_array();
    auto_registry struct registry registry = {.options = options,
                                              .web = WEB_NONE};
    bool is_hub = strcmp(domain, HOST_HUB) == 0;
    int r = is_hub ? search_hub(options, word, most, found, e)
                   : registry_open(&registry, &ref, "", e);
    if (r == 0 && !is_hub)
        r = search_catalogue(&registry, word, most, found, e);
    *ret = r < 0 ? NULL : own_take(&found);
    return r;
}
