/* The tables, the hints and the names of the tests. See course.h. */
#include "course.h"

#include "files.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "START_TEST("

/* --- one row of a table -----------------------------------------------------
 */

enum { ID, POINTS, LEVEL, MINUTES, TIER, NEEDS, FUNCTION, N_COLUMNS };

static int number_of(const char *word, int *ret, struct err *e)
{
    uint64_t n;
    if (text_to_u64(word, &n) < 0 || n > 1000)
        return err_set(e, EINVAL, "\"%s\" is no number up to 1000", word);
    *ret = (int)n;
    return 0;
}

/* The ids it needs must stand above it: so there is no cycle. */
static int read_needs(struct model_lab *lab, struct model_exercise *x,
                      const char *word, struct err *e)
{
    if (strcmp(word, "-") == 0)
        return 0;
    strv_split(&x->needs, word, ',');
    for (size_t i = 0; i < x->needs.n; i++)
        if (model_find(lab, x->needs.v[i]) == NULL)
            return err_set(e, EINVAL, "%s needs %s, which has no row above it",
                           x->id, x->needs.v[i]);
    return 0;
}

static int read_row(struct model_lab *lab, char *line, struct err *e)
{
    char *column[N_COLUMNS + 1] = {0}, *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(line, " \t", &rest);
         word != NULL && n <= N_COLUMNS; word = strtok_r(NULL, " \t", &rest))
        column[n++] = word;
    if (n == 0)
        return 0;
    if (n != N_COLUMNS)
        return err_set(e, EINVAL, "%zu columns, not %d", n, N_COLUMNS);
    struct model_exercise x = {0};
    int tier = model_tier_of(column[TIER]);
    if (tier < 0 || tier == MODEL_ROOT)
        return err_set(e, EINVAL, "\"%s\" is not plain, userns or kernel",
                       column[TIER]);
    x.tier = (enum model_tier)tier;
    snprintf(x.id, sizeof x.id, "%s", column[ID]);
    if (number_of(column[POINTS], &x.points, e) < 0 ||
        number_of(column[MINUTES], &x.minutes, e) < 0 ||
        read_needs(lab, &x, column[NEEDS], e) < 0) {
        strv_done(&x.needs);
        return -EINVAL;
    }
    x.level = own_strdup(column[LEVEL]);
    x.function = own_strdup(column[FUNCTION]);
    lab->exercises =
        own_grow(lab->exercises, (lab->n_exercises + 1) * sizeof x);
    lab->exercises[lab->n_exercises++] = x;
    return 0;
}

static int read_table(struct model_lab *lab, struct err *e)
{
    auto_text struct text text = {0};
    auto_free char *path = text_format("labs/%s/exercises", lab->name);
    int r = files_read(AT_FDCWD, path, &text, e);
    if (r < 0)
        return r;
    char *rest = text.s;
    for (int line = 1; rest != NULL; line++) {
        char *row = strsep(&rest, "\n");
        row[strcspn(row, "#")] = '\0';
        if (read_row(lab, row, e) < 0)
            return err_add(e, "%s:%d", path, line);
    }
    return 0;
}

/* --- checks and hints -------------------------------------------------------
 */

/* "lab_4_2_join_..." is one of "4.2". */
static struct model_exercise *exercise_of(struct model_lab *lab,
                                          const char *test)
{
    int chapter, number;
    char id[32];
    if (sscanf(test, "lab_%d_%d_", &chapter, &number) != 2)
        return NULL;
    snprintf(id, sizeof id, "%d.%d", chapter, number);
    return model_find(lab, id);
}

static void add_check(struct model_exercise *x, const char *program,
                      const char *name, size_t len)
{
    struct model_check check = {.program = own_strdup(program),
                                .name = text_format("%.*s", (int)len, name)};
    x->checks = own_grow(x->checks, (x->n_checks + 1) * sizeof check);
    x->checks[x->n_checks++] = check;
}

static int read_tests(struct model_lab *lab, const char *path, struct err *e)
{
    auto_text struct text source = {0};
    int r = files_read(AT_FDCWD, path, &source, e);
    if (r < 0)
        return r;
    text_add(&source, "");
    auto_free char *program = own_strdup(strrchr(path, '/') + 1);
    program[strlen(program) - 2] = '\0'; /* .c */
    for (const char *at = source.s; (at = strstr(at, MARK)) != NULL;) {
        at += strlen(MARK);
        at += strspn(at, " \n");
        struct model_exercise *x = exercise_of(lab, at);
        if (x != NULL)
            add_check(x, program, at,
                      strspn(at, "abcdefghijklmnopqrstuvwxyz"
                                 "_0123456789"));
    }
    return 0;
}

