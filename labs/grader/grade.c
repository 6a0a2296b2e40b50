/*
 * grade - grades labs: builds a student's files into the chapters' tests, runs
 * each check in the highest tier that there is, and tells what came of it.
 *
 * Run as labs/grade, which builds it first. Reading order: model.h, course.h,
 * build.h, tier.h, inside.h, formats.h.
 */
#include "class.h"
#include "course.h"
#include "files.h"
#include "formats.h"
#include "inside.h"
#include "own.h"
#include "proc.h"
#include "tier.h"
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_LACKING = 1, EXIT_BROKEN = 2 };

static const char usage[] =
    "usage: labs/grade [OPTION]... [LAB]...\n"
    "\n"
    "Grades the files in labs/, or those of a submission: of all labs, or of\n"
    "those named (04, 04-cgroups).\n"
    "\n"
    "  --submission DIR  grade the files in DIR, DIR/NN-name, "
    "DIR/labs/NN-name\n"
    "  --reference       grade the chapters' own source\n"
    "  --tier TIER       plain, userns, kernel or root (the highest there is)\n"
    "  --format FORMAT   text, json, html, gradescope, classroom, autolab, "
    "tap,\n"
    "                    junit\n"
    "  --output FILE     write it there, anew after every check\n"
    "  --explain         show the evidence of every check\n"
    "  --no-trace        do not compare the calls of what failed: faster\n"
    "  --class DIR       grade each directory in DIR, in the kernel tier\n"
    "  --work DIR        where to build (build/grade)\n"
    "  -j N              so many labs, or submissions, at a time\n"
    "\n"
    "Exit status: 0 all points, 1 some are missing, 2 it could not be "
    "graded.\n";

static int complain(const struct err *e)
{
    fprintf(stderr, "grade: %s\n", e->msg);
    return EXIT_BROKEN;
}

/* A number of jobs, 1 to 64. */
static int read_jobs(const char *word, int *ret, struct err *e)
{
    uint64_t n;
    if (text_to_u64(word, &n) < 0 || n < 1 || n > 64)
        return err_set(e, EINVAL, "-j %s: a number from 1 to 64", word);
    *ret = (int)n;
    return 0;
}

static int read_tier(const char *word, struct work *work, struct err *e)
{
    int tier = model_tier_of(word);
    if (tier < 0)
        return err_set(e, EINVAL, "--tier %s: plain, userns, kernel or root",
                       word);
    work->tier = tier;
    return 0;
}

static int read_format(const char *word, struct work *work, struct err *e)
{
    work->format = formats_find(word);
    return work->format ? 0
                        : err_set(e, EINVAL, "--format %s: not known", word);
}

/* 0, or -errno; 1 if the usage was asked for. */
static int read_option(int option, struct work *work, struct err *e)
{
    switch (option) {
    case 's':
        work->submission = optarg;
        return 0;
    case 'r':
        work->submission = NULL;
        return 0;
    case 't':
        return read_tier(optarg, work, e);
    case 'f':
        return read_format(optarg, work, e);
    case 'o':
        work->output = optarg;
        return 0;
    case 'e':
        work->explain = true;
        return 0;
    case 'n':
        work->untraced = true;
        return 0;
    case 'c':
        work->class_of = optarg;
        return 0;
    case 'w':
        work->place = optarg;
        return 0;
    case 'j':
        return read_jobs(optarg, &work->jobs, e);
    case 'h':
        return 1;
    default:
        return err_set(e, EINVAL, "see labs/grade --help");
    }
}

static int read_options(int argc, char *argv[], struct work *work,
                        struct err *e)
{
    static const struct option options[] = {
        {"submission", required_argument, NULL, 's'},
        {"reference",  no_argument,       NULL, 'r'},
        {"tier",       required_argument, NULL, 't'},
        {"format",     required_argument, NULL, 'f'},
        {"output",     required_argument, NULL, 'o'},
        {"explain",    no_argument,       NULL, 'e'},
        {"no-trace",   no_argument,       NULL, 'n'},
        {"class",      required_argument, NULL, 'c'},
        {"work",       required_argument, NULL, 'w'},
        {"jobs",       required_argument, NULL, 'j'},
        {"help",       no_argument,       NULL, 'h'},
        {NULL,         0,                 NULL, 0  },
    };
    int option, r = 0;
    while (r == 0 &&
           (option = getopt_long(argc, argv, "j:h", options, NULL)) != -1)
        r = read_option(option, work, e);
    for (int i = optind; r == 0 && i < argc; i++)
        strv_add(&work->labs, argv[i]);
    return r;
}

int main(int argc, char *argv[])
{
    auto_work struct work work = {.submission = "labs",
                                  .place = "build/grade",
                                  .tier = -1,
                                  .format = formats_find("text"),
                                  .jobs = proc_processors()};
    struct err e = {0};
    if (argc > 2 && strcmp(argv[1], "--inside") == 0)
        return inside_main(argv[2], argv + 3);
    int r = read_options(argc, argv, &work, &e);
    if (r == 1)
        return printf("%s", usage) < 0 ? EXIT_BROKEN : EXIT_SUCCESS;
    if (r < 0)
        return complain(&e);
    if (work.class_of != NULL)
        return (r = class_grade(&work, &e)) < 0 ? complain(&e) : r;
    auto_course struct course course = {0};
    auto_text struct text text = {0};
    if (work_grade(&work, &course, &e) < 0)
        return complain(&e);
    work.format->write(&course, &text);
    if (work.output == NULL)
        fwrite(text.s, 1, text.len, stdout);
    struct model_score score = model_score(&course);
    return score.got == score.of ? EXIT_SUCCESS : EXIT_LACKING;
}
