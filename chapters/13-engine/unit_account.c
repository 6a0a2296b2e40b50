/* Who --user means, by the files of an image made of plain directories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/unit_account.XXXXXX";
static struct strv layers; /* the upper, the lower */

static void put(const char *path, const char *content)
{
    auto_free char *whole = text_format("%s/%s", dir, path);
    assert_int_equal(
        files_replace(AT_FDCWD, whole, content, strlen(content), 0, NULL), 0);
}

/* Passwd is in both layers, and the upper one counts; group in the lower. */
static int make_layers(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = files_mkdirs(fd, "up/etc", 0755, NULL);
    r = r < 0 ? r : files_mkdirs(fd, "low/etc", 0755, NULL);
    close(fd);
    if (r < 0)
        return -1;
    put("low/etc/passwd", "root:x:0:0:root:/wrong:/bin/sh\n");
    put("up/etc/passwd", "# a comment:x:1:1:::\n"
                         "root:x:0:0:root:/root:/bin/sh\n"
                         "broken:x:notanumber:0::/:\n"
                         "short:x:5\n"
                         "web:x:33:34:www:/srv:/bin/sh\n"
                         "nohome:x:44:44:::/bin/sh\n"
                         "77:x:7:7::/seven:\n"
                         "last:x:99:98::/last:/bin/sh");
    put("low/etc/group", "root:x:0:\n"
                         "logs:x:50:other,web\n"
                         "notme:x:51:webber,we\n"
                         "disk:x:6:root,web\n"
                         "last:x:60:last");
    strv_addf(&layers, "%s/up", dir);
    strv_addf(&layers, "%s/low", dir);
    return 0;
}

static int remove_layers(void **state)
{
    (void)state;
    strv_done(&layers);
    return files_remove_tree(AT_FDCWD, dir, NULL);
}

/* "uid:gid:groups:home" of an account, or the error's message. */
static char *resolve_with(const struct strv *roots, const char *user,
                          const struct strv *extra, const char *env)
{
    struct spec_process process = {0};
    struct err e = {0};
    if (env != NULL)
        strv_add(&process.env, env);
    int r = account_resolve(roots, user, extra, &process, &e);
    struct text said = {0};
    if (r < 0)
        text_add(&said, e.msg);
    else
        text_addf(&said, "%u:%u:", process.uid, process.gid);
    for (size_t i = 0; i < process.n_groups && r == 0; i++)
        text_addf(&said, "%s%u", i > 0 ? "," : "", process.groups[i]);
    if (r == 0)
        text_addf(&said, ":%s", strv_env(&process.env, "HOME"));
    strv_done(&process.env);
    return text_take(&said);
}

static void expect_account(const char *user, const char *wanted)
{
    const struct strv none = {0};
    auto_free char *said = resolve_with(&layers, user, &none, NULL);
    assert_string_equal(said, wanted);
}

static void dockers_forms_of_user(void **state)
{
    (void)state;
    expect_account(NULL, "0:0:0,6:/root"); /* "disk" lists root */
    expect_account("", "0:0:0,6:/root");
    expect_account("web", "33:34:34,50,6:/srv");
    expect_account("33", "33:34:34,50,6:/srv");
    /* A group of one's own leaves those of the account out. */
    expect_account("web:logs", "33:50:50:/srv");
    expect_account("web:7", "33:7:7:/srv");
    expect_account("33:34", "33:34:34:/srv");
    expect_account("1000:logs", "1000:50:50:/");
    expect_account("web:", "33:34:34,50,6:/srv");
    expect_account(":logs", "0:50:50:/root");
}

static void a_number_nobody_has_is_fine_and_a_name_is_not(void **state)
{
    (void)state;
    expect_account("1000", "1000:0:0:/");
    expect_account("1000:1001", "1000:1001:1001:/");
    expect_account("nobody", "unable to find user nobody: no matching entries "
                             "in passwd file");
    expect_account("web:nogroup", "unable to find group nogroup: no matching "
                                  "entries in group file");
}

