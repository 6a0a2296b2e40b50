/* What becomes of a request and an image's configuration: Docker's rules of who
 * wins. Nothing is asked of the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field.h"
#include "own.h"
#include "plan.h"
#include "unit_json.h"

#include <stdlib.h>
#include <string.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The document for a request and the "config" of an image, both JSON. */
static json_t *merge(const char *request, const char *config)
{
    struct image image = {.id = "sha256:abc"};
    auto_free char *whole = text_format("{'config': %s}", config);
    image.config = unit_json(whole);
    json_t *wish = unit_json(request);
    json_t *before = json_deep_copy(wish);
    json_t *doc = plan_document(wish, &image, ID, "web");
    assert_true(json_equal(before, wish)); /* it was only lent */
    json_decref(before);
    json_decref(wish);
    json_decref(image.config);
    return doc;
}

/* Is the member this, as compact JSON in single quotes? "-" where there is
 * none. */
static void expect_member(const json_t *doc, const char *path, const char *json)
{
    const json_t *value = field_get(doc, path);
    auto_free char *text =
        value == NULL ? own_strdup("-")
                      : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
                                              JSON_SORT_KEYS);
    auto_free char *wanted = unit_quotes(json);
    assert_string_equal(text, wanted);
}

/* What is executed: the entry point and, behind it, the command. */
static void who_says_what_is_executed(void **state)
{
    (void)state;
    static const char both[] = "{'Entrypoint':['e'],'Cmd':['c']}";
    /* clang-format off */
    static const struct {
        const char *request, *image, *entrypoint, *cmd;
    } cases[] = {
        {"{}",                               both, "['e']", "['c']"},
        {"{'Cmd':['x','y']}",                both, "['e']", "['x','y']"},
        /* An entry point of one's own drops the image's command. */
        {"{'Entrypoint':['x']}",             both, "['x']", "-"},
        {"{'Entrypoint':['x'],'Cmd':['y']}", both, "['x']", "['y']"},
        /* --entrypoint "": none at all. */
        {"{'Entrypoint':[''],'Cmd':['y']}",  both, "null",  "['y']"},
        {"{'Cmd':null,'Entrypoint':null}",   both, "['e']", "['c']"},
        {"{'Cmd':[]}",          "{'Cmd':['c']}",   "-",     "['c']"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *doc = merge(cases[i].request, cases[i].image);
        const json_t *said = field_get(doc, "Config.Entrypoint");
        if (strcmp(cases[i].entrypoint, "-") == 0)
            assert_true(said == NULL || json_is_null(said));
        else
            expect_member(doc, "Config.Entrypoint", cases[i].entrypoint);
        expect_member(doc, "Config.Cmd", cases[i].cmd);
        json_decref(doc);
    }
}

static void variables_are_ones_own_then_the_images_others(void **state)
{
    (void)state;
    json_t *doc = merge("{'Env':['A=own','C=3']}", "{'Env':['A=1','B=2']}");
    expect_member(doc, "Config.Env", "['A=own','C=3','B=2']");
    json_decref(doc);
    doc = merge("{'Env':['A']}", "{'Env':['A=1','AB=2']}");
    expect_member(doc, "Config.Env", "['A','AB=2']");
    json_decref(doc);
    doc = merge("{}", "{}");
    expect_member(doc, "Config.Env", "-");
    json_decref(doc);
}

static void user_directory_and_signal_are_the_images_unless_given(void **state)
{
    (void)state;
    static const char image[] = "{'User':'www','WorkingDir':'/srv',"
                                "'StopSignal':'SIGQUIT'}";
    json_t *doc = merge("{'User':''}", image);
    expect_member(doc, "Config.User", "'www'");
    expect_member(doc, "Config.WorkingDir", "'/srv'");
    expect_member(doc, "Config.StopSignal", "'SIGQUIT'");
    json_decref(doc);
    doc = merge("{'User':'0','WorkingDir':'/'}", image);
    expect_member(doc, "Config.User", "'0'");
    expect_member(doc, "Config.WorkingDir", "'/'");
    json_decref(doc);
}

static void labels_ports_and_volumes_are_united(void **state)
{
    (void)state;
    json_t *doc = merge("{'Labels':{'a':'own'},"
                        "'ExposedPorts':{'80/tcp':{}}}",
                        "{'Labels':{'a':'1','b':'2'},"
                        "'ExposedPorts':{'53/udp':{}},"
                        "'Volumes':{'/data':{}}}");
    expect_member(doc, "Config.Labels", "{'a':'own','b':'2'}");
    expect_member(doc, "Config.ExposedPorts", "{'53/udp':{},'80/tcp':{}}");
    expect_member(doc, "Config.Volumes", "{'/data':{}}");
    json_decref(doc);
}

static void the_document_has_dockers_shape(void **state)
{
    (void)state;
    json_t *doc = merge("{'Image':'busybox','NetworkingConfig':{},"
                        "'HostConfig':{'Memory':5}}",
                        "{}");
    expect_member(doc, "Id", "'" ID "'");
    expect_member(doc, "Name", "'/web'");
    expect_member(doc, "Image", "'sha256:abc'");
    expect_member(doc, "Config.Image", "'busybox'");
    expect_member(doc, "HostConfig", "{'Memory':5}");
    expect_member(doc, "Config.HostConfig", "-");
    expect_member(doc, "Config.NetworkingConfig", "-");
    expect_member(doc, "State.Status", "'created'");
    expect_member(doc, "State.Running", "false");
    json_decref(doc);
}

static void it_answers_to_its_short_id_unless_it_has_a_name(void **state)
{
    (void)state;
    json_t *doc = merge("{}", "{}");
    expect_member(doc, "Config.Hostname", "'0123456789ab'");
    json_decref(doc);
    doc = merge("{'Hostname':'db'}", "{}");
    expect_member(doc, "Config.Hostname", "'db'");
    json_decref(doc);
}

static void a_member_of_another_type_reads_as_missing(void **state)
{
    (void)state;
    json_t *doc = unit_json("{'a':{'b':7,'s':'x','t':true,'l':['1',2,'3']}}");
    assert_int_equal(field_int(doc, "a.b", -1), 7);
    assert_int_equal(field_int(doc, "a.s", -1), -1);
    assert_int_equal(field_int(doc, "a.b.c", -1), -1);
    assert_int_equal(field_int(NULL, "a", -1), -1);
    assert_null(field_string(doc, "a.b"));
    assert_true(field_bool(doc, "a.t"));
    assert_false(field_bool(doc, "a.b"));
    assert_true(field_is(doc, "a.s", "x"));
    assert_false(field_is(doc, "a.none", "x"));
    auto_strv struct strv list = {0};
    field_strings(doc, "a.l", &list);
    field_strings(doc, "a.s", &list);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.v[1], "3");
    json_decref(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_says_what_is_executed),
        cmocka_unit_test(variables_are_ones_own_then_the_images_others),
        cmocka_unit_test(user_directory_and_signal_are_the_images_unless_given),
        cmocka_unit_test(labels_ports_and_volumes_are_united),
        cmocka_unit_test(the_document_has_dockers_shape),
        cmocka_unit_test(it_answers_to_its_short_id_unless_it_has_a_name),
        cmocka_unit_test(a_member_of_another_type_reads_as_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
