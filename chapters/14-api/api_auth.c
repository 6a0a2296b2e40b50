/* docker login: is it right? What is kept of it is the client's. */
#include "api.h"
#include "shape.h"

#include "engine_registry.h"
#include "field.h"
#include "login.h"
#include "own.h"

#include <errno.h>

static char *copy_of(const json_t *doc, const char *member)
{
    const char *text = field_string(doc, member);
    return text == NULL || text[0] == '\0' ? NULL : own_strdup(text);
}

static int check(struct api_call *call, struct err *e)
{
    static const struct shape shape[] = {
        {"username",      SHAPE_STRING},
        {"password",      SHAPE_STRING},
        {"serveraddress", SHAPE_STRING},
        {"identitytoken", SHAPE_STRING},
        {NULL,            0           },
    };
    int r = shape_check(call->body, shape, e);
    if (r < 0)
        return r;
    const char *server = field_string(call->body, "serveraddress");
    auto_free char *domain = login_domain(server != NULL ? server : "");
    auto_registry_account struct registry_account account = {
        .user = copy_of(call->body, "username"),
        .password = copy_of(call->body, "password"),
        .token = copy_of(call->body, "identitytoken"),
    };
    r = engine_registry_login(domain, &account, e);
    if (r == -EACCES)
        return api_answer_error(call, 401, e->msg);
    return r < 0 ? r
                 : api_answer(call, 200,
                              json_pack("{s:s, s:s}", "IdentityToken", "",
                                        "Status", "Login Succeeded"));
}

const struct api_route api_auth_routes[] = {
    {"POST", "/auth", check, API_BODY},
    {NULL,   NULL,    NULL,  0       },
};
