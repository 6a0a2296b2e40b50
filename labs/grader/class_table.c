/* A row for each student, a line for each exercise. See class_table.h. */
#include "class_table.h"

#include "files.h"
#include "own.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

static const char *string(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* A name may hold anything: as RFC 4180 wants it. And a spreadsheet takes what
 * begins with one of these signs for a formula. */
static void csv_text(struct text *ret, const char *s)
{
    text_add(ret, "\"");
    if (strchr("=+-@", s[0]) != NULL && s[0] != '\0')
        text_add(ret, "'");
    for (; *s != '\0'; s++)
        text_addn(ret, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    text_add(ret, "\"");
}

/* --- one student ------------------------------------------------------------
 */

static void add_heading(const json_t *result, struct text *csv)
{
    size_t i;
    json_t *lab;
    text_add(csv, "student,points,of,provisional");
    printf("%-24s  points      ", "student");
    json_array_foreach(json_object_get(result, "labs"), i, lab)
    {
        text_addf(csv, ",%s", string(lab, "name"));
        printf("  %.2s", string(lab, "name"));
    }
    text_add(csv, ",sha256\n");
    printf("\n");
}

static void add_student(const char *name, const json_t *result,
                        struct text *csv)
{
    size_t i;
    json_t *lab;
    bool open = json_is_true(json_object_get(result, "provisional"));
    csv_text(csv, name);
    text_addf(csv, ",%d,%d,%s", number(result, "points"), number(result, "of"),
              open ? "yes" : "no");
    printf("%-24.60s  %4d of %4d%s", name, number(result, "points"),
           number(result, "of"), open ? "?" : " ");
    json_array_foreach(json_object_get(result, "labs"), i, lab)
    {
        text_addf(csv, ",%d", number(lab, "points"));
        printf(" %3d", number(lab, "points"));
    }
    text_addf(csv, ",%s\n", string(result, "sha256"));
    printf("\n");
}

/* --- one exercise -----------------------------------------------------------
 */

/* How the points of exercise `k` of lab `l` go with those of all others, over
 * all students: the correlation, -1 to 1. 0 where all have the same. */
static double discrimination(json_t *const results[], size_t n, size_t l,
                             size_t k)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (size_t i = 0; i < n; i++) {
        const json_t *lab =
            json_array_get(json_object_get(results[i], "labs"), l);
        const json_t *x = json_array_get(json_object_get(lab, "exercises"), k);
        double a = number(x, "points"), b = number(results[i], "points") - a;
        sx += a;
        sy += b;
        sxx += a * a;
        syy += b * b;
        sxy += a * b;
    }
    double spread = ((double)n * sxx - sx * sx) * ((double)n * syy - sy * sy);
    return spread > 0 ? ((double)n * sxy - sx * sy) / sqrt(spread) : 0;
}

static void print_exercise(json_t *const results[], size_t n, size_t l,
                           size_t k)
{
    size_t solved = 0;
    const json_t *x = NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *lab =
            json_array_get(json_object_get(results[i], "labs"), l);
        x = json_array_get(json_object_get(lab, "exercises"), k);
        solved += number(x, "points") == number(x, "of");
    }
    printf("%-5s  %-28s  %-6s  %4zu of %-4zu  %14.2f\n", string(x, "id"),
           string(x, "function"), string(x, "level"), solved, n,
           discrimination(results, n, l, k));
}

static void print_exercises(json_t *const results[], size_t n)
{
    size_t l, k;
    json_t *lab, *x;
    printf("\n%-5s  %-28s  %-6s  %-12s  discrimination\n", "", "exercise",
           "level", "solved by");
    json_array_foreach(json_object_get(results[0], "labs"), l, lab)
        json_array_foreach(json_object_get(lab, "exercises"), k, x)
            print_exercise(results, n, l, k);
}

/* ----------------------------------------------------------------------------
 */

static json_t *load(const struct work *work, const char *name)
{
    auto_free char *path = text_format("%s/%s/result.json", work->place, name);
    json_t *result = json_load_file(path, 0, NULL);
    if (result == NULL)
        printf("%-24.60s  no result\n", name);
    return result;
}

int class_table(const struct work *work, const struct strv *names,
                struct err *e)
{
    auto_free json_t **results = own_alloc((names->n + 1) * sizeof results[0]);
    auto_text struct text csv = {0};
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        json_t *result = load(work, names->v[i]);
        if (result == NULL)
            continue;
        if (n == 0)
            add_heading(result, &csv);
        add_student(names->v[i], result, &csv);
        results[n++] = result;
    }
    if (n > 0)
        print_exercises(results, n);
    for (size_t i = 0; i < n; i++)
        json_decref(results[i]);
    int r = n == names->n ? 0 : 1;
    if (work->output == NULL || n == 0)
        return r;
    int written = files_replace(AT_FDCWD, work->output, csv.s, csv.len, 0, e);
    return written < 0 ? written : r;
}