static int read_checks(struct model_lab *lab, struct err *e)
{
    auto_free char *pattern = text_format("chapters/%s/test_*.c", lab->name);
    glob_t found = {0};
    int r = 0;
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
            r = read_tests(lab, found.gl_pathv[i], e);
    globfree(&found);
    for (size_t i = 0; i < lab->n_exercises && r >= 0; i++)
        if (lab->exercises[i].n_checks == 0)
            r = err_set(e, EINVAL, "%s: exercise %s has no check", lab->name,
                        lab->exercises[i].id);
    return r;
}

/* The paragraph that begins "**Hint 1.**" in the section "## 4.2", on one line.
 */
static char *hint_of(const char *text, const char *id)
{
    auto_free char *heading = text_format("\n## %s ", id);
    auto_text struct text hint = {0};
    const char *section = strstr(text, heading);
    const char *next = section ? strstr(section + 1, "\n## ") : NULL;
    const char *at = section ? strstr(section, "**Hint") : NULL;
    if (at == NULL || (next != NULL && at > next))
        return own_strdup("");
    at = strstr(at + 2, "**");
    for (at = at ? at + 2 : ""; *at != '\0'; at++) {
        if (strncmp(at, "\n\n", 2) == 0 || strncmp(at, "\n**", 3) == 0)
            break;
        if (*at != '`')
            text_addn(&hint, *at == '\n' ? " " : at, 1);
    }
    text_trim(&hint);
    const char *from = hint.s ? hint.s : "";
    return own_strdup(from + strspn(from, " "));
}

static int read_hints(struct model_lab *lab, struct err *e)
{
    auto_text struct text text = {0};
    auto_free char *path = text_format("labs/%s/EXERCISES.md", lab->name);
    int r = files_read(AT_FDCWD, path, &text, e);
    if (r < 0)
        return r;
    text_add(&text, "");
    for (size_t i = 0; i < lab->n_exercises; i++)
        lab->exercises[i].hint = hint_of(text.s, lab->exercises[i].id);
    return 0;
}

/* --- all of them ------------------------------------------------------------
 */

static int add_lab(struct course *course, const char *name, struct err *e)
{
    course->labs =
        own_grow(course->labs, (course->n_labs + 1) * sizeof course->labs[0]);
    struct model_lab *lab = &course->labs[course->n_labs++];
    *lab = (struct model_lab){.name = own_strdup(name)};
    int r = read_table(lab, e);
    if (r >= 0)
        r = read_checks(lab, e);
    return r < 0 ? r : read_hints(lab, e);
}

/* Is lab NN-name the one that `word` means? */
static bool is_meant(const char *name, const char *word)
{
    size_t digits = strspn(name, "0123456789");
    return strcmp(name, word) == 0 ||
           (strlen(word) == digits && strncmp(name, word, digits) == 0);
}

static int choose(struct course *course, const glob_t *found, const char *word,
                  struct err *e)
{
    bool any = false;
    for (size_t i = 0; i < found->gl_pathc; i++) {
        auto_free char *name = own_strdup(found->gl_pathv[i] + strlen("labs/"));
        *strchr(name, '/') = '\0';
        if (word != NULL && !is_meant(name, word))
            continue;
        any = true;
        int r = add_lab(course, name, e);
        if (r < 0)
            return r;
    }
    return any ? 0 : err_set(e, ENOENT, "no lab %s", word ? word : "at all");
}

int course_read(struct course *course, const struct strv *chosen, struct err *e)
{
    glob_t found = {0};
    int r = glob("labs/[0-9]*/exercises", 0, NULL, &found);
    if (r != 0)
        r = err_set(e, ENOENT, "labs/*/exercises: no such file");
    else if (chosen->n == 0)
        r = choose(course, &found, NULL, e);
    for (size_t i = 0; i < chosen->n && r >= 0; i++)
        r = choose(course, &found, chosen->v[i], e);
    globfree(&found);
    return r;
}