static void ids_have_a_range(void **state)
{
    (void)state;
    static const char words[] = "uids and gids must be in range 0-2147483647";
    expect_account("2147483647", "2147483647:0:0:/");
    expect_account("2147483648", words);
    expect_account("-1", words);
    expect_account("0:2147483648", words);
    expect_account("99999999999999999999", words);
}

static void lines_that_make_no_sense_are_passed_over(void **state)
{
    (void)state;
    expect_account("broken", "unable to find user broken: no matching entries "
                             "in passwd file");
    expect_account("short", "unable to find user short: no matching entries in "
                            "passwd file");
    /* The file's last line need not end. */
    expect_account("last", "99:98:98,60:/last");
    /* A number is an id, also where an account has it for a name. */
    expect_account("77", "77:0:0:/");
}

static void home_is_the_accounts_unless_there_is_one(void **state)
{
    (void)state;
    const struct strv none = {0};
    expect_account("nohome", "44:44:44:/");
    auto_free char *said = resolve_with(&layers, "web", &none, "HOME=/mine");
    assert_string_equal(said, "33:34:34,50,6:/mine");
}

static void further_groups_are_added(void **state)
{
    (void)state;
    auto_strv struct strv extra = {0};
    strv_add(&extra, "logs");
    strv_add(&extra, "1234");
    strv_add(&extra, "50"); /* once is enough */
    auto_free char *said = resolve_with(&layers, "0:0", &extra, NULL);
    assert_string_equal(said, "0:0:0,50,1234:/root");
    strv_add(&extra, "nosuch");
    auto_free char *refused = resolve_with(&layers, "0:0", &extra, NULL);
    assert_string_equal(refused, "unable to find group nosuch: no matching "
                                 "entries in group file");
}

static void an_image_without_accounts_knows_numbers(void **state)
{
    (void)state;
    const struct strv none = {0};
    auto_free char *root = resolve_with(&none, NULL, &none, NULL);
    assert_string_equal(root, "0:0:0:/");
    auto_free char *name = resolve_with(&none, "web", &none, NULL);
    assert_true(text_starts(name, "unable to find user web"));
}

/* The image is a stranger's: its links end at its own root, and what is no
 * regular file is not read. */
static void nothing_outside_the_image_is_read(void **state)
{
    (void)state;
    auto_free char *evil = text_format("%s/evil", dir);
    auto_free char *etc = text_format("%s/etc", evil);
    auto_free char *passwd = text_format("%s/passwd", etc);
    auto_free char *secret = text_format("%s/up/etc/passwd", dir);
    assert_int_equal(mkdir(evil, 0755), 0);
    assert_int_equal(mkdir(etc, 0755), 0);
    assert_int_equal(symlink(secret, passwd), 0);
    auto_strv struct strv roots = {0};
    strv_add(&roots, evil);
    const struct strv none = {0};
    auto_free char *linked = resolve_with(&roots, "web", &none, NULL);
    assert_true(text_starts(linked, "unable to find user web"));
    assert_int_equal(unlink(passwd), 0);
    assert_int_equal(mkfifo(passwd, 0644), 0); /* reading it would wait */
    auto_free char *fifo = resolve_with(&roots, "web", &none, NULL);
    assert_true(text_starts(fifo, "unable to find user web"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dockers_forms_of_user),
        cmocka_unit_test(a_number_nobody_has_is_fine_and_a_name_is_not),
        cmocka_unit_test(ids_have_a_range),
        cmocka_unit_test(lines_that_make_no_sense_are_passed_over),
        cmocka_unit_test(home_is_the_accounts_unless_there_is_one),
        cmocka_unit_test(further_groups_are_added),
        cmocka_unit_test(an_image_without_accounts_knows_numbers),
        cmocka_unit_test(nothing_outside_the_image_is_read),
    };
    return cmocka_run_group_tests(tests, make_layers, remove_layers);
}
