/* The table of forms, what several of them say, and the one for a terminal. See
 * formats.h. */
#include "formats.h"

#include <string.h>

const struct format formats_all[] = {
    {"text",       "for people (the default)",              formats_text      },
    {"json",       "all there is, evidence too",            formats_json      },
    {"html",       "one page, for people",                  formats_html      },
    {"gradescope", "Gradescope's results.json",             formats_gradescope},
    {"classroom",  "GitHub Classroom's autograding result", formats_classroom },
    {"autolab",    "Autolab's last line",                   formats_autolab   },
    {"tap",        "TAP version 14",                        formats_tap       },
    {"junit",      "JUnit XML",                             formats_junit     },
    {NULL,         NULL,                                    NULL              },
};

const struct format *formats_find(const char *name)
{
    for (const struct format *f = formats_all; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

size_t formats_passed(const struct model_exercise *exercise)
{
    size_t n = 0;
    for (size_t i = 0; i < exercise->n_checks; i++)
        n += exercise->checks[i].verdict == MODEL_PASSED;
    return n;
}

void formats_escape(struct text *ret, const char *s)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        {'&', "&amp;" },
        {'<', "&lt;"  },
        {'>', "&gt;"  },
        {'"', "&quot;"}
    };
    for (; s != NULL && *s != '\0'; s++) {
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
            if (*s == entities[i].c)
                entity = entities[i].entity;
        if (entity != NULL)
            text_add(ret, entity);
        else
            text_addn(ret, (unsigned char)*s < ' ' && *s != '\n' ? " " : s, 1);
    }
}

/* What could not be, and why, or what failed; then what held. */
static void explain_check(const struct course *course,
                          const struct model_check *check, struct text *ret)
{
    if (check->verdict != MODEL_PASSED && check->verdict != MODEL_NOT_RUN)
        text_addf(ret, "%s: %s%s\n", check->name,
                  check->verdict == MODEL_CANNOT   ? "cannot run: "
                  : check->verdict == MODEL_GRADER ? "the grader: "
                                                   : "",
                  check->reason ? check->reason : "");
    else if (course->explain)
        text_addf(ret, "%s: %s, %.2f s\n", check->name,
                  model_verdict_name(check->verdict), check->seconds);
    if (check->verdict == MODEL_FAILED && check->difference &&
        check->difference[0] != '\0')
        text_addf(ret, "    trace: %s\n", check->difference);
    for (size_t i = 0; course->explain && i < check->evidence.n; i++)
        text_addf(ret, "    saw %s\n", check->evidence.v[i]);
}

void formats_explain(const struct course *course, const struct model_lab *lab,
                     const struct model_exercise *exercise, struct text *ret)
{
    enum model_verdict verdict = model_verdict(exercise);
    if (lab->broken != NULL) {
        text_addf(ret, "%s\n", lab->broken);
        return;
    }
    for (size_t i = 0; i < exercise->n_checks; i++)
        if (verdict != MODEL_WAITS || course->explain)
            explain_check(course, &exercise->checks[i], ret);
    if (verdict == MODEL_WAITS) {
        text_add(ret, "first:");
        for (size_t i = 0; i < exercise->needs.n; i++)
            text_addf(ret, " %s", exercise->needs.v[i]);
        text_add(ret, "\n");
    }
    if (verdict == MODEL_FAILED && exercise->hint && exercise->hint[0] != '\0')
        text_addf(ret, "hint: %s\n", exercise->hint);
}

/* --- for a terminal ---------------------------------------------------------
 */

static void indent(struct text *ret, const char *lines)
{
    while (lines != NULL && *lines != '\0') {
        int len = (int)strcspn(lines, "\n");
        text_addf(ret, "           %.*s\n", len, lines);
        lines += len + (lines[len] == '\n');
    }
}

static void write_exercise(const struct course *course,
                           const struct model_lab *lab,
                           const struct model_exercise *x, struct text *ret)
{
    auto_text struct text why = {0};
    struct model_score score = model_score_of(x);
    text_addf(ret, "  %-5s  %3d of %3d  %-10s  %-28s %zu of %zu checks\n",
              x->id, score.got, score.of,
              lab->broken ? "failed" : model_verdict_name(model_verdict(x)),
              x->function, formats_passed(x), x->n_checks);
    formats_explain(course, lab, x, &why);
    if (lab->broken == NULL)
        indent(ret, why.s);
}

void formats_text(const struct course *course, struct text *ret)
{
    for (size_t i = 0; i < course->n_labs; i++) {
        const struct model_lab *lab = &course->labs[i];
        struct model_score score = model_score_lab(lab);
        text_addf(ret, "lab %s: %d of %d points%s\n", lab->name, score.got,
                  score.of, score.provisional ? ", provisional" : "");
        if (lab->broken != NULL)
            text_addf(ret, "  %s\n", lab->broken);
        for (size_t k = 0; k < lab->n_exercises; k++)
            write_exercise(course, lab, &lab->exercises[k], ret);
    }
    struct model_score score = model_score(course);
    text_addf(ret, "%d of %d points", score.got, score.of);
    text_addf(ret, " (tier %s, %.1f s)\n", model_tier_name(course->tier),
              course->seconds);
    if (score.provisional)
        text_add(ret, "provisional: some checks cannot run in this tier; their "
                      "points are open\n");
}
