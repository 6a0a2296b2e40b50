/* The watchers of the door: each look of a trace is read back by jq, and each
 * word of a wish chooses what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fault.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NASTY                                                                  \
    "q\"b\\s\nt\t\x01"                                                         \
    "z\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3"
#define BROKEN "\xff\xc3(\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"

static int make_file(void **state)
{
    char name[] = "/tmp/unit_trace.XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        return -1;
    close(fd);
    *state = own_strdup(name);
    return 0;
}

static int remove_file(void **state)
{
    trace_close();
    int r = unlink(*state);
    free(*state);
    return r;
}

/* Trace one step with calls in it and one call outside. */
static void make_trace(const char *file, const char *words)
{
    auto_free char *wish = text_format("%s", words);
    char *place = strstr(wish, "FILE");
    auto_free char *full = text_format("%.*s%s%s", (int)(place - wish), wish,
                                       file, place + strlen("FILE"));
    struct err e;
    assert_int_equal(trace_open(full, &e), 0);
    assert_true(trace_is_on());
    trace_step_begin("reading", "00", "to say \"why\":\n" NASTY);
    sys_openat(AT_FDCWD, "/nowhere/" NASTY BROKEN, O_RDONLY | O_CLOEXEC, 0);
    sys_fsync(-1);
    trace_step_end(-EIO);
    sys_chdir("/");
    trace_close();
    assert_false(trace_is_on());
}

/* What jq, run with `options` and `program` on the file, prints. */
static char *ask_jq(const char *file, const char *options, const char *program)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execlp("jq", "jq", options, program, file, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    struct text out = {0};
    auto_free char *path = text_format("/proc/self/fd/%d", ends[0]);
    files_read(AT_FDCWD, path, &out, NULL);
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) == 127) {
        text_done(&out);
        skip();
    }
    assert_int_equal(status, 0);
    text_trim(&out);
    return text_take(&out);
}

static void jsonl_is_one_object_per_line(void **state)
{
    make_trace(*state, "jsonl:FILE");
    auto_free char *names = ask_jq(*state, "-rc", ".event + \":\" + .name");
    assert_string_equal(names,
                        "step:reading\ncall:openat\ncall:fsync\ncall:chdir");
    auto_free char *results = ask_jq(*state, "-c", "[.chapter,.result]");
    assert_string_equal(results,
                        "[\"00\",-5]\n[\"00\",-2]\n[\"00\",-9]\n[\"\",0]");
    auto_free char *times =
        ask_jq(*state, "-c", "select(.ts <= 0 or .us < 0 or .pid <= 0)");
    assert_string_equal(times, "");
}

static void strings_come_back_as_they_were(void **state)
{
    make_trace(*state, "jsonl:FILE");
    auto_free char *why = ask_jq(*state, "-r", "select(.why).why");
    assert_string_equal(why, "to say \"why\":\n" NASTY);
    auto_free char *path =
        ask_jq(*state, "-r", "select(.name == \"openat\").call.path");
    assert_true(text_starts(path, "/nowhere/" NASTY));
}

static void chrome_is_an_array_of_complete_events(void **state)
{
    make_trace(*state, "chrome:FILE");
    auto_free char *phases = ask_jq(*state, "-c", "[.[].ph]");
    assert_string_equal(phases, "[\"X\",\"X\",\"X\",\"X\",\"M\"]");
    auto_free char *nested =
        ask_jq(*state, "-c",
               ".[0] as $s | .[1:3] | all(.ts >= $s.ts and "
               ".ts + .dur <= $s.ts + $s.dur + 0.01 and .tid == $s.tid)");
    assert_string_equal(nested, "true");
    auto_free char *category = ask_jq(*state, "-r", ".[0,1].cat");
    assert_string_equal(category, "step,chapter 00\ncall");
}

static void text_names_arguments_and_errors(void **state)
{
    make_trace(*state, "text:FILE");
    auto_text struct text out = {0};
    files_read(AT_FDCWD, *state, &out, NULL);
    static const char *const parts[] = {
        "] 00 reading ",
        "FAILED: Input/output error\n",
        "openat(dirfd=AT_FDCWD, path=\"/nowhere/q\\\"b\\\\s\\nt\\u0009\\u0001z",
        "flags=O_CLOEXEC, mode=0) = -1 ENOENT ",
        "fsync(fd=-1) = -1 EBADF ",
        "chdir(path=\"/\") = 0 ",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(out.s, parts[i]) == NULL)
            fail_msg("no %s in\n%s", parts[i], out.s);
}

static void a_wish_chooses(void **state)
{
    static const struct {
        const char *wish, *names;
    } cases[] = {
        {"jsonl:FILE,all",         "reading openat fsync chdir"},
        {"steps,jsonl:FILE",       "reading"                   },
        {"jsonl:FILE,00",          "reading openat fsync"      },
        {"jsonl:FILE,04",          ""                          },
        {"jsonl:FILE,fsync",       "reading fsync"             },
        {"chdir,jsonl:FILE",       "chdir"                     },
        {"04,chdir,jsonl:FILE",    "chdir"                     },
        {"jsonl:FILE,fsync,chdir", "reading fsync chdir"       },
        {"jsonl:FILE,steps,chdir", "reading chdir"             },
        {"jsonl:FILE,steps,04",    ""                          },
        {"jsonl:FILE,steps,00",    "reading"                   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_trace(*state, cases[i].wish);
        auto_free char *names =
            ask_jq(*state, "-sr", "map(.name) | join(\" \")");
        assert_string_equal(names, cases[i].names);
    }
}

static void a_wrong_wish_is_refused(void **state)
{
    struct err e;
    assert_int_equal(trace_open(NULL, &e), 0);
    assert_int_equal(trace_open("", &e), 0);
    assert_false(trace_is_on());
    assert_int_equal(trace_open("xml", &e), -EINVAL);
    assert_string_equal(e.msg, "trace: \"xml\" is no format, chapter or call");
    auto_free char *wish = text_format("jsonl:%s,mounted", (char *)*state);
    assert_int_equal(trace_open(wish, &e), -EINVAL);
    assert_int_equal(trace_open("jsonl:/nowhere/x", &e), -ENOENT);
    assert_string_equal(e.msg,
                        "trace: open /nowhere/x: No such file or directory");
    assert_false(trace_is_on());
}

static void execve_is_told_before_it_happens(void **state)
{
    auto_free char *wish = text_format("jsonl:%s,execve", (char *)*state);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        auto_strv struct strv argv = {0};
        strv_split(&argv, "true,one two", ',');
        char *envp[] = {NULL};
        trace_open(wish, NULL);
        trace_step_begin("execve", "06", "the last word");
        sys_execve("/nowhere/true", argv.v, envp);
        sys_execve("/bin/true", argv.v, envp);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    auto_free char *told = ask_jq(*state, "-c", "[.call.path,.result]");
    assert_string_equal(told, "[\"/nowhere/true\",null]\n"
                              "[\"/nowhere/true\",-2]\n"
                              "[\"/bin/true\",null]");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(jsonl_is_one_object_per_line),
        TEST(strings_come_back_as_they_were),
        TEST(chrome_is_an_array_of_complete_events),
        TEST(text_names_arguments_and_errors),
        TEST(a_wish_chooses),
        TEST(a_wrong_wish_is_refused),
        TEST(execve_is_told_before_it_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
