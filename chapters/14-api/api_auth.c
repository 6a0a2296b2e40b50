/* docker login: is it right? What is kept of it is the client's. */
#include "api.h"
#include "shape.h"

#include "engine_registry.h"
#include "field.h"
#include "login.h"
#include "own.h"

#include <errno.h>

static int check(struct api_call *call, struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    auto_free char *token = NULL;
    int r = shape_check(call->body, shape_account, e);
    if (r == 0)
        r = engine_registry_take(&registry, call->body, e);
    if (r < 0)
        return r;
    const char *server = field_string(call->body, "serveraddress");
    auto_free char *domain = login_domain(server != NULL ? server : "");
    r = engine_registry_login(domain, &registry.account, &token, e);
    if (r == -EACCES)
        return api_answer_error(call, 401, e->msg);
    return r < 0 ? r
                 : api_answer(call, 200,
                              json_pack("{s:s, s:s}", "IdentityToken",
                                        token != NULL ? token : "", "Status",
                                        "Login Succeeded"));
}

const struct api_route api_auth_routes[] = {
    {"POST", "/auth", check, API_BODY},
    {NULL,   NULL,    NULL,  0       },
};
